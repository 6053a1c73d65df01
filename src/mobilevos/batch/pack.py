"""Results that have a file for each frame, as one archive: a million videos would be more files than disks take."""

from collections.abc import Iterable
from pathlib import Path
from shutil import rmtree
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from mobilevos.video.files import atomic


def pack(folder: Path) -> Path:
    """Make ``NAME.zip`` of a folder ``NAME``, stored and the same bytes each time, in its place.

    Raises:
        OutputError: it cannot be written.
    """
    target = folder.with_name(f"{folder.name}.zip")
    with atomic(target) as part, ZipFile(part, "w", ZIP_STORED) as archive:
        for path in _files(folder):
            entry = ZipInfo(path.relative_to(folder).as_posix())
            entry.file_size = path.stat().st_size
            with path.open("rb") as file, archive.open(entry, "w") as member:
                while block := file.read(1 << 20):
                    member.write(block)
    rmtree(folder)
    return target


def _files(folder: Path) -> Iterable[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != ".mobilevos-results")
