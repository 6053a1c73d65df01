"""What a folder of exported graphs says of itself, in ``model.json``; hosts in any language read it."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from mobilevos.errors import ModelNotFound
from mobilevos.json_text import parse_json
from mobilevos.weights.store import MANIFEST


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
        target: runtime that the graphs are for, a name from `mobilevos.runtimes.fixed.loading.GRAPHS`.
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
        (folder / MANIFEST).write_text(json.dumps(asdict(self), indent=2) + "\n")

    @classmethod
    def load(cls, folder: Path) -> "Manifest":
        """Read ``model.json``.

        Raises:
            ModelNotFound: missing or damaged.
        """
        try:
            fields = parse_json((folder / MANIFEST).read_text())
            steps = {name: Signature(**signature) for name, signature in fields.pop("steps").items()}
            return cls(**{**fields, "view": View(**fields["view"]), "steps": steps})
        except FileNotFoundError as error:
            raise ModelNotFound(
                f"{folder} has no {MANIFEST}; give a folder that `mobilevos export --to` made."
            ) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelNotFound(f"{folder / MANIFEST} is damaged ({type(error).__name__}); export again.") from error
