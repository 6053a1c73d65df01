"""What earlier runs have noted of the jobs, in their manifests."""

from array import array
from collections.abc import Iterable
from typing import Any

import numpy as np

from mobilevos.batch.outcome import Tally
from mobilevos.batch.shards import key_of
from mobilevos.json_text import parse_json


def entries(lines: Iterable[bytes]) -> Iterable[dict[str, Any]]:
    """The lines of manifests; those that a crash or a full disk cut off are passed over."""
    for line in lines:
        try:
            entry = parse_json(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and isinstance(entry.get("id"), str) and isinstance(entry.get("status"), str):
            yield entry


class History:
    """The state of each job by its key (`mobilevos.batch.shards.key_of`).

    Args:
        lines: of all manifests.

    Attributes:
        done, truncated: (N,) uint64 keys of jobs with results.
        failed: failed attempts at the others.
    """

    def __init__(self, lines: Iterable[bytes]) -> None:
        found = {"done": array("Q"), "truncated": array("Q")}
        self.failed: dict[int, Tally] = {}
        for entry in entries(lines):
            key = key_of(entry["id"])
            if entry["status"] in found:
                found[entry["status"]].append(key)
            else:
                self.failed.setdefault(key, Tally()).add(entry.get("kind"))
        self.done = np.unique(np.array(found["done"], np.uint64))
        self.truncated = np.setdiff1d(np.array(found["truncated"], np.uint64), self.done)
        for key in [key for key in self.failed if self._has(key)]:
            del self.failed[key]

    def _has(self, key: int) -> bool:
        for keys in (self.done, self.truncated):
            place = int(np.searchsorted(keys, np.uint64(key)))
            if place < len(keys) and int(keys[place]) == key:
                return True
        return False

    def forgive(self) -> None:
        """Let what failed or broke off be tried anew."""
        self.truncated = self.truncated[:0]
        for tally in self.failed.values():
            tally.kinds.clear()
