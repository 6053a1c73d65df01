"""Where the results of a batch are kept: a job's folder is there whole, or not at all."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from threading import get_ident
from typing import Any, Protocol

from mobilevos.batch.names import owned, sweep
from mobilevos.batch.shards import key_of
from mobilevos.json_text import parse_json
from mobilevos.video.files import make_folder, output_error
from mobilevos.video.output_folder import SUMMARY

OPTIONS = "batch.json"
PARTS = ".parts"
MANIFESTS = "manifest"
JOBS = "jobs"


def job_folder(job_id: str) -> str:
    """``jobs/ab/ID``, relative to the results; the level of hashes keeps folders and prefixes small."""
    return f"{JOBS}/{key_of(job_id) >> 56:02x}/{job_id}"


class Store(Protocol):
    """Results on disk or elsewhere. Every method raises `OutputError` where it cannot write."""

    @property
    def name(self) -> str:
        """For messages."""

    def options(self) -> str | None:
        """Text of ``batch.json``, if it is there."""

    def keep_options(self, text: str) -> None:
        """Write it."""

    def summary(self, job_id: str) -> dict[str, Any] | None:
        """The summary of a job whose results are there."""

    def part(self, job_id: str) -> Path:
        """An empty folder of this process for results in the making."""

    def publish(self, job_id: str, part: Path) -> None:
        """Make a finished part the job's results, unless somebody was quicker; the part is gone then."""

    def drop(self, job_id: str, worker: str) -> None:
        """Remove what a worker that is gone (``HOST.PID``) had in the making."""

    def manifests(self) -> Iterator[bytes]:
        """Lines of all manifests, damaged ones too."""

    def append(self, name: str, line: str) -> None:
        """Add a line to a manifest of this process; it is kept even if the power fails."""

    def flush(self) -> None:
        """Write what `append` still holds back, where each writing costs much."""

    def file(self, job_id: str, name: str) -> bytes | None:
        """Content of a job's file, if it is there."""

    def sweep(self) -> None:
        """Remove what is left of processes that are gone."""


class LocalStore:
    """Results in a folder, which several machines may share.

    Args:
        root: the folder; made when something is written.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self.name = str(root)

    def options(self) -> str | None:
        try:
            return (self._root / OPTIONS).read_text()
        except OSError:
            return None

    def keep_options(self, text: str) -> None:
        make_folder(self._root)
        folder = self.part(f"{OPTIONS}.{get_ident()}")  # of this thread: runs that start together all write it
        try:
            (folder / OPTIONS).write_text(text)
            (folder / OPTIONS).replace(self._root / OPTIONS)
        except OSError as error:
            raise output_error(self._root / OPTIONS, error) from error
        finally:
            rmtree(folder, ignore_errors=True)

    def summary(self, job_id: str) -> dict[str, Any] | None:
        return parsed(self.file(job_id, SUMMARY))

    def part(self, job_id: str) -> Path:
        path = make_folder(self._root / PARTS) / owned(job_id)
        rmtree(path, ignore_errors=True)
        return make_folder(path)

    def publish(self, job_id: str, part: Path) -> None:
        target = self._root / job_folder(job_id)
        make_folder(target.parent)
        try:
            os.rename(part, target)
        except OSError as error:
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY, errno.EACCES) or not target.exists():
                raise output_error(target, error) from error
            self._replace(job_id, target, part)

    def _replace(self, job_id: str, target: Path, part: Path) -> None:
        """Results that are there stay, but for truncated ones, or a folder that is none of ours."""
        before, now = self.summary(job_id), parsed((part / SUMMARY).read_bytes())
        if before is not None and (not before.get("truncated") or (now or {}).get("truncated")):
            rmtree(part, ignore_errors=True)
            return
        with self._aside(job_id) as aside:
            with suppress(FileNotFoundError):
                os.rename(target, aside)
            try:
                os.rename(part, target)
            except OSError:
                rmtree(part, ignore_errors=True)  # somebody was quicker after all
                if not target.exists():
                    raise

    @contextmanager
    def _aside(self, job_id: str) -> Iterator[Path]:
        path = self._root / PARTS / owned(f"{job_id}.before")
        rmtree(path, ignore_errors=True)
        try:
            yield path
        finally:
            rmtree(path, ignore_errors=True)

    def drop(self, job_id: str, worker: str) -> None:
        rmtree(self._root / PARTS / f"{job_id}.{worker}", ignore_errors=True)

    def manifests(self) -> Iterator[bytes]:
        for path in sorted((self._root / MANIFESTS).glob("*.jsonl")):
            with suppress(OSError), path.open("rb") as file:
                yield from file

    def append(self, name: str, line: str) -> None:
        path = make_folder(self._root / MANIFESTS) / f"{name}.jsonl"
        try:
            with path.open("ab+") as file:
                if file.tell():
                    file.seek(-1, os.SEEK_END)
                    line = line if file.read(1) == b"\n" else f"\n{line}"  # one that a failing disk cut off
                file.write(f"{line}\n".encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise output_error(path, error) from error

    def flush(self) -> None:
        """Nothing is held back."""

    def file(self, job_id: str, name: str) -> bytes | None:
        try:
            return (self._root / job_folder(job_id) / name).read_bytes()
        except OSError:
            return None

    def sweep(self) -> None:
        with suppress(OSError):
            sweep((self._root / PARTS).iterdir())
        with suppress(OSError):  # only an empty one can be removed
            (self._root / PARTS).rmdir()


def parsed(text: bytes | None) -> dict[str, Any] | None:
    """A JSON object, if it is one."""
    try:
        known = None if text is None else parse_json(text)
    except ValueError:
        return None
    return known if isinstance(known, dict) else None
