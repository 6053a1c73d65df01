"""Which jobs of a list a machine takes: a matter of the jobs' ids alone, so that machines need not talk."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b

from mobilevos.errors import InputError


def key_of(job_id: str) -> int:
    """64 bits that stand for a job; the same in every process and version."""
    return int.from_bytes(blake2b(job_id.encode(), digest_size=8).digest(), "big")


@dataclass(frozen=True)
class Shard:
    """One of ``count`` parts of a list of jobs, numbered from 0."""

    index: int = 0
    count: int = 1

    def has(self, key: int) -> bool:
        """Whether the job of a key (`key_of`) belongs here."""
        return key % self.count == self.index

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"


def shard_of(text: str, environment: Mapping[str, str]) -> Shard:
    """The shard that is meant by ``I/N``, or by what a cluster's engine tells each of its tasks.

    Args:
        text: ``I/N``; ``auto`` for what the environment says, and the whole list where it says nothing; ``auto/N``
            where the environment tells the index alone.
        environment: variables of SLURM's arrays or Kubernetes' indexed jobs.

    Raises:
        InputError: no shard, or variables of which none follows.
    """
    if given := re.fullmatch(r"(\d+)/(\d+)", text):
        index, count = map(int, given.groups())
        if index >= count:
            raise InputError(f"There is no shard {text}; of {count} they go from 0/{count} to {count - 1}/{count}.")
        return Shard(index, count)
    automatic = re.fullmatch(r"auto(?:/(\d+))?", text)
    if automatic is None or automatic[1] == "0":
        raise InputError(f"{text!r} is no shard; give I/N such as 0/4, auto, or auto/N.")
    asked = int(automatic[1]) if automatic[1] else None
    if "SLURM_ARRAY_TASK_ID" in environment:
        return _of_slurm(environment, asked)
    if "JOB_COMPLETION_INDEX" in environment:
        if asked is None:
            raise InputError(
                "JOB_COMPLETION_INDEX tells which shard this is, but not of how many; give --shard auto/N with the "
                "completions of the Job."
            )
        return shard_of(f"{_number(environment, 'JOB_COMPLETION_INDEX')}/{asked}", environment)
    if asked is not None:
        raise InputError(f"Nothing here tells which of {asked} shards this is; give --shard I/{asked}.")
    return Shard()


def _of_slurm(environment: Mapping[str, str], asked: int | None) -> Shard:
    task, first, last, step, count = (
        _number(environment, f"SLURM_ARRAY_TASK_{name}", default)
        for name, default in (("ID", None), ("MIN", None), ("MAX", None), ("STEP", "1"), ("COUNT", None))
    )
    index, rest = divmod(task - first, max(step, 1))
    if rest or not 0 <= index < count or last - first != step * (count - 1):
        raise InputError(
            f"The array of tasks from {first} to {last} has gaps, so task {task} of {count} tells no shard; "
            "give --shard I/N."
        )
    if asked not in (None, count):
        raise InputError(f"The array has {count} tasks, but --shard auto/{asked} was given; leave out the number.")
    return Shard(index, count)


def _number(environment: Mapping[str, str], name: str, default: str | None = None) -> int:
    text = environment.get(name, default)
    if text is None or not text.isdecimal():
        raise InputError(f"{name} is {text!r} and no number; give --shard I/N.")
    return int(text)
