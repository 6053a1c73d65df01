"""How a batch stands, by its manifests alone: while it runs, and from any machine."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from mobilevos.batch.history import entries
from mobilevos.batch.job_list import JobList
from mobilevos.batch.jobs import Job
from mobilevos.batch.store import Store

_MOST_REASONS = 10
_RECENT = 600.0
"""Seconds that tell the pace."""
_BETTER = {"failed": 0, "truncated": 1, "done": 2}


@dataclass
class Standing:
    """What the manifests say.

    Attributes:
        counts: number of jobs by status.
        kinds: number of failed or cut short jobs by kind.
        reasons: their commonest sentences, with their numbers.
        frames: of all results.
        fps, videos_per_hour: of all workers together, over the last ten minutes of work.
        total, waiting: number of jobs in the list, and without an end yet; None without the list.
        hours_left: by that pace; None if it is not known.
        longest: the job that takes longest of those that wait, and its frames, if known.
    """

    counts: dict[str, int]
    kinds: dict[str, int]
    reasons: list[tuple[str, int]]
    frames: int
    fps: float
    videos_per_hour: float
    total: int | None = None
    waiting: int | None = None
    hours_left: float | None = None
    longest: tuple[str, float] | None = None
    ended: dict[str, str] = field(default_factory=dict, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """As plain values, ready for JSON."""
        names = ("counts", "kinds", "reasons", "frames", "fps", "videos_per_hour", "total", "waiting", "hours_left")
        return {**{name: getattr(self, name) for name in names}, "longest": self.longest}


def last_entries(store: Store) -> dict[str, dict[str, Any]]:
    """The state of each job that any attempt at came to an end: results count for more than failures, then time."""
    last: dict[str, dict[str, Any]] = {}
    for entry in entries(store.manifests()):
        known = last.get(entry["id"])
        if known is None or _rank(entry) >= _rank(known):
            last[entry["id"]] = entry
    return last


def standing(store: Store, jobs: JobList | None) -> Standing:
    """Read all manifests, and the list for what is not in them."""
    last = last_entries(store)
    unsuccessful = [entry for entry in last.values() if entry["status"] != "done"]
    whole = [entry for entry in last.values() if entry["status"] != "failed"]
    newest = max((_time(entry) for entry in last.values()), default=0.0)
    recent = [entry for entry in whole if _time(entry) > newest - _RECENT]
    oldest = min((_time(entry) - float(entry.get("seconds", 0)) for entry in recent), default=newest)
    hours = max(newest - oldest, 1e-3) / 3600
    found = Standing(
        dict(Counter(entry["status"] for entry in last.values())),
        dict(Counter(str(entry.get("kind")) for entry in unsuccessful)),
        Counter(str(entry.get("reason")) for entry in unsuccessful).most_common(_MOST_REASONS),
        sum(int(entry.get("frames", 0)) for entry in whole),
        round(sum(int(entry.get("frames", 0)) for entry in recent) / hours / 3600, 2),
        round(len(recent) / hours, 1),
        ended={job_id: entry["status"] for job_id, entry in last.items()},
    )
    if jobs is not None:
        _compare(found, jobs)
    return found


def failed_jobs(found: Standing, jobs: JobList) -> Iterator[Job]:
    """The jobs of a list that failed or were cut short."""
    return (job for job in jobs if found.ended.get(job.id) in ("failed", "truncated"))


def _compare(found: Standing, jobs: JobList) -> None:
    waiting = [job for job in jobs if job.id not in found.ended]
    found.total, found.waiting = len(jobs), len(waiting)
    known = [(job.id, length) for job in waiting if (length := job.length()) != float("inf")]
    found.longest = max(known, key=lambda job: job[1], default=None)
    if found.fps and len(known) == len(waiting):
        found.hours_left = round(sum(length for _, length in known) / found.fps / 3600, 2)
    elif found.videos_per_hour:
        found.hours_left = round(len(waiting) / found.videos_per_hour, 2)


def _rank(entry: dict[str, Any]) -> tuple[int, float]:
    return _BETTER.get(entry["status"], 0), _time(entry)


def _time(entry: dict[str, Any]) -> float:
    return float(entry.get("time", 0))
