"""What is to be done with every video of a batch."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from mobilevos import __version__
from mobilevos.errors import InputError
from mobilevos.json_text import parse_json
from mobilevos.segment import MaskTracker
from mobilevos.weights.store import model_folder


@dataclass(frozen=True)
class Options:
    """What the results depend on, beside the jobs; the same for all runs into one folder.

    Attributes:
        outputs: names of formats.
        model, runtime, threads, mode, size: see `mobilevos.Tracker`.
        strict: see `mobilevos.segment.segment`.
        loose: leave what has a file for each frame as a folder, rather than make it one archive.
    """

    outputs: tuple[str, ...] = ("rle",)
    model: str = "lite0"
    runtime: str = "auto"
    threads: int = 1
    mode: str = "best"
    size: int | None = None
    strict: bool = False
    loose: bool = False

    def to_dict(self) -> dict[str, Any]:
        """With what the model is and the version, as ``batch.json`` has it."""
        return {**asdict(self), "outputs": list(self.outputs), "model_hash": _hash(self.model), "version": __version__}


MakeTracker = Callable[[Options], MaskTracker]


def load_tracker(options: Options) -> MaskTracker:
    """The tracker of a worker, for all its jobs."""
    from mobilevos.tracker import Tracker

    return Tracker(options.model, options.runtime, options.threads, options.size, mode=options.mode)


def check_same(known: str | None, options: dict[str, Any], where: str) -> None:
    """Refuse to add to results that were made otherwise.

    Args:
        known: text of ``batch.json``, if it is there.
        options: see `Options.to_dict`.
        where: the folder, for messages.

    Raises:
        InputError: an option differs.
    """
    if known is None:
        return
    try:
        before = dict(parse_json(known))
    except (ValueError, TypeError) as error:
        raise InputError(f"The batch.json in {where} is damaged; choose another output folder.") from error
    differ = [key for key in options if before.get(key) != options[key]]
    if differ:
        changes = ", ".join(f"{key} {_shown(before.get(key))} and not {_shown(options[key])}" for key in differ)
        raise InputError(f"The results in {where} were made with {changes}; choose another output folder.")


def _shown(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _hash(model: str) -> str:
    """Of all files of a model; a file of its own is a model, too."""
    path = Path(model) if model.endswith(".safetensors") else model_folder(model)
    found = sha256()
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if file.is_file():
            found.update(file.name.encode() + b"\0" + file.read_bytes())
    return found.hexdigest()[:16]
