"""How much memory there is, from what control groups of both versions say, in files as the kernel has them."""

import os
from pathlib import Path

import pytest

from mobilevos.machine import cores
from mobilevos.machine.memory import memory_limit, resident


@pytest.fixture
def groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(cores, "PROCESS", tmp_path / "proc")
    monkeypatch.setattr(cores, "CONTROL_GROUPS", tmp_path / "cgroup")
    return tmp_path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{text}\n")


def test_no_limit(groups: Path) -> None:
    assert memory_limit() is None
    write(groups / "cgroup" / "memory.max", "max")
    write(groups / "cgroup" / "memory" / "memory.limit_in_bytes", "9223372036854771712")
    assert memory_limit() is None


def test_the_least_of_a_nest_counts(groups: Path) -> None:
    write(groups / "proc" / "cgroup", "0::/pod/box")
    write(groups / "cgroup" / "pod" / "memory.max", str(4 << 30))
    write(groups / "cgroup" / "pod" / "box" / "memory.max", str(6 << 30))
    assert memory_limit() == 4 << 30


def test_the_first_version(groups: Path) -> None:
    write(groups / "cgroup" / "memory" / "memory.limit_in_bytes", str(2 << 30))
    assert memory_limit() == 2 << 30


def test_this_process() -> None:
    assert (resident(os.getpid()) or 0) > 10 << 20
    assert resident(1 << 30) is None
