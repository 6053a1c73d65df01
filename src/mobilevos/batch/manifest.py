"""The notes of this process: a line for each end of an attempt."""

import json
import time

from mobilevos.batch.jobs import Job
from mobilevos.batch.names import owned
from mobilevos.batch.outcome import Outcome
from mobilevos.batch.shards import Shard
from mobilevos.batch.store import Store


class Manifest:
    """Writes to a file of this process alone, as lines of several machines would tear each other.

    Args:
        store: holds it.
        shard: gives it a name, with this machine and process.
    """

    def __init__(self, store: Store, shard: Shard) -> None:
        self._store, self._name = store, owned(f"{shard.index}-of-{shard.count}")

    def write(self, job: Job, outcome: Outcome, attempt: int, worker: str) -> None:
        """Note how an attempt ended.

        Raises:
            OutputError: it cannot be written.
        """
        entry = {
            "id": job.id,
            "status": outcome.status,
            "kind": outcome.kind,
            "reason": outcome.reason,
            "attempt": attempt,
            "frames": outcome.frames,
            "objects": outcome.objects,
            "seconds": outcome.seconds,
            "fps": outcome.fps,
            "worker": worker,
            "time": round(time.time(), 3),
        }
        if outcome.trace is not None:
            entry["trace"] = outcome.trace
        if job.meta is not None:
            entry["meta"] = job.meta
        self._store.append(self._name, json.dumps(entry))
