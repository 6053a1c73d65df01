"""The page's engine in Node."""

import shutil
from contextlib import suppress
from pathlib import Path

from at_hand import missing
from mobilevos.engine import modes

HERE = Path(__file__).parent
PAGE = Path(modes.FILE).parent.parent / "web" / "engine"


def node() -> str:
    """The one on PATH or, of browsers' drivers, Playwright's own."""
    places: list[str | Path | None] = [None]
    with suppress(ImportError):
        import playwright

        places.append(Path(playwright.__file__).parent / "driver")
    found = next(filter(None, (shutil.which("node", path=place) for place in places)), None)
    return found or missing("there is no Node to run the page's engine in; install it, or the package playwright.")


def laid_out(folder: Path) -> Path:
    """A folder with a copy of the engine, the scripts that replay cases, and a note that they are modules."""
    shutil.copytree(PAGE, folder / "engine")
    for script in HERE.glob("*.mjs"):
        shutil.copy(script, folder)
    (folder / "package.json").write_text('{"type": "module"}')
    return folder


def replaying(folder: Path, vectors: Path) -> list[str]:
    """The command that prints the answers to some cases, one a line, in such a folder."""
    return [node(), str(folder / "replay.mjs"), str(vectors), str(modes.FILE)]
