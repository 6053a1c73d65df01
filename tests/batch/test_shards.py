"""Which jobs a machine takes."""

import pytest

from mobilevos.batch.shards import Shard, key_of, shard_of
from mobilevos.errors import InputError

SLURM = {
    "SLURM_ARRAY_TASK_ID": "14",
    "SLURM_ARRAY_TASK_MIN": "10",
    "SLURM_ARRAY_TASK_MAX": "16",
    "SLURM_ARRAY_TASK_STEP": "2",
    "SLURM_ARRAY_TASK_COUNT": "4",
}

GAPS = {**SLURM, "SLURM_ARRAY_TASK_ID": "10", "SLURM_ARRAY_TASK_COUNT": "3"}
"""As of 10,12,16: the first task's own number would do, but no other's."""


def test_keys_stay_as_they_are() -> None:
    """Results of earlier versions lie in folders of these."""
    assert {i: f"{key_of(i):016x}" for i in ("a1", "0", "clip-7", "x" * 128, "A.b_c")} == {
        "a1": "9f6566910330ed1b",
        "0": "842b7d9d43cddf75",
        "clip-7": "8ce998104ddbbcb5",
        "x" * 128: "901ce374e8e12402",
        "A.b_c": "708ae3b5b1683e42",
    }


@pytest.mark.parametrize("count", [1, 2, 7, 100])
def test_shards_are_a_partition(count: int) -> None:
    keys = [key_of(str(number)) for number in range(10_000)]
    sizes = [sum(Shard(index, count).has(key) for key in keys) for index in range(count)]
    assert sum(sizes) == len(keys)
    assert all(abs(size - 10_000 / count) < 6 * (10_000 / count) ** 0.5 for size in sizes)


def test_what_is_given() -> None:
    assert shard_of("3/100", SLURM) == Shard(3, 100)
    assert shard_of("auto", {}) == Shard(0, 1)
    assert shard_of("auto", SLURM) == shard_of("auto/4", SLURM) == Shard(2, 4)
    assert shard_of("auto/200", {"JOB_COMPLETION_INDEX": "17"}) == Shard(17, 200)
    without_step = {**SLURM, "SLURM_ARRAY_TASK_STEP": "1", "SLURM_ARRAY_TASK_MAX": "13", "SLURM_ARRAY_TASK_ID": "13"}
    assert shard_of("auto", without_step) == Shard(3, 4)


@pytest.mark.parametrize(
    ("text", "environment", "expected"),
    [
        ("4/4", {}, "no shard 4/4"),
        ("1/0", {}, "no shard 1/0"),
        ("-1/4", {}, "is no shard"),
        ("auto/0", {}, "is no shard"),
        ("all", {}, "is no shard"),
        ("auto/5", {}, "Nothing here tells"),
        ("auto/5", SLURM, "has 4 tasks"),
        ("auto", {"JOB_COMPLETION_INDEX": "17"}, "--shard auto/N"),
        ("auto/10", {"JOB_COMPLETION_INDEX": "17"}, "no shard 17/10"),
        ("auto", {"SLURM_ARRAY_TASK_ID": "3"}, "is None and no number"),
        ("auto", GAPS, "has gaps"),
    ],
)
def test_what_tells_no_shard(text: str, environment: dict[str, str], expected: str) -> None:
    with pytest.raises(InputError, match=expected):
        shard_of(text, environment)
