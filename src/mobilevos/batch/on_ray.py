"""Workers on a Ray cluster: plain actors, each with one tracker; only lines of jobs travel, never pixels."""

from dataclasses import dataclass
from time import monotonic
from typing import Any

from mobilevos.batch.engine import Beat, Died, Ended, Event, Ready
from mobilevos.batch.jobs import Job
from mobilevos.batch.names import host, owned
from mobilevos.batch.outcome import Outcome
from mobilevos.batch.work import Setup, Worker
from mobilevos.errors import InputError, MobileVOSError, RuntimeUnavailable
from mobilevos.formats.extras import needed

_BEAT_EVERY = 2.0
_COUNT_EVERY = 30.0


@dataclass
class _Known:
    """A worker as the driver sees it; ``actor`` outlives it, as Ray restarts that."""

    actor: Any
    name: str = ""
    running: bool = False
    beaten: float = 0.0
    beats: int = 0
    killed: tuple[str | None, str] | None = None


class RayEngine:
    """Actors of a cluster, or of this machine if there is none to connect to.

    Args:
        setup: what they are started with.
        memory: bytes that each reserves; None for none.

    Raises:
        RuntimeUnavailable: Ray is not installed, or its cluster cannot be connected to.
    """

    def __init__(self, setup: Setup, memory: int | None) -> None:
        self._ray = ray = needed("ray", "ray")
        self._ours = not ray.is_initialized()
        if self._ours:
            _connect(ray)
        self._setup, self._threads = setup, setup.options.threads
        self._handle = _actor_class(ray).options(
            num_cpus=self._threads,
            max_restarts=-1,
            max_task_retries=0,
            **({} if memory is None else {"memory": memory}),
        )
        self._workers: dict[int, _Known] = {}
        self._started = 0
        self._refs: dict[Any, tuple[int, str]] = {}
        self._room, self._counted = 0, float("-inf")

    def want(self, wanted: int) -> None:
        if monotonic() - self._counted > _COUNT_EVERY:  # clusters grow
            self._counted = monotonic()
            self._room = max(1, int(self._ray.cluster_resources().get("CPU", 1) // self._threads))
        while len(self._workers) < min(wanted, self._room):
            self._await(self._handle.remote(self._setup, self._setup.store.options()))

    def give(self, worker: int, job: Job) -> None:
        known = self._workers[worker]
        known.running, known.beaten = True, monotonic()
        self._refs[known.actor.run.remote(job)] = worker, "run"

    def wait(self, seconds: float) -> list[Event]:
        self._ask_for_beats()
        refs = list(self._refs)
        done, rest = self._ray.wait(refs, num_returns=1, timeout=seconds)
        if done and rest:
            done += self._ray.wait(rest, num_returns=len(rest), timeout=0)[0]
        return [event for ref in done if (event := self._heard(ref)) is not None]

    def kill(self, worker: int, kind: str | None, reason: str) -> None:
        if (known := self._workers.get(worker)) and known.killed is None:
            known.killed = kind, reason
            self._ray.kill(known.actor, no_restart=False)

    def close(self) -> None:
        for known in self._workers.values():
            self._ray.kill(known.actor)
        self._workers.clear()
        if self._ours:
            self._ray.shutdown()

    def _await(self, actor: Any) -> None:
        """Ask whether it has loaded. Anything else asked of an actor that restarts fails without having run."""
        self._workers[self._started] = _Known(actor)
        self._refs[actor.ready.options(max_task_retries=-1).remote()] = self._started, "ready"
        self._started += 1

    def _heard(self, ref: Any) -> Event | None:
        worker, what = self._refs.pop(ref)
        known = self._workers.get(worker)
        if known is None:
            return None
        try:
            said = self._ray.get(ref)
        except self._ray.exceptions.RayActorError:
            return None if what == "beat" else self._died(worker, known)
        except self._ray.exceptions.RayTaskError as error:
            said = Outcome("failed", "bug", " ".join(str(error.cause).split()))
        if what == "ready":
            if isinstance(said, MobileVOSError):
                raise said
            known.name = said
            return Ready(worker)
        if what == "beat":
            count, done, total = said
            if count == known.beats:
                return None
            known.beats = count
            return Beat(worker, done, total)
        known.running = False
        return Ended(worker, said, known.name, stays=known.killed is None)

    def _died(self, worker: int, known: _Known) -> Died:
        del self._workers[worker]
        self._await(known.actor)
        kind, reason = known.killed or ("crash", "Its worker died.")
        return Died(worker, known.name, kind, reason, ready=known.name != "")

    def _ask_for_beats(self) -> None:
        for worker, known in self._workers.items():
            if known.running and monotonic() - known.beaten > _BEAT_EVERY:
                known.beaten = monotonic()
                self._refs[known.actor.beat.remote()] = worker, "beat"


def _connect(ray: Any) -> None:
    """To the cluster that RAY_ADDRESS names or that runs here, or else to one of its own."""
    try:
        ray.init(log_to_driver=False, include_dashboard=False, logging_level="warning")
    except Exception as error:  # no such address, another version, nobody there: Ray has no kind of its own for these
        why = " ".join(str(error).split()) or type(error).__name__
        raise RuntimeUnavailable(f"Ray cannot be used: {why}") from error


def _actor_class(ray: Any) -> Any:
    """The actor, whose class can only be told with Ray at hand."""

    class BatchWorker:
        def __init__(self, setup: Setup, options: str) -> None:
            self._setup, self._options = setup, options
            self._worker: Worker | None = None
            self._beats: tuple[int, int, int | None] = (0, 0, None)

        def ready(self) -> str | MobileVOSError:
            """``HOST.PID`` once the tracker is loaded, or why it cannot be."""
            if self._setup.store.options() != self._options:
                where = self._setup.store.name
                return InputError(f"{where} is not the same folder on {host()}; give one that all nodes share.")
            try:
                self._worker = self._worker or Worker(self._setup)
            except MobileVOSError as error:
                return type(error)(*error.args)
            return owned("").removeprefix(".")

        def run(self, job: Job) -> Outcome:
            assert self._worker is not None
            return self._worker.run(job, self._note)

        @ray.method(concurrency_group="beats")
        def beat(self) -> tuple[int, int, int | None]:
            """Number of calls of progress, and the frames done and expected."""
            return self._beats

        def _note(self, done: int, total: int | None) -> None:
            self._beats = self._beats[0] + 1, done, total

    return ray.remote(concurrency_groups={"beats": 1})(BatchWorker)
