"""What a process knows of its memory."""

import importlib
import subprocess
import sys

import numpy as np
import pytest

from mobilevos.benchmark.process_memory import peak_mb, resident_mb


def test_memory_of_the_process() -> None:
    pytest.importorskip("resource")
    # In a process of its own: what other tests have left behind in this one may be given back at any moment.
    program = """
import mmap
from mobilevos.benchmark.process_memory import peak_mb, resident_mb
print(resident_mb(), peak_mb())
block = mmap.mmap(-1, 2**26)
for _ in range(64):
    block.write(b"1" * 2**20)
print(resident_mb(), peak_mb())
"""
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    before, peak_before, during, peak = map(float, finished.stdout.split())
    assert during - before == pytest.approx(64, abs=2)
    assert peak >= max(during - 1, peak_before)
    assert peak < 16_000


def test_a_child_does_not_inherit_its_parents_peak() -> None:
    pytest.importorskip("resource")
    block = np.ones(2**25)  # 256 MiB
    program = "from mobilevos.benchmark.process_memory import peak_mb; print(peak_mb())"
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert 5 < float(finished.stdout) < 250
    assert block.size == 2**25


def test_memory_is_unknown_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module("mobilevos.benchmark.process_memory")
    monkeypatch.setattr(module.sys, "platform", "win32")
    assert (peak_mb(), resident_mb()) == (None, None)
