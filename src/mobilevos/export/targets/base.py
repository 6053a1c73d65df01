"""What the runtimes that get fixed-shape graphs have in common."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from mobilevos.engine.runtime import Float
from mobilevos.runtimes.fixed.files import Files

if TYPE_CHECKING:
    from mobilevos.export.steps import Step

Samples = Sequence[Sequence[Float]]
"""Inputs of one step, as they come while real clips are followed; for the calibration of int8."""
FLOAT_PARTS = ("key", "logits")
"""Convolutions whose results decide rather than inform, by the attributes that hold them: int8 stays away from them."""


class Target(Files, Protocol):
    """One runtime: how a step becomes one of its files.

    Attributes:
        precisions: what it can do.
        converter: modules that conversion needs, by the name to import, and their packages, which the extra
            ``export-NAME`` of this package brings along.
        most_objects: that one graph can hold; None for any number.
    """

    @property
    def precisions(self) -> tuple[str, ...]: ...
    @property
    def converter(self) -> Mapping[str, str]: ...
    @property
    def most_objects(self) -> int | None: ...

    def convert(self, step: "Step", path: Path, precision: str, samples: Samples) -> None:
        """Write a step to ``path``, which ends in ``suffix``; files beside it have its stem."""
        ...
