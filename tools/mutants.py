"""Mutation testing: small mistakes are made in a file, one at a time, and its tests have to notice each.

    python tools/mutants.py src/mobilevos/engine/region.py
    python tools/mutants.py                                  # all files that docs/testing.md lists

Prints the mutants that survive, but for those that docs/testing.md shows to be equivalent, and ends with code 1 if any
does. Each runs in a process forked from one that has loaded all that tests need or, if it is within a function, as most
are, from one that has collected the tests too; that takes a twentieth of a second beside what the tests take.
"""

import gc
import json
import os
import re
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.abc import Loader, MetaPathFinder
from importlib.metadata import entry_points
from importlib.util import spec_from_loader
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import cyclopts
import pytest
from hypothesis import Phase, settings
from mutations import Mutant, mutants

ROOT = Path(__file__).parent.parent
DOCUMENT = ROOT / "docs" / "testing.md"
PATIENCE = 60
"""Seconds of processor time after which a mutant counts as noticed: it no longer ends. Some are given less, by what the
tests take without a mutant."""
UNFIT = 255
_OPTIONS = "-x", "-q", "-p", "no:cacheprovider", "--hypothesis-seed=0", "--hypothesis-profile=mutants"
settings.register_profile("mutants", phases=[Phase.explicit, Phase.generate])  # nobody reads the smallest example


def _module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT / "src").with_suffix("").parts)


class _Mutated(MetaPathFinder, Loader):
    """Loads one module from changed source."""

    def __init__(self, path: Path, source: str) -> None:
        self._path, self._source, self._name = path, source, _module_of(path)

    def find_spec(self, name: str, *_: Any) -> Any:
        return spec_from_loader(name, self, origin=str(self._path)) if name == self._name else None

    def exec_module(self, module: ModuleType) -> None:
        module.__file__ = str(self._path)
        exec(compile(self._source, str(self._path), "exec"), module.__dict__)


def noticing(language: str) -> dict[Path, list[str]]:
    """What notices mistakes in each file, by its table in docs/testing.md: of Python's, arguments of pytest."""
    rows = re.findall(rf"^\| `(\S+\.{language})` \| `([^`]+)` \|$", DOCUMENT.read_text(), re.MULTILINE)
    return {ROOT / path: tests.split(" ; ") for path, tests in rows}


def equivalents(language: str) -> dict[str, list[str]]:
    """Of each file, what is written of the mutants that change nothing."""
    found: dict[str, list[str]] = {}
    for path, name in re.findall(rf"^\| `(\S+\.{language})` \| `` (.+?) `` \|", DOCUMENT.read_text(), re.MULTILINE):
        found.setdefault(path, []).append(name)
    return found


def survives(path: Path, source: str, stages: list[str]) -> bool:
    """Whether no test fails with a file's source in place of its own."""
    child = os.fork()
    if not child:
        signal.setitimer(signal.ITIMER_PROF, PATIENCE)
        _hushed()
        if _module_of(path) in sys.modules:  # with its own source, and others have what is in it
            for name in [each for each in sys.modules if each.partition(".")[0] == "mobilevos"]:
                del sys.modules[name]
        sys.meta_path.insert(0, _Mutated(path, source))
        code = 0
        for stage in stages:
            code = code or pytest.main([*_OPTIONS, *_split(stage)])
        os._exit(int(code))
    return os.waitpid(child, 0)[1] == 0


def _split(arguments: str) -> list[str]:
    return [part.strip('"') for part in re.findall(r'"[^"]+"|\S+', arguments)]


class _InPlace:
    """A pytest plugin that collects tests once and then runs them for each of some mutants, in a process of its own.

    The test that noticed one comes first for the next, so what no test notices is what takes time.
    """

    def __init__(self, module: str, source: str, chosen: list[Mutant]) -> None:
        self._module, self._source, self._chosen = module, source, chosen
        self._patience: float = PATIENCE
        self.left: list[Mutant] = []
        self.unfit: list[Mutant] = []
        """Functions of these cannot take the place of what is loaded."""

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """In place of pytest's own."""
        gc.freeze()
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        if self._outcome(session, self._source):
            os._exit(1)
        took = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
        self._patience = min(PATIENCE, 0.5 + 3 * took)
        for mutant in self._chosen:
            outcome = self._outcome(session, mutant.source)
            if outcome == UNFIT:
                self.unfit.append(mutant)
            elif not outcome:
                self.left.append(mutant)
            elif outcome > 0:
                session.items.insert(0, session.items.pop(outcome - 1))
        return True

    def _outcome(self, session: pytest.Session, source: str) -> int:
        """The number of the test that fails, from 1; 0 if none does, less if something else happens."""
        child = os.fork()
        if not child:
            try:
                _exchange(sys.modules[self._module], source)
            except ValueError:  # it has other free variables
                os._exit(UNFIT)
            signal.setitimer(signal.ITIMER_PROF, self._patience)
            for number, item in enumerate(session.items, 1):
                item.ihook.pytest_runtest_protocol(item=item, nextitem=None)
                if session.testsfailed:
                    os._exit(min(number, UNFIT - 1))
            os._exit(0)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _exchange(module: ModuleType, source: str) -> None:
    """Give the functions of a module, whoever has them, the code that they have in another source."""
    other = ModuleType(module.__name__)
    other.__file__ = module.__file__
    sys.modules[module.__name__] = other  # dataclasses look up their module
    exec(compile(source, str(module.__file__), "exec"), other.__dict__)
    sys.modules[module.__name__] = module
    _exchange_in(vars(module), vars(other), module.__name__)


def _exchange_in(old: Mapping[str, Any], new: Mapping[str, Any], name: str) -> None:
    for key, own in old.items():
        its = new.get(key)
        for part in ("fget", "func", "__func__"):
            own, its = getattr(own, part, own), getattr(its, part, its)
        if isinstance(own, FunctionType) and own.__module__ == name:
            own.__code__, own.__defaults__, own.__kwdefaults__ = its.__code__, its.__defaults__, its.__kwdefaults__
        elif isinstance(own, type) and own.__module__ == name:
            _exchange_in(vars(own), vars(its), name)


def _hushed() -> None:
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, 1)
    os.dup2(sink, 2)


def surviving_in_place(path: Path, chosen: list[Mutant], stages: list[str]) -> Iterator[Mutant]:
    """Mutants of a file's functions that its tests do not notice; most are tried where the engine is loaded already."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        _hushed()
        left, unfit = chosen, list[Mutant]()
        for stage in stages:
            loop = _InPlace(_module_of(path), path.read_text(), left)
            pytest.main([*_OPTIONS, "-s", *_split(stage)], [loop])
            left, unfit = loop.left, unfit + loop.unfit
        os.write(writing, json.dumps([[mutant.name for mutant in some] for some in (left, unfit)]).encode())
        os._exit(0)
    os.close(writing)
    with open(reading) as pipe:
        told = pipe.read()
    if os.waitpid(child, 0)[1]:
        raise SystemExit(f"The tests of {path.name} cannot be run: {stages}.")
    unnoticed, unable = json.loads(told)
    for mutant in chosen:
        if mutant.name in unnoticed or (mutant.name in unable and survives(path, mutant.source, stages)):
            yield mutant


def surviving(path: Path, left: list[Mutant], stages: list[str]) -> Iterator[Mutant]:
    """Those of some of a file's mutants that its tests do not notice."""
    if not survives(path, path.read_text(), stages):
        raise SystemExit(f"The tests of {path.name} fail without any mutant: {stages}.")
    yield from (mutant for mutant in left if not mutant.in_function and survives(path, mutant.source, stages))
    yield from surviving_in_place(path, [mutant for mutant in left if mutant.in_function], stages)


def report(
    files: Iterable[Path],
    made: Callable[[str], Iterable[Mutant]],
    left: Callable[[Path, list[Mutant]], Iterable[Mutant]],
) -> None:
    """Print which mutants of some files survive, but for those that are equivalent, and end with code 1 if any does."""
    survivors = 0
    for path in files:
        equal = equivalents(path.suffix[1:])
        name, began, all_of_it = str(path.relative_to(ROOT)), time.monotonic(), list(made(path.read_text()))
        found = 0
        for mutant in left(path, [each for each in all_of_it if each.name not in equal.get(name, [])]):
            found += 1
            print(f"{name}:{mutant.line}: {mutant.name}", flush=True)
        survivors += found
        print(f"{name}: {found} of {len(all_of_it)} survive ({time.monotonic() - began:.0f} s)", flush=True)
    raise SystemExit(1 if survivors else 0)


def main(*files: Path) -> None:
    """Try all mutants of some files; of all that have tests in docs/testing.md if none is named."""
    stages = noticing("py")
    chosen = [path.resolve() for path in files] or stages
    report(chosen, mutants, lambda path, left: surviving(path, left, stages[path]))


if __name__ == "__main__":
    import numpy.testing  # noqa: F401
    import onnxruntime  # noqa: F401

    import mobilevos.evaluation
    import mobilevos.sample  # noqa: F401

    for plugin in entry_points(group="pytest11"):
        plugin.load()
    assert "mobilevos.engine" not in sys.modules
    sys.dont_write_bytecode = False
    gc.freeze()
    os.chdir(ROOT)
    cyclopts.run(main)
