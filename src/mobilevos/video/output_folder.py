"""The output folder of a track, which holds the results of one run."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from mobilevos.json_text import parse_json
from mobilevos.video.files import discard
from mobilevos.video.protection import Names, protect
from mobilevos.video.results import is_result, remove_results
from mobilevos.video.sink import Sink
from mobilevos.video.sinks import STATES

SUMMARY = "summary.json"
_OF_FRAMES = ("masks", "rgba")
"""Folders of PNG images that are named as frames; in others any name may be written."""


class OutputFolder:
    """What a run writes to a folder, and what an earlier one left there.

    Args:
        path: the folder, which need not exist yet.
        sinks: of this run.
        kinds: names in the folder of everything that any run may write, and whether that is folders within folders.
    """

    def __init__(self, path: Path, sinks: Iterable[Sink], kinds: Mapping[str, bool]) -> None:
        self.summary, self.states = path / SUMMARY, path / STATES
        any_kind = [path / kind for kind in kinds]
        self._nested = {path / kind for kind, nested in kinds.items() if nested}
        self._folders = [kind for kind in any_kind if not kind.suffix]
        sinks = list(sinks)
        written = {sink.path for sink in sinks}
        self._written_folders = {folder for sink in sinks if sink.path in self._folders for folder in sink.folders}
        files = [kind for kind in any_kind if kind.suffix]
        self._files = [self.summary, self.states, *(kind for kind in files if kind in written or self._named(kind))]

    def protect(self, inputs: Iterable[str | Path], names: Names) -> None:
        """Refuse to write over what a run reads.

        Args:
            inputs: see `mobilevos.video.protection.protect`.
            names: those of the PNG images.

        Raises:
            InputError: an output, or what is removed before it, is an input.
        """
        folders: list[tuple[Path, Names]] = []
        for folder in self._written_folders:
            folders.append((folder, names if folder.name in _OF_FRAMES else lambda name: True))
        folders += [(folder, lambda name: False) for folder in self._folders if folder not in self._written_folders]
        deeper = [path for folder in self._nested for path in folder.rglob("*.png") if is_result(path)]
        protect(inputs, files=[*self._files, *deeper], folders=folders)

    def clear(self) -> None:
        """Remove what an earlier run wrote: it would pass for this run's result."""
        for file in self._files:
            discard(file)
        for folder in self._folders:
            remove_results(folder, within=folder in self._nested)
            with suppress(OSError):  # only an empty one can be removed
                folder.rmdir()

    def _named(self, path: Path) -> bool:
        """Whether the summary of an earlier run names an output."""
        try:
            outputs = parse_json(self.summary.read_text())["outputs"].values()
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return False
        return path.name in {Path(str(output)).name for output in outputs}
