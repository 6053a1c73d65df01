"""A peer seen from the benchmark: a process of its own that answers one request at a time."""

import os
import pickle
import subprocess
import sys
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from mobilevos.benchmark.peers.registry import Entry
from mobilevos.errors import InputError, RuntimeUnavailable


class Peer:
    """Starts the process and builds the system in it. Use it in a ``with`` block, which ends the process.

    Raises (also from its methods):
        RuntimeUnavailable: a package that the system's code imports is not installed.
        InputError: its code fails.
    """

    def __init__(self, entry: Entry, threads: int | None = None) -> None:
        self.name = entry.name
        self._entry = entry
        arguments = [entry.adapter, str(entry.path), str(threads or "")]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "mobilevos.benchmark.peers.worker", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "CUDA_VISIBLE_DEVICES": ""},
        )
        try:
            built = self._reply()
        except BaseException:
            self.close()
            raise
        self.parameters_m: float = built["parameters_m"]
        self.input_size: tuple[int, int] | None = built["input_size"]
        """(height, width), where the system fixes it."""

    def start(
        self, mask: NDArray[np.uint8], first: NDArray[np.uint8], second: NDArray[np.uint8], third: NDArray[np.uint8]
    ) -> float | None:
        """Give the mask (H, W) of the first of three frames (H, W, 3), and run the other two untimed, to warm up.

        Returns:
            Multiply-accumulate operations of the third frame, in thousand millions; None if the system is not PyTorch.
        """
        self._ask("first", first, mask)
        self._ask("step", second)
        return self._ask("count", third)["gmacs"]

    def step(self, frame: NDArray[np.uint8]) -> float:
        """Milliseconds for the next frame (H, W, 3)."""
        return self._ask("step", frame)["ms"]

    def peak_mb(self) -> float | None:
        """Largest resident memory of the peer's process so far, MiB."""
        return self._ask("peak")["peak_mb"]

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
        if "failure" in reply:
            raise InputError(f"{self.name} from {self._entry.path} does not run: {reply['failure']}.")
        return reply
