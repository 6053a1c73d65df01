"""The gate that keeps following from becoming slower unnoticed."""

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import performance
import pytest

from mobilevos import Tracker

COMMITTED = {"fast": 2.0, "best": 8.0}


@pytest.mark.parametrize(
    ("now", "slower"),
    [
        ({"fast": 2.0, "best": 8.0}, False),
        ({"fast": 1.0, "best": 4.0}, False),
        ({"fast": 2.29, "best": 9.19}, False),
        ({"fast": 2.31, "best": 8.0}, True),
        ({"fast": 1.0, "best": 9.21}, True),
    ],
)
def test_fifteen_per_cent(now: dict[str, float], slower: bool) -> None:
    found = performance.verdict(now, COMMITTED)
    assert found.slower is slower
    assert len(found.sentences) == 2


def test_one_bad_measurement_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "performance.json"
    file.write_text(json.dumps({performance.processor(): {"ratios": COMMITTED}}))
    monkeypatch.setattr(performance, "FILE", file)
    bad, good = {"fast": 3.0, "best": 8.0}, {"fast": 2.1, "best": 8.0}
    answers = iter([bad, good])
    monkeypatch.setattr(performance, "measured", lambda rounds: next(answers))
    performance.main()
    assert "fast: a frame takes 2.10 convolutions, +5.0% against 2.00." in capsys.readouterr().out
    monkeypatch.setattr(performance, "measured", lambda rounds: bad)
    with pytest.raises(SystemExit, match="more than 15%"):
        performance.main()


def test_ratios_are_committed() -> None:
    known = json.loads(performance.FILE.read_text())
    for each in known.values():
        assert each["ratios"].keys() == set(performance.MODES)
        assert each["machine"]
        assert each["date"]


@pytest.mark.slow
def test_a_slower_tracker_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    before = performance.measured(4)
    step = Tracker.step

    def twice(self: Tracker, frame: Any) -> np.ndarray:
        began = time.process_time()
        labels = step(self, frame)
        spent = time.process_time() - began
        while time.process_time() < began + 1.4 * spent:
            pass
        return labels

    monkeypatch.setattr(Tracker, "step", twice)
    assert performance.verdict(performance.measured(4), before).slower
