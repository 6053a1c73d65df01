"""Worker processes on this machine."""

import multiprocessing
import os
import signal
import threading
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from queue import SimpleQueue
from shutil import rmtree
from time import monotonic
from typing import Any

from mobilevos.batch.engine import Beat, Died, Ended, Event, Ready
from mobilevos.batch.jobs import Job
from mobilevos.batch.names import host
from mobilevos.batch.outcome import Outcome
from mobilevos.batch.work import Setup, Worker
from mobilevos.errors import MobileVOSError
from mobilevos.machine.memory import resident

_LOOK_EVERY = 1.0
_MOST_JOBS = 500
_MOST_GROWTH = 200 << 20
"""A worker is replaced after so many jobs, or when it has grown by so many bytes since its first."""
_TOLD_EVERY = 0.5
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass
class _Process:
    """A worker as its parent sees it."""

    process: BaseProcess
    pipe: Connection
    ready: bool = False
    busy: bool = False
    jobs: int = 0
    first_size: int | None = None
    killed: tuple[str | None, str] | None = None

    @property
    def name(self) -> str:
        """``HOST.PID``."""
        return f"{host()}.{self.process.pid}"


class LocalEngine:
    """Processes that are started afresh, each with a pipe: the death of one is the end of its pipe, and of no other.

    Args:
        setup: what they are started with.
        memory: bytes that each may keep; None for no limit.
    """

    def __init__(self, setup: Setup, memory: int | None) -> None:
        self._setup, self._memory = setup, memory
        self._context = multiprocessing.get_context("spawn")
        self._workers: dict[int, _Process] = {}
        self._started = self._wanted = 0
        self._looked = monotonic()

    def want(self, wanted: int) -> None:
        self._wanted = wanted
        while len(self._workers) < wanted:
            self._start()

    def give(self, worker: int, job: Job) -> None:
        known = self._workers[worker]
        known.busy = True
        with suppress(OSError):  # it died just now, and its pipe will say so
            known.pipe.send(job)

    def wait(self, seconds: float) -> list[Event]:
        by_pipe = {known.pipe: number for number, known in self._workers.items()}
        events: list[Event] = []
        for pipe in wait(list(by_pipe), seconds):
            number = by_pipe[pipe]  # type: ignore[index]
            with suppress(KeyError):
                events += self._heard(number)
        if monotonic() - self._looked > _LOOK_EVERY:
            self._looked = monotonic()
            self._look_at_memory()
        return events

    def kill(self, worker: int, kind: str | None, reason: str) -> None:
        if (known := self._workers.get(worker)) and known.killed is None:
            known.killed = kind, reason
            known.process.kill()

    def close(self) -> None:
        for known in self._workers.values():
            known.process.kill()
        for known in self._workers.values():
            known.process.join()
            known.pipe.close()
        self._workers.clear()

    def _start(self) -> None:
        ours, theirs = self._context.Pipe()
        threads = str(self._setup.options.threads)
        before = {name: os.environ.get(name) for name in _THREAD_VARIABLES}
        os.environ.update(dict.fromkeys(_THREAD_VARIABLES, threads))  # read when libraries load in the child
        try:
            process = self._context.Process(target=work, args=(theirs, self._setup), daemon=True)
            process.start()
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
        theirs.close()
        self._workers[self._started] = _Process(process, ours)
        self._started += 1

    def _heard(self, number: int) -> list[Event]:
        """All that a worker has sent, and its end if it has."""
        known = self._workers[number]
        events: list[Event] = []
        try:
            while known.pipe.poll():
                events.append(self._understood(number, known, known.pipe.recv()))
        except (EOFError, OSError):
            events.append(self._died(number, known))
        return events

    def _understood(self, number: int, known: _Process, said: Any) -> Event:
        match said:
            case MobileVOSError():
                raise said
            case Outcome():
                known.busy = False
                known.jobs += 1
                return Ended(number, said, known.name, stays=not self._retired(known))
            case "ready":
                known.ready = True
                return Ready(number)
        return Beat(number, *said)

    def _retired(self, known: _Process) -> bool:
        """Let a worker end by itself that has done much, or has grown."""
        size = resident(known.process.pid or 0) or 0
        known.first_size = known.first_size or size
        worn = known.jobs >= _MOST_JOBS or size - known.first_size > _MOST_GROWTH
        if worn and known.killed is None:
            known.killed = None, "it was replaced"
            with suppress(OSError):
                known.pipe.send(None)
        return known.killed is not None

    def _died(self, number: int, known: _Process) -> Died:
        known.process.join()
        known.pipe.close()
        del self._workers[number]
        for copies in self._setup.scratch.glob(f"*.{known.name}"):
            rmtree(copies, ignore_errors=True)
        if len(self._workers) < self._wanted:
            self._start()
        code = known.process.exitcode or 0
        if known.killed is not None:
            kind, reason = known.killed
        elif code == -signal.SIGTERM:  # as a scheduler sends to all processes of a job
            kind, reason = None, "its worker was asked to end"
        else:
            by = signal.Signals(-code).name if -code in set(signal.Signals) else f"exit code {code}"
            kind, reason = "crash", f"Its worker died ({by})."
        return Died(number, known.name, kind, reason, known.ready)

    def _look_at_memory(self) -> None:
        if self._memory is None:
            return
        for number, known in self._workers.items():
            size = resident(known.process.pid or 0)
            if known.busy and size is not None and size > self._memory:
                self.kill(number, "memory", f"Its worker took {size >> 20} MB, above the {self._memory >> 20} allowed.")


def work(pipe: Connection, setup: Setup) -> None:
    """The main function of a worker process; it ends with its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all; the parent knows what to do
    jobs: SimpleQueue[Job | None] = SimpleQueue()
    threading.Thread(target=_listen, args=(pipe, jobs), daemon=True).start()
    try:
        worker = Worker(setup)
    except MobileVOSError as error:
        pipe.send(type(error)(*error.args))
        return
    teller = _Teller(pipe)
    pipe.send("ready")
    while (job := jobs.get()) is not None:
        outcome = worker.run(job, teller.tell)
        pipe.send(replace(outcome, trace=outcome.trace and outcome.trace[-4000:]))


def _listen(pipe: Connection, jobs: "SimpleQueue[Job | None]") -> None:
    """Hand on what the parent sends; without a parent nobody waits for the job, so it is left where it is."""
    try:
        while True:
            jobs.put(pipe.recv())
    except (EOFError, OSError):
        os._exit(1)


class _Teller:
    """Tells the parent of progress, now and then."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe, self._next = pipe, 0.0

    def tell(self, done: int, total: int | None) -> None:
        now = monotonic()
        if now >= self._next:
            self._next = now + _TOLD_EVERY
            self._pipe.send((done, total))
