"""Results on an object store, or any other place that fsspec knows.

There is no renaming a folder there, so a job's summary is uploaded last: without it, its other files do not count, and
are overwritten.
"""

import errno
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import rmtree
from typing import Any

from mobilevos.batch.fetch import file_system, tried
from mobilevos.batch.names import owned, sweep
from mobilevos.batch.store import MANIFESTS, OPTIONS, job_folder, parsed
from mobilevos.errors import MobileVOSError, OutputError
from mobilevos.video.address import bare
from mobilevos.video.files import make_folder
from mobilevos.video.output_folder import SUMMARY

_PART = "mobilevos-part"
_UPLOAD_EVERY = 10.0
_MOST_LINES = 1000


class RemoteStore:
    """Results below a URL.

    Args:
        url: such as ``s3://bucket/results``.
        scratch: folder on this machine for results in the making.
    """

    def __init__(self, url: str, scratch: Path) -> None:
        self.name = bare(url).rstrip("/")
        self._url, self._scratch = url.rstrip("/"), scratch
        self._lines: list[str] = []
        self._manifest: str | None = None
        self._uploaded = time.monotonic()

    def options(self) -> str | None:
        text = self._read(OPTIONS)
        return None if text is None else text.decode()

    def keep_options(self, text: str) -> None:
        self._write(OPTIONS, text.encode())

    def summary(self, job_id: str) -> dict[str, Any] | None:
        return parsed(self.file(job_id, SUMMARY))

    def part(self, job_id: str) -> Path:
        path = make_folder(self._scratch) / owned(f"{_PART}.{job_id}")
        rmtree(path, ignore_errors=True)
        return make_folder(path)

    def publish(self, job_id: str, part: Path) -> None:
        before = self.summary(job_id)
        if before is None or before.get("truncated"):
            files = sorted(path for path in part.rglob("*") if path.is_file())
            for path in sorted(files, key=lambda path: path == part / SUMMARY):
                self._upload(path, f"{job_folder(job_id)}/{path.relative_to(part).as_posix()}")
        rmtree(part, ignore_errors=True)

    def drop(self, job_id: str, worker: str) -> None:
        rmtree(self._scratch / f"{_PART}.{job_id}.{worker}", ignore_errors=True)

    def manifests(self) -> Iterator[bytes]:
        system, root = file_system(self._url)
        system.invalidate_cache()
        for path in sorted(tried(self._url, lambda: system.glob(f"{root}/{MANIFESTS}/*.jsonl"))):
            yield from tried(self._url, lambda path=path: system.cat_file(path)).splitlines()  # type: ignore[misc]

    def append(self, name: str, line: str) -> None:
        """Uploads now and then, as a file there can only be written anew: see `flush`."""
        if self._manifest is None or len(self._lines) >= _MOST_LINES:
            self.flush()
            self._manifest, self._lines = f"{MANIFESTS}/{name}.{time.time_ns():x}.jsonl", []
        self._lines.append(line)
        if time.monotonic() - self._uploaded > _UPLOAD_EVERY:
            self.flush()

    def flush(self) -> None:
        if self._manifest is not None:
            self._uploaded = time.monotonic()
            self._write(self._manifest, "".join(f"{line}\n" for line in self._lines).encode())

    def file(self, job_id: str, name: str) -> bytes | None:
        return self._read(f"{job_folder(job_id)}/{name}")

    def sweep(self) -> None:
        sweep(path for path in self._scratch.glob(f"{_PART}.*") if path.is_dir())

    def _read(self, name: str) -> bytes | None:
        system, root = file_system(self._url)

        def read() -> bytes | None:
            try:
                return bytes(system.cat_file(f"{root}/{name}"))
            except FileNotFoundError:
                return None

        return tried(f"{self._url}/{name}", read)

    def _write(self, name: str, content: bytes) -> None:
        system, root = file_system(self._url)
        self._put(name, lambda: system.pipe_file(f"{root}/{name}", content))

    def _upload(self, path: Path, name: str) -> None:
        system, root = file_system(self._url)
        self._put(name, lambda: system.put_file(str(path), f"{root}/{name}"))

    def _put(self, name: str, write: Callable[[], Any]) -> None:
        system, root = file_system(self._url)

        def write_below() -> None:
            try:
                write()
            except FileNotFoundError:  # object stores know no folders, others want them
                system.makedirs(f"{root}/{name}".rpartition("/")[0], exist_ok=True)
                write()

        try:
            tried(f"{self._url}/{name}", write_below)
        except MobileVOSError as error:
            why = str(error).rpartition(": ")[2]
            # No other job would be spared, so it is told as a disk's failure.
            raise OutputError(f"{self.name}/{name} could not be written: {why}") from OSError(errno.EIO, why)
