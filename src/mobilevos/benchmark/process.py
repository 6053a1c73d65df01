"""A contestant seen from the benchmark: a process of its own that answers one request at a time."""

import os
import pickle
import subprocess
import sys
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from mobilevos.errors import InputError, RuntimeUnavailable


@dataclass(frozen=True)
class Step:
    """One frame."""

    ms: float
    """Time inside the process: the pipe costs nothing."""
    resident_mb: float | None
    """Memory after it, MiB."""
    peak_mb: float | None
    """Largest so far, MiB."""


class Process:
    """Starts a process and builds a system in it. Use it in a ``with`` block, which ends the process.

    Args:
        name: of the contestant, for messages.
        adapter: ``module:Class`` of an ``Adapter``.
        arguments: what the class is called with.

    Raises (also from its methods):
        RuntimeUnavailable: a package that the system's code imports is not installed.
        InputError: its code fails.
    """

    def __init__(self, name: str, adapter: str, arguments: dict[str, Any]) -> None:
        self.name = name
        self._origin = f" from {arguments['path']}" if "path" in arguments else ""
        threads = arguments.get("threads")
        limits = {"OMP_NUM_THREADS": str(threads)} if threads else {}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "mobilevos.benchmark.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **limits, "CUDA_VISIBLE_DEVICES": ""},
        )
        try:
            self.parameters_m: float = self._ask(adapter, arguments)["parameters_m"]
        except BaseException:
            self.close()
            raise

    def first(self, frame: NDArray[np.uint8], mask: NDArray[np.uint8]) -> None:
        """Begin with a frame (H, W, 3) and the label map (H, W) of its objects."""
        self._ask("first", frame, mask)

    def step(self, frame: NDArray[np.uint8]) -> Step:
        """Run the next frame (H, W, 3)."""
        return Step(**self._ask("step", frame))

    def count(self, frame: NDArray[np.uint8]) -> float | None:
        """Run the next frame (H, W, 3) and check the shape of the answer.

        Returns:
            Its multiply-accumulate operations in thousand millions; None if the system is not PyTorch.
        """
        return self._ask("count", frame)["gmacs"]

    def input_size(self) -> tuple[int, int] | None:
        """(height, width) that the network sees; None if it is the frame's."""
        return self._ask("input_size")["input_size"]

    def play(self, *arguments: Any) -> float:
        """Frames per second of ``Ours.play``."""
        return self._ask("play", *arguments)["fps"]

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, *request: Any) -> dict[str, Any]:
        assert self._process.stdin
        try:
            pickle.dump(request, self._process.stdin)
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # the reply says why
        return self._reply()

    def _reply(self) -> dict[str, Any]:
        assert self._process.stdout
        try:
            reply = pickle.load(self._process.stdout)
        except EOFError:
            raise InputError(
                f"The process of {self.name} ended with status {self._process.wait()}; "
                "a negative one is a signal, and -9 most often means that memory ran out."
            ) from None
        if "missing" in reply:
            raise RuntimeUnavailable(f"{self.name} needs the module {reply['missing']}; install it to measure.")
        if "mistake" in reply:
            raise InputError(reply["mistake"])
        if "failure" in reply:
            raise InputError(f"{self.name}{self._origin} does not run: {reply['failure']}.")
        return reply
