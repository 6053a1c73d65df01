"""The files that are submitted to clusters, as far as they can run without one."""

import os
import signal
import subprocess
from pathlib import Path

import yaml
from as_segment import FAST, scene
from batch_scene import in_the_making, published

from command import environment, mobilevos
from mobilevos.batch.shards import key_of
from waiting import PATIENCE, wait_until

FILES = Path(__file__).parents[2] / "examples" / "batch"
COMMANDS = '#!/bin/sh\nexec python -m mobilevos "$@"\n'
SUBMIT = """#!/bin/sh
[ "$1 $2" = "job submit" ] || exit 9
while [ "$1" != -- ]; do shift; done
shift
echo "$@"
"""


def commands(folder: Path) -> dict[str, str]:
    """An environment with commands `mobilevos`, and `ray`, which prints what it is asked to run."""
    for name, text in (("mobilevos", COMMANDS), ("ray", SUBMIT)):
        path = folder / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
    return {**environment(), "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"}


def test_the_script_for_slurm_hands_its_signal_on(tmp_path: Path) -> None:
    """As task 1 of an array of 2, whose shell alone gets SIGTERM before the time is up."""
    scene(tmp_path, 1, 200, count=30)
    task = {name: str(value) for name, value in {"ID": 1, "MIN": 0, "MAX": 1, "STEP": 1, "COUNT": 2}.items()}
    process = subprocess.Popen(
        ["bash", FILES / "slurm.sh", "jobs.jsonl", "out", *FAST],
        cwd=tmp_path,
        env=commands(tmp_path)
        | {f"SLURM_ARRAY_TASK_{name}": value for name, value in task.items()}
        | {"SLURM_CPUS_PER_TASK": "1"},
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until(lambda: process.poll() is not None or published(tmp_path / "out"))
    process.send_signal(signal.SIGTERM)
    _, error = process.communicate(timeout=PATIENCE)
    assert process.returncode == 143, error
    done = published(tmp_path / "out")
    assert all(key_of(job) % 2 == 1 for job in done)
    assert 0 < len(done) < 90
    assert not in_the_making(tmp_path / "out")


def test_options_of_slurm_stand_where_it_looks_for_them() -> None:
    """Behind the first command, it passes over them."""
    lines = (FILES / "slurm.sh").read_text().splitlines()
    options = [place for place, line in enumerate(lines) if line.startswith("#SBATCH ")]
    first = next(place for place, line in enumerate(lines) if line and not line.startswith("#"))
    assert lines[0] == "#!/bin/bash"
    assert max(options) < first
    given = dict(lines[place].removeprefix("#SBATCH --").partition("=")[::2] for place in options)
    grace = int(lines[first].split("--grace ")[1].split()[0])
    assert given["signal"] == "B:TERM@90"
    assert grace < 90


def test_the_job_of_kubernetes(tmp_path: Path) -> None:
    """What its interface asks for, and the container's command as the pod of an index."""
    job = yaml.safe_load((FILES / "kubernetes.yaml").read_text())
    spec, pod = job["spec"], job["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert (job["apiVersion"], job["kind"], spec["completionMode"]) == ("batch/v1", "Job", "Indexed")
    assert spec["parallelism"] <= spec["completions"]
    assert spec["maxFailedIndexes"] <= spec["completions"]
    assert pod["restartPolicy"] == "Never", "a pod failure policy asks for it"
    assert spec["backoffLimitPerIndex"] > 0, (
        "3 may be a disk or a store that fails, which another pod may find well again"
    )
    rules = {rule["action"]: rule.get("onExitCodes", {}).get("values") for rule in spec["podFailurePolicy"]["rules"]}
    assert rules == {"Ignore": None, "FailJob": [2]}
    assert container["resources"]["requests"] == container["resources"]["limits"]
    mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    assert set(mounts) == {volume["name"] for volume in pod["volumes"]}
    arguments = container["args"]
    assert f"--shard=auto/{spec['completions']}" in arguments
    grace = next(int(given.split("=")[1]) for given in arguments if given.startswith("--grace="))
    assert grace < pod["terminationGracePeriodSeconds"]

    scene(tmp_path, 1, 5)
    here = [given.replace(mounts["lists"], str(tmp_path)).replace("s3://bucket", str(tmp_path)) for given in arguments]
    index = key_of("j1") % spec["completions"]
    done = subprocess.run(
        [*container["command"], *here, *FAST],
        env=commands(tmp_path) | {"JOB_COMPLETION_INDEX": str(index)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert published(tmp_path / "results") == {"j1"}


def test_the_script_for_ray_submits_a_command_that_there_is(tmp_path: Path) -> None:
    scene(tmp_path, 1, 4)
    done = subprocess.run(
        ["bash", FILES / "ray.sh", tmp_path / "jobs.jsonl", tmp_path / "out", *FAST],
        env=commands(tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )
    name, *arguments = done.stdout.split()
    assert name == "mobilevos"
    assert arguments[arguments.index("--engine") + 1] == "ray"
    arguments[arguments.index("--engine") + 1] = "local"
    assert mobilevos(*arguments).returncode == 3
    assert published(tmp_path / "out") == {"j0"}
