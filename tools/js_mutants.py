"""Mutation testing of the page's engine: what the recorded cases of tests/golden have to notice in Node.

    python tools/js_mutants.py src/mobilevos/web/engine/track.js
    python tools/js_mutants.py                                    # all files that docs/testing.md lists

Otherwise as mutants.py. The cases that noticed the last mutants come first, so most take what Node needs to start.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cyclopts
from js_mutations import js_mutants
from mutants import ROOT, noticing, report
from mutations import Mutant

sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "golden")]

from golden_node import laid_out, replaying  # noqa: E402
from golden_packing import unpacked  # noqa: E402
from golden_vectors import agree, recorded  # noqa: E402

PATIENCE = 10
"""Seconds of processor time, at most, after which a mutant counts as noticed: it no longer ends."""


class Replay:
    """Cases, as the engine in a folder answers them."""

    def __init__(self, folder: Path, cases: list[dict[str, Any]]) -> None:
        self._engine, self._vectors = folder / "engine", folder / "vectors.jsonl"
        self._command, self._cases = replaying(laid_out(folder), self._vectors), [*cases]
        self._known: dict[int, bytes] = {}
        """Answers that have been found right, by the id of their case."""
        self._patience = PATIENCE
        self._write()

    def survives(self, name: str, source: str) -> bool:
        """Whether all answers are right with a file's source in place of its own."""
        path = self._engine / name
        before = path.read_text()
        path.write_text(source)
        wrong = self._first_wrong()
        path.write_text(before)
        if wrong:
            self._cases.insert(0, self._cases.pop(wrong - 1))
            self._write()
        return not wrong

    def limit_patience(self) -> None:
        """Give mutants what the cases take now, and some more."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        if self._first_wrong():
            raise SystemExit("The cases fail without any mutant.")
        took = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
        self._patience = min(PATIENCE, 1 + round(2 * took))

    def _write(self) -> None:
        self._vectors.write_text("".join(f"{json.dumps(case)}\n" for case in self._cases))

    def _first_wrong(self) -> int:
        """The number of the first case whose answer is wrong, from 1; 0 if none is."""
        with tempfile.TemporaryFile() as errors:
            node = subprocess.Popen(
                ["/bin/sh", "-c", f'ulimit -t {self._patience}; exec "$@"', "sh", *self._command],
                stdout=subprocess.PIPE,
                stderr=errors,
            )
            assert node.stdout
            with node:
                right = (self._is_right(case, node.stdout.readline()) for case in self._cases)
                wrong = next((number for number, each in enumerate(right, 1) if not each), 0)
                if wrong:
                    node.kill()
            errors.seek(0)
            if wrong == 1 and b"\nSyntaxError" in (told := errors.read()):
                raise SystemExit(f"This is no code: {told.decode()}")
            return wrong

    def _is_right(self, case: dict[str, Any], line: bytes) -> bool:
        if not line.endswith(b"\n"):
            return False
        if self._known.get(id(case)) == line:
            return True
        try:
            right = agree(unpacked(case["found"]), unpacked(json.loads(line)))
        except ValueError:  # an array of another size than it says
            return False
        if right:
            self._known.setdefault(id(case), line)
        return right


def surviving(path: Path, left: list[Mutant], kinds: list[str]) -> Iterator[Mutant]:
    """Those of some of a file's mutants that cases of some kinds do not notice."""
    cases = [case for kind in kinds for case in recorded() if case["kind"] == kind]
    with tempfile.TemporaryDirectory() as folder:
        replay = Replay(Path(folder), cases)
        replay.limit_patience()
        yield from (mutant for mutant in left if replay.survives(path.name, mutant.source))


def main(*files: Path) -> None:
    """Try all mutants of some files; of all that have kinds of cases in docs/testing.md if none is named."""
    kinds = noticing("js")
    chosen = [path.resolve() for path in files] or kinds
    report(chosen, js_mutants, lambda path, left: surviving(path, left, kinds[path]))


if __name__ == "__main__":
    os.chdir(ROOT)
    cyclopts.run(main)
