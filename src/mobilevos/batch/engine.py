"""What a run needs of an engine, which keeps workers alive and tells what becomes of their jobs."""

from dataclasses import dataclass
from typing import Protocol

from mobilevos.batch.jobs import Job
from mobilevos.batch.outcome import Outcome


@dataclass(frozen=True)
class Ready:
    """A worker has loaded its tracker and waits for a job."""

    worker: int


@dataclass(frozen=True)
class Beat:
    """A worker has made progress."""

    worker: int
    done: int
    total: int | None


@dataclass(frozen=True)
class Ended:
    """A worker is through with its job.

    Attributes:
        name: ``HOST.PID``, also of one that has died since.
        stays: it waits for another; else `Died` follows.
    """

    worker: int
    outcome: Outcome
    name: str
    stays: bool = True


@dataclass(frozen=True)
class Died:
    """A worker is no more, and another one starts in its place under another number.

    Attributes:
        name: ``HOST.PID``.
        kind, reason: of the failure of the job that it had; kind None: nobody's fault, it was asked to end.
        ready: it had loaded its tracker.
    """

    worker: int
    name: str
    kind: str | None
    reason: str
    ready: bool


Event = Ready | Beat | Ended | Died


class Engine(Protocol):
    """Workers by their numbers."""

    def want(self, wanted: int) -> None:
        """Have so many workers, or as many as there is room for; those beyond are kept, but not replaced."""

    def give(self, worker: int, job: Job) -> None:
        """Have a worker that waits do a job."""

    def wait(self, seconds: float) -> list[Event]:
        """What has happened, after this long at most.

        Raises:
            MobileVOSError: workers cannot start: no such model, no runtime.
        """

    def kill(self, worker: int, kind: str | None, reason: str) -> None:
        """End a worker at once; `Died` follows."""

    def close(self) -> None:
        """End all workers at once."""
