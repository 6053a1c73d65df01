"""Mutation testing of the page's engine makes the mistakes that it says, and what it lets pass is written down."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent
sys.path.append(str(ROOT / "tools"))

import js_mutants as command  # noqa: E402
from js_mutations import js_mutants  # noqa: E402
from mutants import equivalents, noticing  # noqa: E402

SOURCE = """
import { b } from "./b.js"; // a + b
const PART = 0.5;
const BITS = 0x0f;

export class Row {
  #cells = [];

  get mean() {
    return this.total / Math.max(this.count - 1, -2);
  }

  async put(at, by = 2) {
    if (at >= PART && !this.full) this.#cells[at] = 1;
    for (let i = 0; i < at; i++) this.#cells.push(i);
    await note(`${at} + ${by}`);
    this.count += by;
  }
}

export function marked(mask) {
  if (!mask) throw new Error("a + b" + 1);
  return mask.map((value) => (value?.isIn || b === true ? 1 : 0));
}
"""


def test_one_thing_is_changed_at_a_time() -> None:
    found = {mutant.name: mutant for mutant in js_mutants(SOURCE)}
    assert [*found] == [
        ": 0.5 -> 0.875",
        ": 0x0f -> 16",
        "Row.mean: this.total / Math.max(this.count - 1, -2) -> this.total * Math.max(this.count - 1, -2)",
        "Row.mean: max -> min",
        "Row.mean: this.count - 1 -> this.count + 1",
        "Row.mean: 1 -> 2",
        "Row.mean: -2 -> 2",
        "Row.mean: 2 -> 3",
        "Row.put: 2 -> 3",
        "Row.put: if (at >= PART && !this.full) -> if (!(at >= PART && !this.full))",
        "Row.put: at >= PART -> at > PART",
        "Row.put: at >= PART && !this.full -> at >= PART || !this.full",
        "Row.put: !this.full -> this.full",
        "Row.put: 1 -> 0",
        "Row.put: 0 -> 1",
        "Row.put: this.#cells.push(i) -> nothing",
        "Row.put: await note(`${at} + ${by}`) -> nothing",
        "Row.put: this.count += by -> this.count -= by",
        "marked: if (!mask) -> if (!(!mask))",
        "marked: !mask -> mask",
        "marked: value?.isIn || b === true -> value?.isIn && b === true",
        "marked: b === true -> b !== true",
        "marked: true -> false",
        "marked: value?.isIn || b === true ? -> !(value?.isIn || b === true) ?",
    ]
    lines = SOURCE.splitlines()
    for mutant in found.values():
        changed = [number for number, line in enumerate(mutant.source.splitlines(), 1) if line != lines[number - 1]]
        assert changed == [mutant.line]


def test_mutants_of_the_same_kind_have_names_of_their_own() -> None:
    names = [mutant.name for mutant in js_mutants("const x = 1 + 1;")]
    assert names == [": 1 -> 2", ": 1 + 1 -> 1 - 1", ": 1 -> 2 (2)"]


@pytest.fixture
def cases() -> list[dict[str, Any]]:
    """Whether three boxes lie in a region; the last has its very borders."""
    region = [10, 10, 90, 90, 64, 64]
    boxes = [[20, 20, 95, 30], [20, 20, 30, 30], [10, 10, 90, 90]]
    asked = [{"region": region, "other": [0, 10, 90, 90, 64, 64], "bounds": box} for box in boxes]
    found = [[False, is_held, False] for is_held in (False, True, True)]
    return [{"kind": "region_compared", "given": one, "found": two} for one, two in zip(asked, found, strict=True)]


def test_what_no_case_notices_survives(tmp_path: Path, cases: list[dict[str, Any]]) -> None:
    """Nor does a mutant that never ends, or is no code."""
    source = (ROOT / "src/mobilevos/web/engine/region.js").read_text()
    found = {mutant.name: mutant.source for mutant in js_mutants(source) if "Region.holds" in mutant.name}
    replay = command.Replay(tmp_path, cases)
    replay.limit_patience()
    above = "Region.holds: bottom <= this.bottom -> bottom < this.bottom"
    assert not replay.survives("region.js", found[above])
    assert replay.survives("region.js", source)
    assert not replay.survives("region.js", source.replace("return this.left <= left", "while (true); return left"))
    with pytest.raises(SystemExit, match="no code"):
        replay.survives("region.js", source.replace("return this.left <= left", "return ("))
    without_borders = command.Replay(tmp_path / "other", cases[:2])
    assert without_borders.survives("region.js", found[above])


def test_cases_that_fail_anyway_notice_nothing(tmp_path: Path, cases: list[dict[str, Any]]) -> None:
    cases[0]["found"][1] = True
    with pytest.raises(SystemExit, match="without any mutant"):
        command.Replay(tmp_path, cases).limit_patience()


def test_cases_are_of_kinds_that_there_are() -> None:
    kinds = {json.loads(line)["kind"] for line in (ROOT / "tests/golden/vectors.jsonl").read_text().splitlines()}
    assert {kind for chosen in noticing("js").values() for kind in chosen} <= kinds


def test_what_is_called_equivalent_is_still_there() -> None:
    for path, names in equivalents("js").items():
        assert {*names} <= {mutant.name for mutant in js_mutants((ROOT / path).read_text())}
