"""Lists of jobs: what a line may say, in which order they are done, and how much memory a long one takes."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from mobilevos.batch.job_list import JobList
from mobilevos.batch.jobs import Job, parse_job
from mobilevos.batch.shards import Shard, key_of
from mobilevos.errors import InputError

GOOD = {"id": "a", "video": "a.mp4", "mask": "a.png"}
RLE = {"size": [4, 4], "counts": "04"}


def listed(folder: Path, *lines: Any) -> Path:
    path = folder / "jobs.jsonl"
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    return path


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[1]", "is no JSON object"),
        ({**GOOD, "maks": "x"}, "unknown key 'maks'"),
        ({"mask": "a.png"}, "lacks 'video'"),
        ({"video": "a.mp4"}, "has none"),
        ({**GOOD, "objects": {"1": RLE}}, "mask and objects"),
        ({**GOOD, "id": "../a"}, "'id'"),
        ({**GOOD, "id": ".a"}, "'id'"),
        ({**GOOD, "id": "a" * 129}, "'id'"),
        ({**GOOD, "id": "a\n"}, "'id'"),
        ({**GOOD, "id": 7}, "'id'"),
        ({**GOOD, "video": ""}, "'video'"),
        ({**GOOD, "start": -1}, "'start'"),
        ({**GOOD, "start": True}, "'start'"),
        ({**GOOD, "both": 1}, "'both'"),
        ({**GOOD, "frames": 0}, "'frames'"),
        ({**GOOD, "seconds": float("nan")}, "'seconds'"),
        ({"video": "a.mp4", "masks": {"-1": "a.png"}}, "'masks'"),
        ({"video": "a.mp4", "masks": {}}, "'masks'"),
        ({"video": "a.mp4", "masks": {"0": "a.png"}, "start": 1}, "leave it out"),
        ({"video": "a.mp4", "objects": {"0": RLE}}, "'objects'"),
        ({"video": "a.mp4", "objects": {"1": "04"}}, "'objects'"),
        ({"video": "a.mp4", "prompts": {"0": RLE}}, "'prompts'"),
        (GOOD, "has the id 'a' of line 1"),
    ],
)
def test_mistakes_name_their_line(tmp_path: Path, line: Any, expected: str) -> None:
    with pytest.raises(InputError, match=r"line 3 .*" + expected) as mistake:
        JobList(listed(tmp_path, GOOD, "", line), Shard(0, 1))
    assert str(mistake.value).endswith(".")


def test_mistakes_in_other_shards_count(tmp_path: Path) -> None:
    path = listed(tmp_path, {**GOOD, "id": "b"}, {**GOOD, "id": "b"})
    other = Shard((key_of("b") + 1) % 2, 2)
    with pytest.raises(InputError, match="line 2"):
        JobList(path, other)


def test_paths_begin_where_the_list_is(tmp_path: Path) -> None:
    job = parse_job(json.dumps(GOOD), tmp_path)
    assert (job.video, job.mask) == (str(tmp_path / "a.mp4"), str(tmp_path / "a.png"))
    long = "https://host/a.mp4?" + "signature=" + "0" * 600
    job = parse_job(json.dumps({"video": long, "masks": {"3": "/b.png"}, "meta": {"a": 1}}), tmp_path)
    assert (job.video, job.masks) == (long, {"3": "/b.png"})
    assert parse_job(job.to_line(), Path("/elsewhere")) == job


def test_ids_of_their_own(tmp_path: Path) -> None:
    """The same wherever the list is read, different for another prompt."""
    lines = [{"video": "/a.mp4", "mask": "/a.png", **more} for more in ({}, {"start": 3}, {"both": True})]
    ids = [parse_job(json.dumps(line), tmp_path).id for line in lines]
    assert len({*ids}) == 3
    assert ids[0] == parse_job(json.dumps({**lines[0], "meta": 1, "frames": 3}), Path("/")).id
    with pytest.raises(InputError, match="of line 1"):
        JobList(listed(tmp_path, lines[0], lines[0]))


def test_longest_first_and_the_unknown_before(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(bytes(5000 * 20))  # about 20 frames
    lines = [
        {**GOOD, "id": "ten", "frames": 10},
        {**GOOD, "id": "size"},
        {**GOOD, "id": "unknown", "video": "s3://b/a.mp4"},
        {**GOOD, "id": "seconds", "seconds": 3},
    ]
    assert [job.id for job in JobList(listed(tmp_path, *lines))] == ["unknown", "seconds", "size", "ten"]


def test_a_list_that_changes_meanwhile(tmp_path: Path) -> None:
    path = listed(tmp_path, GOOD, {**GOOD, "id": "b"})
    jobs = JobList(path)
    listed(tmp_path, {**GOOD, "id": "c"}, GOOD)
    with pytest.raises(InputError, match="changed"):
        list(jobs)


def test_every_job_of_a_long_list_is_in_one_shard(tmp_path: Path) -> None:
    numbers = list(range(3000))
    random.Random(0).shuffle(numbers)
    path = listed(tmp_path, *({**GOOD, "id": f"v{n}", "frames": n + 1} for n in numbers))
    shards = [list(JobList(path, Shard(index, 3))) for index in range(3)]
    assert sorted(job.frames or 0 for jobs in shards for job in jobs) == [n + 1 for n in sorted(numbers)]
    for jobs in shards:
        assert [job.frames for job in jobs] == sorted((job.frames for job in jobs), reverse=True)
    assert isinstance(shards[0][0], Job)
