"""Lists of clips, as benchmarks have them in ``ImageSets``."""

from pathlib import Path

from mobilevos.errors import InputError


def names_in(path: Path) -> list[str]:
    """The clips that a text file lists, each once: one name, or one pair of frames' paths, a line.

    Raises:
        InputError: it is no text in UTF-8.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read as a list of sequences.") from error
    entries = [line.split()[0] for line in lines if line.strip()]
    return list(dict.fromkeys(Path(entry).parent.name if "/" in entry else entry for entry in entries))
