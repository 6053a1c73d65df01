"""How many cores there are to use, from what control groups of both versions say, in files as the kernel has them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from command import environment
from mobilevos.machine import cores
from mobilevos.machine.cores import core_quota, threads_to_use, usable_cores

ALL = 8


class Machine:
    """The files that a process on a machine of eight cores sees of its control groups."""

    def __init__(self, root: Path) -> None:
        self.process, self.groups = root / "proc", root / "cgroup"
        self.process.mkdir()
        self.groups.mkdir()

    def belongs(self, *lines: str) -> None:
        (self.process / "cgroup").write_text("".join(f"{line}\n" for line in lines))

    def mounted(self, *mounts: tuple[str, str, str]) -> None:
        """Root, folder below the groups' own, and kind of each mount."""
        lines = [
            f"3{n} 24 0:2{n} {root} {self.groups / at} rw,nosuid shared:9 - {kind} {kind} rw\n"
            for n, (root, at, kind) in enumerate(mounts)
        ]
        (self.process / "mountinfo").write_text("24 1 0:20 / /sys rw - sysfs sysfs rw\n" + "".join(lines))

    def second(self, group: str, text: str) -> None:
        self._write(f"{group}/cpu.max", text)

    def first(self, group: str, quota: int, period: int = 100000) -> None:
        self._write(f"{group}/cpu.cfs_quota_us", str(quota))
        self._write(f"{group}/cpu.cfs_period_us", str(period))

    def _write(self, name: str, text: str) -> None:
        path = self.groups / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(tmp_path)
    monkeypatch.setattr(cores, "PROCESS", made.process)
    monkeypatch.setattr(cores, "CONTROL_GROUPS", made.groups)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(ALL)), raising=False)
    return made


def test_without_control_groups_all_cores_are_ours(machine: Machine) -> None:
    assert (core_quota(), usable_cores()) == (None, ALL)


def test_no_more_than_the_affinity(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3, 5})
    machine.second("", "400000 100000")
    assert (core_quota(), usable_cores()) == (4, 2)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("100000 100000", 1),
        ("200000 100000", 2),
        ("150000 100000", 2),
        ("20000 100000", 1),
        ("100 100000", 1),
        ("350000 100000", 4),
        ("30000 10000", 3),
        ("9900000 100000", ALL),
        ("max 100000", ALL),
        ("max", ALL),
        ("", ALL),
        ("0 100000", ALL),
        ("100000 0", ALL),
        ("much 100000", ALL),
    ],
)
def test_a_quota_of_the_second_version(machine: Machine, text: str, count: int) -> None:
    machine.belongs("0::/")
    machine.second("", text)
    assert usable_cores() == count


@pytest.mark.parametrize("folder", ["cpu", "cpu,cpuacct", "cpuacct,cpu"])
@pytest.mark.parametrize(("quota", "count"), [(100000, 1), (250000, 3), (50000, 1), (-1, ALL)])
def test_a_quota_of_the_first_version(machine: Machine, folder: str, quota: int, count: int) -> None:
    machine.belongs("4:memory:/", f"3:{folder}:/", "0::/")
    machine.first(folder, quota)
    assert usable_cores() == count


@pytest.mark.parametrize("least", ["", "/pods", "/pods/one", "/pods/one/inner"])
def test_the_least_quota_around_a_nested_group_counts(machine: Machine, least: str) -> None:
    machine.belongs("0::/pods/one/inner")
    for group in ("", "/pods", "/pods/one", "/pods/one/inner"):
        machine.second(group, "200000 100000" if group == least else "600000 100000")
    machine.second("/pods/two", "100000 100000")  # of others
    machine.second("/pods/one/inner/deeper", "100000 100000")
    assert usable_cores() == 2
    machine.belongs("7:cpu,cpuacct:/pods/one/inner")
    for group in ("", "/pods", "/pods/one", "/pods/one/inner"):
        machine.first(f"cpu,cpuacct{group}", 100000 if group == least else -1)
    assert usable_cores() == 1


def test_a_container_that_sees_its_own_group_as_the_root(machine: Machine) -> None:
    """Docker without a namespace for groups: the path is the machine's, the mount is the container's."""
    machine.belongs("5:cpu,cpuacct:/docker/abc/inner", "0::/docker/abc/inner")
    machine.mounted(("/docker/abc", "cpu,cpuacct", "cgroup"), ("/docker/abc", "unified", "cgroup2"))
    machine.first("cpu,cpuacct", 500000)
    assert usable_cores() == 5
    machine.first("cpu,cpuacct/inner", 300000)
    assert usable_cores() == 3
    machine.second("unified/inner", "100000 100000")
    assert usable_cores() == 1


def test_groups_that_are_mounted_elsewhere(machine: Machine, tmp_path: Path) -> None:
    machine.belongs("0::/job")
    machine.mounted(("/", "../elsewhere", "cgroup2"))
    (tmp_path / "elsewhere" / "job").mkdir(parents=True)
    (tmp_path / "elsewhere" / "job" / "cpu.max").write_text("200000 100000\n")
    assert usable_cores() == 2


@pytest.mark.parametrize("line", ["0::/../other", "0::", "nonsense", "0::/not/there", ""])
def test_strange_groups_are_the_root(machine: Machine, line: str) -> None:
    machine.belongs(line)
    machine.second("", "300000 100000")
    assert usable_cores() == 3


@pytest.mark.parametrize(
    ("told", "count"), [(None, 3), ("2", 2), ("1", 1), ("64", 3), ("2,4", 2), ("", 3), ("0", 3), ("-1", 3), ("many", 3)]
)
def test_threads(machine: Machine, monkeypatch: pytest.MonkeyPatch, told: str | None, count: int) -> None:
    """What a caller asks for, else what OMP_NUM_THREADS says, and no more than there are cores."""
    machine.second("", "300000 100000")
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    if told is not None:
        monkeypatch.setenv("OMP_NUM_THREADS", told)
    assert [threads_to_use(asked) for asked in (None, 1, 3, 64)] == [count, 1, 3, 3]


@pytest.mark.skipif(len(cores.cores()) < 2, reason="there is one core only")
def test_a_container_of_one_core_gets_the_threads_of_one_core(tmp_path: Path) -> None:
    """NumPy's threads, too: what the kernel shows of a container with a quota, around a process of its own."""
    if (
        not shutil.which("unshare")
        or subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip("needs the right to mount")
    program = tmp_path / "count.py"
    program.write_text(
        "import os, mobilevos\n"
        "before = len(os.listdir('/proc/self/task'))\n"
        "tracker = mobilevos.Tracker()\n"
        "print(len(os.listdir('/proc/self/task')) - before)\n"
    )
    (tmp_path / "second").mkdir()
    (tmp_path / "second" / "cpu.max").write_text("100000 100000\n")
    (tmp_path / "first" / "cpu").mkdir(parents=True)
    for name in ("quota", "period"):
        (tmp_path / "first" / "cpu" / f"cpu.cfs_{name}_us").write_text("100000\n")
    variables = environment()
    del variables["OMP_NUM_THREADS"]
    for groups in ("second", "first"):
        script = f"mount --bind '{tmp_path / groups}' /sys/fs/cgroup && '{sys.executable}' '{program}'"
        done = subprocess.run(
            ["unshare", "-m", "sh", "-c", script], env=variables, capture_output=True, text=True, check=False
        )
        assert (done.stdout.strip(), done.stderr) == ("0", "")
