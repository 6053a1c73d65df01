"""The process of one peer: ``python -m mobilevos.benchmark.peers.worker MODULE:CLASS PATH THREADS``.

It answers each request, a pickled tuple on standard input, with a pickled dictionary on standard output. The parent
made both ends, so nothing foreign is unpickled.
"""

import importlib
import os
import pickle
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from mobilevos.benchmark.macs import counted
from mobilevos.benchmark.peers.protocol import Adapter
from mobilevos.benchmark.process_memory import peak_mb


def main(adapter: str, path: str, threads: str) -> None:
    """Build the adapter, say so, and serve until standard input ends."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what the authors' code prints must not get between the replies

    def reply(answer: dict[str, Any]) -> None:
        pickle.dump(answer, replies)
        replies.flush()

    try:
        module, _, name = adapter.partition(":")
        peer: Adapter = getattr(importlib.import_module(module), name)(Path(path), int(threads) if threads else None)
        reply({"parameters_m": peer.parameters_m, "input_size": peer.input_size})
        while True:
            try:
                request = pickle.load(sys.stdin.buffer)
            except EOFError:
                return
            reply(_answer(peer, *request))
    except ModuleNotFoundError as error:
        reply({"missing": error.name})
    except Exception as error:  # whatever the authors' code raises, the parent tells the user
        reply({"failure": f"{type(error).__name__}: {' '.join(str(error).split()).rstrip('.')}"})


def _answer(peer: Adapter, request: str, *arrays: np.ndarray) -> dict[str, Any]:
    match request:
        case "first":
            peer.first(*arrays)
            return {}
        case "step":
            begin = perf_counter()
            peer.step(*arrays)
            return {"ms": 1000 * (perf_counter() - begin)}
        case "count":
            labels, gmacs = counted(lambda: np.asarray(peer.step(*arrays)))
            if labels.shape != arrays[0].shape[:2]:
                raise ValueError(f"step returned the shape {labels.shape} for a frame {arrays[0].shape}")
            return {"gmacs": gmacs}
        case _:
            return {"peak_mb": peak_mb()}


if __name__ == "__main__":
    main(*sys.argv[1:])
