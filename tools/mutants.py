"""Mutation testing: small mistakes are made in a file, one at a time, and its tests have to notice each.

    python tools/mutants.py src/mobilevos/engine/region.py
    python tools/mutants.py                                  # all files that docs/testing.md lists

Prints the mutants that survive, but for those that docs/testing.md shows to be equivalent, and ends with code 1 if any
does. Each runs in a process forked from one that has loaded NumPy and pytest, so most take well under a second.
"""

import os
import re
import signal
import sys
import time
from collections.abc import Iterator
from importlib.abc import Loader, MetaPathFinder
from importlib.util import spec_from_loader
from pathlib import Path
from types import ModuleType
from typing import Any

import cyclopts
import pytest
from mutations import Mutant, mutants

ROOT = Path(__file__).parent.parent
DOCUMENT = ROOT / "docs" / "testing.md"
PATIENCE = 60
"""Seconds after which a mutant counts as noticed: it no longer ends."""


class _Mutated(MetaPathFinder, Loader):
    """Loads one module from changed source."""

    def __init__(self, path: Path, source: str) -> None:
        self._path, self._source = path, source
        self._name = ".".join(path.relative_to(ROOT / "src").with_suffix("").parts)

    def find_spec(self, name: str, *_: Any) -> Any:
        return spec_from_loader(name, self, origin=str(self._path)) if name == self._name else None

    def exec_module(self, module: ModuleType) -> None:
        module.__file__ = str(self._path)
        exec(compile(self._source, str(self._path), "exec"), module.__dict__)


def tests_of() -> dict[Path, list[str]]:
    """Arguments of pytest for each file, by the first table of docs/testing.md."""
    rows = re.findall(r"^\| `(\S+\.py)` \| `(.+)` \|$", DOCUMENT.read_text(), re.MULTILINE)
    return {ROOT / path: tests.split(" ; ") for path, tests in rows}


def equivalents() -> dict[str, list[str]]:
    """Of each file, what is written of the mutants that change nothing."""
    found: dict[str, list[str]] = {}
    for path, name in re.findall(r"^\| `(\S+\.py)` \| `` (.+?) `` \|", DOCUMENT.read_text(), re.MULTILINE):
        found.setdefault(path, []).append(name)
    return found


def survives(path: Path, source: str, stages: list[str]) -> bool:
    """Whether no test fails with a file's source in place of its own."""
    child = os.fork()
    if not child:
        signal.alarm(PATIENCE)
        sys.meta_path.insert(0, _Mutated(path, source))
        sink = os.open(os.devnull, os.O_WRONLY)
        os.dup2(sink, 1)
        os.dup2(sink, 2)
        code = 0
        for stage in stages:
            code = code or pytest.main(["-x", "-q", "-p", "no:cacheprovider", "--hypothesis-seed=0", *_split(stage)])
        os._exit(int(code))
    return os.waitpid(child, 0)[1] == 0


def _split(arguments: str) -> list[str]:
    return [part.strip('"') for part in re.findall(r'"[^"]+"|\S+', arguments)]


def surviving(path: Path, stages: list[str]) -> Iterator[Mutant]:
    """Mutants of a file that its tests do not notice."""
    source = path.read_text()
    if not survives(path, source, stages):
        raise SystemExit(f"The tests of {path.name} fail without any mutant: {stages}.")
    known = equivalents().get(str(path.relative_to(ROOT)), [])
    for mutant in mutants(source):
        if mutant.name not in known and survives(path, mutant.source, stages):
            yield mutant


def main(*files: Path) -> None:
    """Try all mutants of some files; of all that have tests in docs/testing.md if none is named."""
    stages, left = tests_of(), 0
    chosen = [path.resolve() for path in files] or list(stages)
    for path in chosen:
        began, count = time.monotonic(), len(list(mutants(path.read_text())))
        found = 0
        for mutant in surviving(path, stages[path]):
            found += 1
            print(f"{path.relative_to(ROOT)}:{mutant.line}: {mutant.name}", flush=True)
        left += found
        print(f"{path.relative_to(ROOT)}: {found} of {count} survive ({time.monotonic() - began:.0f} s)", flush=True)
    raise SystemExit(1 if left else 0)


if __name__ == "__main__":
    import hypothesis  # noqa: F401
    import numpy  # noqa: F401
    import onnxruntime  # noqa: F401
    import PIL.Image  # noqa: F401

    os.chdir(ROOT)
    cyclopts.run(main)
