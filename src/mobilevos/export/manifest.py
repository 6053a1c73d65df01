"""What a folder of exported graphs says of itself, in ``model.json``; hosts in any language read it."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from mobilevos.errors import InputError, ModelNotFound
from mobilevos.modes import LARGEST, MODES, SMALLEST, size_of
from mobilevos.region import STRIDE

FILE = "model.json"


@dataclass(frozen=True)
class View:
    """What is fixed in an export: the size at which the network sees every frame, and the number of objects."""

    height: int
    width: int
    objects: int = 1

    @property
    def grid(self) -> tuple[int, int]:
        """(height, width) of masks."""
        return self.height // 4, self.width // 4


@dataclass(frozen=True)
class Signature:
    """Names and shapes of a graph's inputs and outputs, in order."""

    inputs: dict[str, list[int]]
    outputs: dict[str, list[int]]


@dataclass(frozen=True)
class Manifest:
    """An exported model.

    Attributes:
        model: name of the network.
        target: runtime that the graphs are for, a name from `mobilevos.export.targets.TARGETS`.
        precision: fp32, fp16 or int8.
        view: what is fixed.
        steps: the graphs, by name.
    """

    model: str
    target: str
    precision: str
    view: View
    steps: dict[str, Signature]

    def save(self, folder: Path) -> None:
        """Write ``model.json``."""
        (folder / FILE).write_text(json.dumps(asdict(self), indent=2) + "\n")

    @classmethod
    def load(cls, folder: Path) -> "Manifest":
        """Read ``model.json``.

        Raises:
            ModelNotFound: missing or damaged.
        """
        try:
            fields = json.loads((folder / FILE).read_text())
            steps = {name: Signature(**signature) for name, signature in fields.pop("steps").items()}
            return cls(**{**fields, "view": View(**fields["view"]), "steps": steps})
        except FileNotFoundError as error:
            raise ModelNotFound(f"{folder} has no {FILE}; give a folder that `mobilevos export --to` made.") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelNotFound(f"{folder / FILE} is damaged ({type(error).__name__}); export again.") from error


def parse_size(text: str) -> tuple[int, int]:
    """(height, width) of ``HxW``, of ``S`` (S x S) or of a mode's name.

    Raises:
        InputError: anything else, or sides that are no multiples of 16 between 64 and 2048.
    """
    if text in MODES:
        return (size_of(text),) * 2
    parts = text.lower().split("x")
    if len(parts) > 2 or not all(part.isdecimal() for part in parts):
        raise InputError(f"The size {text!r} is not understood; give HEIGHTxWIDTH such as 384x672, a side, or a mode.")
    height, width = int(parts[0]), int(parts[-1])
    if any(side % STRIDE or not SMALLEST <= side <= LARGEST for side in (height, width)):
        raise InputError(
            f"The size is {height}x{width}; both sides must be multiples of {STRIDE} from {SMALLEST} to {LARGEST}."
        )
    return height, width
