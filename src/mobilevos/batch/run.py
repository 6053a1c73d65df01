"""A run over a list of jobs: who gets which, what is noted, and when to stop."""

import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mobilevos.batch.engine import Beat, Died, Ended, Engine, Event, Ready
from mobilevos.batch.fetch import FetchError
from mobilevos.batch.history import History
from mobilevos.batch.job_list import JobList
from mobilevos.batch.jobs import Job
from mobilevos.batch.manifest import Manifest
from mobilevos.batch.outcome import Outcome, Tally
from mobilevos.batch.report import Report
from mobilevos.batch.shards import key_of
from mobilevos.batch.stopping import Stopping
from mobilevos.batch.store import Store
from mobilevos.errors import OutputError

_WAIT = 0.2
_HOPELESS = 10
"""So many failures and nothing else at the beginning, or so many workers that die while they start, end the run."""


@dataclass(frozen=True)
class Limits:
    """When an attempt, or the run, is over.

    Attributes:
        tries: attempts at a job whose worker dies, in all runs.
        stall: seconds without progress.
        timeout: seconds for a job; None for any number.
        grace: seconds that jobs may go on after the run was asked to end.
    """

    tries: int = 3
    stall: float = 300.0
    timeout: float | None = None
    grace: float = 25.0


@dataclass
class Counts:
    """How a shard stands."""

    total: int = 0
    done: int = 0
    truncated: int = 0
    failed: int = 0
    frames: int = 0
    seconds: float = 0.0
    stopped: str | None = None

    def exit_code(self, failures: int) -> int:
        """Of a run that no signal ended, if so many failures are none of its own."""
        return 3 if self.stopped or self.failed + self.truncated > failures else 0

    def to_dict(self) -> dict[str, Any]:
        """As plain values, ready for JSON."""
        rate = round(self.frames / self.seconds, 2) if self.seconds else 0.0
        return {
            **{key: getattr(self, key) for key in ("total", "done", "truncated", "failed", "frames")},
            "seconds": round(self.seconds, 3),
            "fps": rate,
            "stopped": self.stopped,
        }


@dataclass
class _Running:
    job: Job
    began: float = field(default_factory=time.monotonic)
    heard: float = field(default_factory=time.monotonic)
    done: int = 0
    total: int | None = None

    def left(self) -> float:
        """Seconds to go, by the pace so far."""
        if not self.done or self.total is None:
            return float("inf")
        return (self.total - self.done) * (time.monotonic() - self.began) / self.done


class Run:
    """Brings every job of a list to its end, or stops on the way.

    Args:
        jobs: this shard's.
        history: of earlier runs.
        verify: look for the results of what is said to be done.
        retry: do anew what has results that break off.
    """

    def __init__(
        self,
        jobs: JobList,
        history: History,
        store: Store,
        manifest: Manifest,
        report: Report,
        stopping: Stopping,
        limits: Limits,
        *,
        verify: bool = False,
        retry: bool = False,
    ) -> None:
        self._jobs, self._store, self._manifest, self._report = jobs, store, manifest, report
        self._stopping, self._limits, self._retry = stopping, limits, retry
        self._failed = history.failed
        self._running: dict[int, _Running] = {}
        self._idle: list[int] = []
        self._again: deque[Job] = deque()
        self._alone: deque[Job] = deque()
        self._failed_now = self._starts_failed = 0
        self._began = time.monotonic()
        self.counts = Counts(total=len(jobs))
        self._pending = self._to_do(history, verify)
        self._left = len(self._pending)
        self._places = iter(self._pending)

    @property
    def left(self) -> int:
        """Number of jobs that are not at their end."""
        return self._left

    def _to_do(self, history: History, verify: bool) -> np.ndarray:
        """Places in the list of what is not at its end; counts what is."""
        keys = self._jobs.keys
        done, truncated = np.isin(keys, history.done), np.isin(keys, history.truncated)
        if verify:
            for place in map(int, np.flatnonzero(done | truncated)):
                if self._store.summary(self._jobs[place].id) is None:
                    done[place] = truncated[place] = False
        hopeless = [key for key, tally in self._failed.items() if not tally.may_try(self._limits.tries)]
        failed = np.isin(keys, np.array(hopeless, np.uint64)) & ~done & ~truncated
        self.counts.done, self.counts.truncated, self.counts.failed = map(
            int, (done.sum(), truncated.sum(), failed.sum())
        )
        return np.flatnonzero(~(done | truncated | failed))

    def through(self, engine: Engine, workers: int) -> Counts:
        """Do what is to be done.

        Args:
            engine: with no worker yet.
            workers: how many at most.

        Raises:
            MobileVOSError: workers cannot start.
        """
        try:
            try:
                self._work(engine, workers)
                self._wind_up(engine)
            finally:
                self._store.flush()
        except (FetchError, OutputError) as error:  # from where results are kept, which another run may find well again
            self._stop(str(error))
        if self.counts.stopped:
            self._report.event("stop", reason=self.counts.stopped)
        self._tell()
        return self.counts

    def _work(self, engine: Engine, workers: int) -> None:
        while self._left and self.counts.stopped is None:
            engine.want(min(workers, self._left))
            self._place(engine)
            if not self._left:
                break
            for event in engine.wait(_WAIT):
                self._take(event)
            self._check_clocks(engine)
            self._tell()
            if self._stopping.asked:
                self._stop(f"ended by {self._stopping.name}")

    def _place(self, engine: Engine) -> None:
        while self._idle:
            job = self._next()
            if job is None:
                return
            worker = self._idle.pop()
            self._running[worker] = _Running(job)
            engine.give(worker, job)

    def _next(self) -> Job | None:
        """The next job that has no results yet; what ran out of memory waits until nothing else runs."""
        for job in self._waiting():
            summary = self._store.summary(job.id)
            if summary is None or (summary.get("truncated") and self._retry):
                return job
            self._over(job, Outcome.of_summary(summary))
        return self._alone.popleft() if self._alone and not self._running else None

    def _waiting(self) -> Iterator[Job]:
        while self._again:
            yield self._again.popleft()
        for place in self._places:
            yield self._jobs[place]

    def _take(self, event: Event) -> None:
        match event:
            case Ready(worker):
                self._starts_failed = 0
                self._idle.append(worker)
            case Beat(worker, done, total):
                if running := self._running.get(worker):
                    running.heard, running.done, running.total = time.monotonic(), done, total
            case Ended(worker, outcome, name, stays):
                if running := self._running.pop(worker, None):
                    self._judge(running.job, outcome, name)
                if stays:
                    self._idle.append(worker)
            case Died():
                self._buried(event)

    def _buried(self, death: Died) -> None:
        with suppress(ValueError):
            self._idle.remove(death.worker)
        running = self._running.pop(death.worker, None)
        if running is None:
            self._starts_failed += not death.ready
            if self._starts_failed >= _HOPELESS:
                self._stop(f"{_HOPELESS} workers in a row died while they started; {death.reason}")
            return
        job = running.job
        self._store.drop(job.id, death.name)
        summary = self._store.summary(job.id)
        if summary is not None:  # it had just published
            self._over(job, Outcome.of_summary(summary), death.name)
        elif death.kind is None:
            self._again.appendleft(job)
        else:
            self._judge(job, Outcome("failed", death.kind, death.reason), death.name)

    def _judge(self, job: Job, outcome: Outcome, worker: str) -> None:
        """What is to become of a job after an attempt."""
        if outcome.status != "failed":
            self.counts.frames += outcome.frames
            self._over(job, outcome, worker)
        elif outcome.kind == "disk":
            self._again.appendleft(job)
            self._stop(outcome.reason or "The disk fails.")
        else:
            tally = self._failed.setdefault(key_of(job.id), Tally())
            tally.add(outcome.kind)
            if tally.may_try(self._limits.tries):
                self._manifest.write(job, outcome, tally.attempts, worker)
                self._report.event("retry", id=job.id, kind=outcome.kind, reason=outcome.reason)
                (self._alone if outcome.kind == "memory" else self._again).append(job)
            else:
                self._over(job, outcome, worker)

    def _over(self, job: Job, outcome: Outcome, worker: str = "") -> None:
        """Note that a job is at its end."""
        tally = self._failed.get(key_of(job.id), Tally())
        failed = outcome.status == "failed"
        self._manifest.write(job, outcome, tally.attempts + (not failed), worker)
        self._left -= 1
        setattr(self.counts, outcome.status, getattr(self.counts, outcome.status) + 1)
        self._report.event("failed" if failed else "done", id=job.id, kind=outcome.kind, reason=outcome.reason)
        self._failed_now += failed
        if (
            failed
            and self._failed_now == self.counts.failed == _HOPELESS
            and not self.counts.done + self.counts.truncated
        ):
            self._stop(
                f"The first {_HOPELESS} videos all failed, so the list may be wrong; the last one: {outcome.reason}"
            )

    def _check_clocks(self, engine: Engine) -> None:
        now = time.monotonic()
        for worker, running in self._running.items():
            if self._limits.timeout is not None and now - running.began > self._limits.timeout:
                engine.kill(worker, "timeout", f"It was not done after {self._limits.timeout:g} seconds.")
            elif now - running.heard > self._limits.stall:
                engine.kill(worker, "stalled", f"It made no progress for {self._limits.stall:g} seconds.")

    def _stop(self, reason: str) -> None:
        self.counts.stopped = self.counts.stopped or reason

    def _wind_up(self, engine: Engine) -> None:
        """Let jobs end that are nearly done, if the run was asked to stop; the others leave nothing."""
        ends = time.monotonic() + (self._limits.grace if self._stopping.asked else 0)
        while self._running:
            now = time.monotonic()
            for worker, running in self._running.items():
                if now >= ends or self._stopping.asked > 1 or now + running.left() > ends:
                    engine.kill(worker, None, "the run ended")
            for event in engine.wait(_WAIT):
                self._take(event)

    def _tell(self) -> None:
        self.counts.seconds = time.monotonic() - self._began
        self._report.progress(self.counts.to_dict())
