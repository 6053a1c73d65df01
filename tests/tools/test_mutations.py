"""Mutation testing makes the mistakes that it says, and what it lets pass is written down."""

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent
TOOLS = ROOT / "tools"
sys.path.append(str(TOOLS))

import mutants as command  # noqa: E402
from mutations import mutants  # noqa: E402

SOURCE = '''
def f(a: int, b=2):
    """Words."""
    if a < b and not b:
        g(a)
    return [a + 1.0, True, min(a, b)]
'''


def test_one_thing_is_changed_at_a_time() -> None:
    found = {mutant.name: mutant.source for mutant in mutants(SOURCE)}
    changes = [name.removeprefix("f: ") for name in found]
    assert changes == [
        "2 -> 3",
        "if a < b and (not b): -> if not (a < b and (not b)):",
        "a < b and (not b) -> a < b or not b",
        "a < b -> a <= b",
        "not b -> b",
        "g(a) -> pass",
        "a + 1.0 -> a - 1.0",
        "1.0 -> 1.625",
        "True -> False",
        "min -> max",
    ]
    plain = ast.unparse(ast.parse(SOURCE))
    for source in found.values():
        changed = [one != two for one, two in zip(plain.splitlines(), source.splitlines(), strict=True)]
        assert changed.count(True) == 1


def test_words_and_checks_of_what_always_holds_stay() -> None:
    assert not list(mutants("x = zip(a, b, strict=True)\n'words'\nraise ValueError(f'{a + b}')"))


def test_mutants_of_the_same_kind_have_names_of_their_own() -> None:
    names = [mutant.name for mutant in mutants("x = 1 + 1")]
    assert names == [": 1 + 1 -> 1 - 1", ": 1 -> 2", ": 1 -> 2 (2)"]


APART = """
import json, sys
from pathlib import Path
tools, root, path, tests, asked = sys.argv[1:]
sys.path[:0] = [tools, root + "/src"]
import mutants as command
from mutations import mutants
command.ROOT, path, stages = Path(root), Path(path), [f"{tests} --rootdir {root}"]
source = path.read_text()
found = eval(asked)
print("\\n" + json.dumps(found))
"""


def apart(path: Path, tests: Path, asked: str) -> Any:
    """What the tool answers in a process that has no threads: it forks, and a lock that one holds would never open."""
    command = [sys.executable, "-c", APART, TOOLS, tests.parent, path, tests, asked]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(("test", "survivors"), [("x > 2", [": 3 -> 4"]), ("x == 3", [])])
def test_what_no_test_notices_survives(tmp_path: Path, test: str, survivors: list[str]) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "sample_module.py").write_text("x = 3")
    tests = tmp_path / "test_of_a_sample_module.py"
    tests.write_text(f"from sample_module import x\n\n\ndef test_x():\n    assert {test}\n")
    path = tmp_path / "src" / "sample_module.py"
    found = "[mutant.name for mutant in mutants(source) if command.survives(path, mutant.source, stages)]"
    assert apart(path, tests, found) == survivors
    assert apart(path, tests, "command.survives(path, source, stages)")


MODULE = """
from functools import cached_property

FIRST = 3


class Counter:
    count = 0

    @property
    def twice(self):
        return self.count * 2

    @cached_property
    def once(self):
        return self.count + 5

    def add(self, number=1):
        self.count += number
        return [self.count + each for each in (1, number)]


class Other(Counter):
    def add(self, number=1):
        super().add(number)
"""


def test_functions_are_exchanged_where_tests_have_them(tmp_path: Path) -> None:
    """As is what is done when a module is loaded, and what cannot be exchanged."""
    (tmp_path / "src").mkdir()
    path = tmp_path / "src" / "counting_module.py"
    path.write_text(MODULE)
    tests = tmp_path / "test_of_a_counting_module.py"
    tests.write_text(
        "from counting_module import FIRST, Counter, Other\n\n\ndef test_counting():\n    assert FIRST > 2\n"
        "    one, other = Counter(), Other()\n    assert one.add() == [2, 2]\n    other.add(3)\n"
        "    assert (one.count, one.twice, one.once, other.count) == (1, 2, 6, 3)\n"
    )
    found = "[mutant.name for mutant in command.surviving(path, list(mutants(source)), stages)]"
    assert apart(path, tests, found) == [": 3 -> 4", "Other.add: 1 -> 2"]


def test_every_file_of_the_engine_has_its_tests() -> None:
    engine = (ROOT / "src" / "mobilevos" / "engine").glob("*.py")
    engine = {path for path in engine if next(iter(mutants(path.read_text())), None)}
    assert engine <= {*command.noticing("py")}


def test_what_is_called_equivalent_is_still_there() -> None:
    for path, names in command.equivalents("py").items():
        assert {*names} <= {mutant.name for mutant in mutants((ROOT / path).read_text())}
