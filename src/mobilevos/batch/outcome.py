"""How an attempt at a job ended, and whether there is to be another."""

from dataclasses import dataclass, field
from typing import Any, Literal

Status = Literal["done", "truncated", "failed"]
ONCE_MORE = {"memory", "stalled"}
"""Kinds of failure that may be bad luck, once."""


@dataclass(frozen=True)
class Outcome:
    """The end of an attempt.

    Attributes:
        status: "truncated" has results, up to where the video breaks off.
        kind: of failure: "input", "fetch", "output", "bug" by the job itself; "crash", "memory", "stalled", "timeout"
            by the worker's death; "disk" is none of the job's, and ends the run.
        reason: one sentence.
        frames, objects, seconds, fps: of the results.
        trace: where a failure of kind "bug" comes from.
    """

    status: Status
    kind: str | None = None
    reason: str | None = None
    frames: int = 0
    objects: int = 0
    seconds: float = 0.0
    fps: float = 0.0
    trace: str | None = None

    @classmethod
    def of_summary(cls, summary: dict[str, Any]) -> "Outcome":
        """Of results that are there."""
        truncated = bool(summary.get("truncated"))
        return cls(
            "truncated" if truncated else "done",
            "truncated" if truncated else None,
            summary.get("message"),
            int(summary.get("frames", 0)),
            len(summary.get("objects", ())),
            float(summary.get("seconds", 0)),
            float(summary.get("fps", 0)),
        )


@dataclass
class Tally:
    """The failed attempts at a job, in all runs.

    Attributes:
        attempts: how many.
        kinds: how many of each kind that count against another try.
    """

    attempts: int = 0
    kinds: dict[str, int] = field(default_factory=dict)

    def add(self, kind: str | None) -> None:
        """Count one more."""
        self.attempts += 1
        self.kinds[kind or "bug"] = self.kinds.get(kind or "bug", 0) + 1

    def may_try(self, tries: int) -> bool:
        """Whether the job deserves another attempt.

        Args:
            tries: attempts at a job that end with the death of its worker.
        """
        limits = {"crash": tries, **dict.fromkeys(ONCE_MORE, 2)}
        return all(count < limits.get(kind, 1) for kind, count in self.kinds.items())
