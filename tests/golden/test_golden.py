"""The recorded cases are what Python answers today, and what the page's engine answers in Node, in every mode."""

import json
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from golden_answers import KINDS, answer
from golden_cases import cases
from golden_node import laid_out, node, replaying
from golden_packing import FINE, unpacked
from golden_vectors import SLACK, VECTORS, agree, recorded

from mobilevos.engine import modes
from waiting import PATIENCE


@pytest.fixture(scope="module")
def answers_in_node(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """Of all cases."""
    command = replaying(laid_out(tmp_path_factory.mktemp("node")), VECTORS)
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def part_of(line: dict[str, Any]) -> str:
    """The kind of a case; of lives also the mode."""
    return f"life-{line['given']['mode']}" if line["kind"] == "life" else str(line["kind"])


PARTS = [*(kind for kind in KINDS if kind != "life"), *(f"life-{mode}" for mode in modes.LIVE)]


def strays(part: str, found: list[Any]) -> list[int]:
    """Numbers of the lines of some part in which answers are not the recorded ones."""
    return [
        number
        for number, (line, own) in enumerate(zip(recorded(), found, strict=True), 1)
        if part_of(line) == part and not agree(unpacked(line["found"]), unpacked(own))
    ]


def test_the_cases_are_many_and_of_every_kind_and_mode() -> None:
    assert len(recorded()) >= 400
    assert {line["kind"] for line in recorded()} == KINDS.keys()
    for kind in ("attention", "life"):
        used = Counter(line["given"]["mode"] for line in recorded() if line["kind"] == kind)
        assert used.keys() == modes.LIVE.keys()
        assert min(used.values()) >= 15


def test_the_cases_are_those_that_are_drawn_today() -> None:
    drawn = [json.dumps({"kind": kind, "given": given}, sort_keys=True) for kind, given in cases()]
    kept = [json.dumps({"kind": line["kind"], "given": line["given"]}, sort_keys=True) for line in recorded()]
    strange = [case[:200] for case in Counter(drawn) - Counter(kept) | Counter(kept) - Counter(drawn)]
    assert strange == [], "run tests/golden/record.py: a test of the rules whose situations are recorded has changed"


@pytest.mark.parametrize("part", PARTS)
def test_they_are_what_python_answers_today(part: str) -> None:
    own = [answer(line["kind"], line["given"]) if part_of(line) == part else None for line in recorded()]
    found = json.loads(json.dumps(own))
    assert strays(part, found) == [], "run tests/golden/record.py if the engine has changed on purpose"


@pytest.mark.parametrize("part", PARTS)
def test_the_page_answers_the_same(part: str, answers_in_node: list[Any]) -> None:
    assert strays(part, answers_in_node) == []


def test_the_browsers_driver_has_a_node(monkeypatch: pytest.MonkeyPatch) -> None:
    playwright = pytest.importorskip("playwright")
    monkeypatch.setenv("PATH", "")
    assert Path(node()).parent == Path(playwright.__file__).parent / "driver"
    assert subprocess.run([node(), "--version"], capture_output=True, check=True).stdout.startswith(b"v")


def test_a_difference_is_seen() -> None:
    """In a pixel too many, a step too many, a number and a word."""
    labels, fine = np.zeros((9, 9), np.uint8), np.zeros((9, 9), np.uint16)
    changed = labels.copy()
    changed[:2] = 1
    assert agree([labels, fine, 1, 0.5, "a", None], [labels, fine + SLACK, 1, 0.5, "a", None])
    for one, two in ((labels, changed), (fine, fine + SLACK + 1), (1, 2), (0.5, 0.6), ("a", "b"), ([], [1]), (1, True)):
        assert not agree(one, two)
    assert np.iinfo(np.uint16).max == FINE
