"""The output folder of a track, which holds the results of one run."""

import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from mobilevos.video.files import discard
from mobilevos.video.protection import Names, protect
from mobilevos.video.results import remove_results
from mobilevos.video.sink import Sink
from mobilevos.video.sinks import STATES

SUMMARY = "summary.json"


class OutputFolder:
    """What a run writes to a folder, and what an earlier one left there.

    Args:
        path: the folder, which need not exist yet.
        sinks: of this run.
        kinds: names in the folder of everything that any run may write.
    """

    def __init__(self, path: Path, sinks: Iterable[Sink], kinds: Iterable[str]) -> None:
        self.summary, self.states = path / SUMMARY, path / STATES
        any_kind = [path / kind for kind in kinds]
        self._folders = [kind for kind in any_kind if not kind.suffix]
        written = {sink.path for sink in sinks}
        self._written_folders = written & set(self._folders)
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
        written = self._written_folders
        folders = [(folder, names if folder in written else lambda name: False) for folder in self._folders]
        protect(inputs, files=self._files, folders=folders)

    def clear(self) -> None:
        """Remove what an earlier run wrote: it would pass for this run's result."""
        for file in self._files:
            discard(file)
        for folder in self._folders:
            remove_results(folder)
            with suppress(OSError):  # only an empty one can be removed
                folder.rmdir()

    def _named(self, path: Path) -> bool:
        """Whether the summary of an earlier run names an output."""
        try:
            outputs = json.loads(self.summary.read_text())["outputs"].values()
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return False
        return path.name in {Path(str(output)).name for output in outputs}
