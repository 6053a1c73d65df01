"""The situations that tests of Python's rules make: what they give to the engine is noted while they run.

So what is said of a rule once, in tests/engine, bites in the page's engine as well.
"""

import inspect
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial, wraps
from pathlib import Path
from typing import Any

import numpy as np
import pytest

HERE = Path(__file__).parent
TESTS = HERE.parent
sys.path[:0] = [str(HERE), str(TESTS)]

from golden_packing import packed_bits, packed_levels  # noqa: E402
from golden_rules import RULES  # noqa: E402

from mobilevos.engine import bounds, candidates, correction, entangled, grouping, region  # noqa: E402
from mobilevos.engine.attention import Attention, View  # noqa: E402
from mobilevos.engine.prompt import Prompt  # noqa: E402
from mobilevos.engine.region import Region  # noqa: E402
from mobilevos.engine.search import Search  # noqa: E402
from mobilevos.engine.sighting import Look, Sighting  # noqa: E402
from mobilevos.engine.track import Track  # noqa: E402
from mobilevos.engine.whereabouts import Whereabouts  # noqa: E402

FILES = (
    *("track", "entangled", "whereabouts", "sighting", "search", "cells", "ghosts", "origin"),
    *(
        "leaps",
        "returns",
        "candidates",
        "correction",
        "prompt_maps",
        "prompt_rules",
        "region",
        "attention",
        "grouping",
        "bounds",
    ),
)
OTHERS = "tracker", "a_speck", "whole_frame", "test_around", "fixed_size", "equals", "seen_alike", "every_object"
"""What runs trackers, for which there are other cases, what draws by chance, and what the page does not have."""

NAMES = {"self": "own"}

Situation = tuple[str, dict[str, Any]]


def situations() -> Iterator[Situation]:
    """Kind and what is given, of each; the tests run in a process of their own."""
    command = [sys.executable, str(Path(__file__))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"The tests fail whose situations are to be noted: {done.stderr[-2000:]}")
    for line in done.stdout.splitlines():
        kind, given = json.loads(line)
        yield kind, given


class Notes:
    """What tests gave to functions, and to the methods of each object of some classes."""

    def __init__(self) -> None:
        self._noted: list[Situation] = []
        self._held: list[object] = []
        """Objects, so that none has the id of another."""
        self._calls: dict[int, list[Any]] = {}

    def watch(self, owner: Any, name: str, kind: str) -> None:
        """Note each call of a function as a case of its own."""
        self._replace(owner, name, lambda given: self._noted.append((kind, given)))

    def follow(self, owner: type, *names: str) -> None:
        """Note the calls of some methods, in their order, as one case for each object."""
        for name in names:
            self._replace(owner, name, partial(self._note, name))

    def written(self) -> Iterator[str]:
        """Each case that differs from those before it."""
        return iter(dict.fromkeys(json.dumps(each) for each in self._noted))

    def _note(self, name: str, given: dict[str, Any]) -> None:
        own = given.pop("own")
        if id(own) not in self._calls:
            self._held.append(own)
            self._calls[id(own)] = []
            self._noted.append((type(own).__name__.lower(), {**begun(own), "calls": self._calls[id(own)]}))
        self._calls[id(own)].append([name, *given.values()])

    def _replace(self, owner: Any, name: str, note: Callable[[dict[str, Any]], None]) -> None:
        own = getattr(owner, name)

        @wraps(own)
        def noting(*args: Any, **kwargs: Any) -> Any:
            if not Path(sys._getframe(1).f_code.co_filename).is_relative_to(TESTS):
                return own(*args, **kwargs)
            bound = inspect.signature(own).bind(*args, **kwargs).arguments
            bound = {name: [*value] if isinstance(value, Iterator) else value for name, value in bound.items()}
            given = {NAMES.get(name, name): told(value) for name, value in bound.items() if not callable(value)}
            if callable(knows := bound.get("recognised")):
                asked = bound["recognised"] = Asked(bound["seen"], knows)
                given["known"] = asked.told
            if isinstance(bound.get("look"), Look):
                given["look"] = [each is bound["look"] for each in bound["self"].looks].index(True)
            if isinstance(prompt := bound.get("self"), Prompt):
                given = {"answers": told(prompt._looks.answers), **given}  # type: ignore[attr-defined]
            try:
                return own(**bound)
            finally:
                note(given)

        setattr(owner, name, noting)


class Asked:
    """What permanent frames know in looks, as a test says."""

    def __init__(self, seen: Sighting[Look], recognised: entangled.Recognised) -> None:
        self._looks, self._recognised = [*seen.looks], recognised
        self.told: list[Any] = [None] * len(seen.looks)
        """Of each look, None if it was not asked for."""

    def __call__(self, look: Look) -> Any:
        known = self._recognised(look)
        at = next(number for number, each in enumerate(self._looks) if each is look)
        self.told[at] = self.told[at] or packed_levels(known)
        return known


def begun(value: Any) -> dict[str, Any]:
    """What an object whose calls are noted was made of."""
    if not isinstance(value, Prompt):
        return {}
    return {"size": [*value._size], "mask": packed_bits(value._given) if value._given.any() else None}


def told(value: Any) -> Any:
    """A value of the engine for JSON, as golden_answers.py reads it; objects whose calls are noted stay."""
    match value:
        case list() | tuple():
            return [told(each) for each in value]
        case np.ndarray():
            return packed_levels(value) if value.dtype.kind == "f" else packed_bits(value > 0)
        case complex():
            return [value.real, value.imag]
        case Region():
            return [*vars(value).values()]
        case Attention():
            return {"mode": vars(value.mode), "frame": [*value.frame_size]}
        case View():
            return [told(value.region), [*value.rows]]
        case candidates.Candidate():
            return [told(value.region), told(value.logits), value.quality, value.faults]
        case np.generic():
            return value.item()
        case Track():
            return [told(each) for each in vars(value).values()]
        case Look():
            return [told(value.region), told(value.masks), [*value.rows]]
        case Sighting():
            return {"looks": told(value.looks), "homes": [*value.homes]}
        case Search():
            eyes: Any = value.perception  # the test's, which finds boxes
            given = {name: told(vars(eyes)[name]) for name in ("places", "returning", "again", "known")}
            attention, before = told(value.attention), told(value.before)
            return {"attention": attention, **given, "before": before, "missing": [*value.missing]}
        case _:
            return value


def main() -> None:
    """Run the tests and print what was noted."""
    notes = Notes()
    notes.follow(Whereabouts, "settle", "forget", "drop_object")
    notes.follow(entangled.Entangled, "meet", "blurred", "drop_object")
    notes.follow(Prompt, "click", "box", "choose", "undo")
    notes.watch(entangled, "part", "part")
    notes.watch(Track, "learn", "learn")
    for name, rule in RULES.items():
        notes.watch(sys.modules[rule.__module__], name, name)
    for name in ("with_mean", "agreed", "another", "telling"):
        notes.watch(candidates, name, f"candidates_{name}")
    notes.watch(correction, "corrected", "corrected")
    notes.watch(region, "around", "around")
    notes.watch(Search, "with_returned", "search")
    notes.watch(Search, "leave_out_leaps", "leaps")
    notes.watch(grouping, "groups", "groups")
    notes.watch(bounds, "bounds_of", "bounds_of")
    for name in ("plan", "changed"):
        notes.watch(Attention, name, f"attention_{name}")
    for name in ("resembles", "bounds_in_source"):
        notes.watch(Region, name, f"region_{name}")
    for name in ("centre", "area", "holds"):
        notes.watch(Look, name, f"look_{name}")
    for name in ("bring_home", "drop_object", "bounds", "masks_in", "showing", "paint", "soften"):
        notes.watch(Sighting, name, f"sighting_{name}")
    printed = os.dup(1)
    os.dup2(2, 1)
    files = [str(TESTS / "engine" / f"test_{name}.py") for name in FILES]
    code = pytest.main(["-q", "-p", "no:cacheprovider", "-k", f"not ({' or '.join(OTHERS)})", *files])
    with os.fdopen(printed, "w") as out:
        out.writelines(f"{line}\n" for line in notes.written())
    raise SystemExit(code)


if __name__ == "__main__":
    main()
