"""A list of jobs of any length, of which only places are held in memory."""

from array import array
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mobilevos.batch.jobs import Job, parse_job
from mobilevos.batch.shards import Shard, key_of
from mobilevos.errors import InputError


class JobList:
    """The jobs of a shard, longest first, those of unknown length before all; every line of the file is checked.

    Args:
        path: file of JSON lines; empty ones are passed over.
        shard: which of them to take.

    Attributes:
        keys: (N,) uint64, see `mobilevos.batch.shards.key_of`.

    Raises:
        InputError: no such file, a line that is no job, or two jobs of one id.
    """

    def __init__(self, path: Path, shard: Shard = Shard()) -> None:  # noqa: B008 (frozen)
        self._path, self._base = path, path.absolute().parent
        offsets, keys, lengths = array("q"), array("Q"), array("d")
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error.strerror}.") from error
        for number, (offset, line) in enumerate(self._lines(), 1):
            if not line.strip():
                continue
            try:
                job = parse_job(line, self._base)
            except InputError as error:
                raise InputError(f"{path}, line {number} {error}.") from error
            key = key_of(job.id)
            keys.append(key)
            offsets.append(offset)
            lengths.append(job.length() if shard.has(key) else -1)
        all_keys, all_offsets = np.array(keys, np.uint64), np.array(offsets, np.int64)
        self._refuse_doubles(all_keys, all_offsets)
        order = np.argsort(-np.array(lengths, float), kind="stable")[: sum(length >= 0 for length in lengths)]
        self.keys, self._offsets = all_keys[order], all_offsets[order]

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, place: int) -> Job:
        """Read a job again.

        Raises:
            InputError: the file has changed.
        """
        try:
            job = self._at(self._offsets[place])
        except InputError:
            job = None
        if job is None or key_of(job.id) != self.keys[place]:
            raise InputError(f"{self._path} changed while it was in use; run again.")
        return job

    def __iter__(self) -> Iterator[Job]:
        return (self[place] for place in range(len(self)))

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        offset = 0
        for line in self._file:
            yield offset, line
            offset += len(line)

    def _at(self, offset: int) -> Job:
        self._file.seek(offset)
        return parse_job(self._file.readline(), self._base)

    def _refuse_doubles(self, keys: np.ndarray, offsets: np.ndarray) -> None:
        order = np.argsort(keys, kind="stable")
        for place in np.flatnonzero(np.diff(keys[order]) == 0)[:1]:
            first, second = offsets[order[place]], offsets[order[place + 1]]
            numbers = {offset: number for number, (offset, _) in enumerate(self._again(), 1)}
            raise InputError(
                f"{self._path}, line {numbers[second]} has the id {self._at(second).id!r} of line {numbers[first]}; "
                "each job needs one of its own."
            )

    def _again(self) -> Iterator[tuple[int, bytes]]:
        self._file.seek(0)
        return self._lines()
