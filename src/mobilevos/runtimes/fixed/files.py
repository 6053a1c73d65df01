"""What runtimes of fixed-shape graphs have in common: each opens a file as a function of arrays."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from mobilevos.engine.runtime import Float
from mobilevos.runtimes.fixed.manifest import Signature

Graph = Callable[[Sequence[Float]], Sequence[Float]]
"""One step: contiguous float32 arrays in the order of its signature in, outputs in order out."""


class Files(Protocol):
    """The files of one runtime.

    Attributes:
        runner: modules that running needs, by the name to import, and their packages.
        suffix: of the files.
    """

    @property
    def runner(self) -> Mapping[str, str]: ...
    @property
    def suffix(self) -> str: ...

    def open(self, path: Path, signature: Signature, threads: int) -> Graph:
        """Load a file that ``mobilevos export`` wrote.

        Raises:
            RuntimeUnavailable: this machine cannot run it.
        """
        ...
