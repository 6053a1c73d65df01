"""The process of one contestant: ``python -m mobilevos.benchmark.worker``.

It answers each request, a pickled tuple on standard input, with a pickled dictionary on standard output; the first
request names the adapter, ``module:Class``, and its arguments. The parent made both ends, so nothing foreign is
unpickled.
"""

import importlib
import os
import pickle
import sys
from collections.abc import Iterator
from time import perf_counter
from typing import Any

import numpy as np

from mobilevos.benchmark.macs import counted
from mobilevos.benchmark.process_memory import peak_mb, resident_mb
from mobilevos.errors import MobileVOSError


def main() -> None:
    """Build the adapter, say so, and serve until standard input ends."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what foreign code prints must not get between the replies

    def reply(answer: dict[str, Any]) -> None:
        pickle.dump(answer, replies)
        replies.flush()

    requests = _requests()
    try:
        adapter, arguments = next(requests)
        module, _, name = adapter.partition(":")
        contestant = getattr(importlib.import_module(module), name)(**arguments)
        reply({"parameters_m": contestant.parameters_m})
        for request in requests:
            reply(_answer(contestant, *request))
    except ModuleNotFoundError as error:
        reply({"missing": error.name})
    except MobileVOSError as error:
        reply({"mistake": str(error)})
    except Exception as error:  # whatever foreign code raises, the parent tells the user
        reply({"failure": f"{type(error).__name__}: {' '.join(str(error).split()).rstrip('.')}"})


def _requests() -> Iterator[Any]:
    while True:
        try:
            yield pickle.load(sys.stdin.buffer)
        except EOFError:
            return


def _answer(contestant: Any, request: str, *arguments: Any) -> dict[str, Any]:
    match request:
        case "first":
            contestant.first(*arguments)
            return {}
        case "step":
            begin = perf_counter()
            contestant.step(*arguments)
            ms = 1000 * (perf_counter() - begin)
            return {"ms": ms, "resident_mb": resident_mb(), "peak_mb": peak_mb()}
        case "count":
            labels, gmacs = counted(lambda: np.asarray(contestant.step(*arguments)))
            if labels.shape != arguments[0].shape[:2]:
                raise ValueError(f"step returned the shape {labels.shape} for a frame {arguments[0].shape}")
            return {"gmacs": gmacs}
        case "input_size":
            return {"input_size": contestant.input_size}
        case _:
            return {"fps": contestant.play(*arguments)}


if __name__ == "__main__":
    main()
