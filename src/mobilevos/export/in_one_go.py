"""Model folders whose files come all together or not at all."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mobilevos.errors import OutputError
from mobilevos.video.files import discard, make_folder
from mobilevos.weights.store import DESCRIPTION

_PART = ".part"


@contextmanager
def in_one_go(folder: Path) -> Iterator[Path]:
    """Yield a temporary folder whose files move to ``folder`` when the block ends; none do if it raises.

    A model without its description is none: it goes first and comes last, so that a kill in between leaves no mixture
    that passes for a model.

    Raises:
        OutputError: the folder cannot be written.
    """
    part = make_folder(folder) / _PART
    try:
        shutil.rmtree(part, ignore_errors=True)  # of a run that was killed
        part.mkdir()
        yield part
        if (part / DESCRIPTION).exists():
            discard(folder / DESCRIPTION)
        for path in sorted(part.iterdir(), key=lambda path: path.name == DESCRIPTION):
            final = folder / path.name
            if final.is_dir():  # Core ML's packages are folders
                shutil.rmtree(final)
            path.replace(final)
    except OSError as error:
        raise OutputError(f"The model cannot be written to {folder}: {error.strerror}.") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
