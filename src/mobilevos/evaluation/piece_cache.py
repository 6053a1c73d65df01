"""Scores of pieces kept in a file, so that nothing is evaluated twice."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from ..errors import InputError
from ..json_text import parse_json
from ..video.files import atomic
from .scores import Score


def fingerprint(files: Iterable[Path]) -> str:
    """Twelve hexadecimal digits that change with the content of any of the files.

    Raises:
        InputError: a file cannot be read.
    """
    digest = hashlib.sha256()
    try:
        for path in files:
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    except OSError as error:
        raise InputError(f"{error.filename} cannot be read: {error.strerror}.") from error
    return digest.hexdigest()[:12]


class PieceCache:
    """A JSON file of ``{key: {"J", "F"}}``; every score is in it as soon as it is known.

    Args:
        path: the file; is made with the first score.

    Raises:
        InputError: the file is there, but is none of ours.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._scores = self._read()

    def get(self, key: str) -> Score | None:
        """The score kept under a key, if there is one."""
        return self._scores.get(key)

    def put(self, key: str, score: Score) -> None:
        """Keep a score.

        Raises:
            OutputError: the file cannot be written.
        """
        self._scores = self._read() | self._scores | {key: score}  # another process may have added to it
        with atomic(self._path) as part:
            part.write_text(json.dumps({key: vars(score) for key, score in self._scores.items()}, indent=0) + "\n")

    def _read(self) -> dict[str, Score]:
        if not self._path.exists():
            return {}
        try:
            stored = parse_json(self._path.read_text(encoding="utf-8"))
            return {key: Score(float(score["J"]), float(score["F"])) for key, score in stored.items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(f"{self._path} is no file of piece scores; give another one, or delete it.") from error
