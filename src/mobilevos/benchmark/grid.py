"""Who takes part in a benchmark: every combination of what the user asks about."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import product
from math import prod, sqrt
from typing import Literal

from mobilevos.engine.modes import mode_of
from mobilevos.errors import InputError, RuntimeUnavailable
from mobilevos.runtimes import RUNTIMES
from mobilevos.weights.store import has_fixed_shapes, model_card, model_folder, shipped_models

Memory = Literal["finite", "infinite"]

SAMPLE = "sample"
"""The video of that name: the embedded sample, enlarged to 480p, played forwards and backwards without end."""
WHOLE = "whole"
"""The size of that name: all that peers see, every pixel of a 480p frame, with nothing followed."""
PEER_SIZE = (480, 864)
"""What peers see: 480p at multiples of 16, to which most of them would pad it."""
INFINITE_EVERY = 5
"""An infinite memory keeps every so-many-th frame, as STCN does by default."""
MOST = 48
"""Contestants on one video: each is a process, and every one waits for all others after each frame."""
RANDOM = "random-"


@dataclass(frozen=True)
class Contestant:
    """One combination: what runs, how, and on what."""

    model: str
    size: str
    """A mode's name, an internal size in pixels, or ``WHOLE``."""
    runtime: str
    memory: Memory = "finite"
    objects: int = 1
    threads: int | None = None
    """None: all cores."""
    video: str = SAMPLE
    """``SAMPLE``, ``random-N`` for N frames of noise, or a file."""
    follow: bool = True
    """Look at the region around the objects, and not always at the whole frame."""

    @property
    def name(self) -> str:
        """Model, size and runtime, then all that is not as usual but for the threads; see ``named``."""
        special = [
            f"{self.memory} memory" * (self.memory != "finite"),
            f"{self.objects} objects" * (self.objects > 1),
            self.video * (self.video != SAMPLE),
            "whole frame" * (not self.follow and not self.noise and self.size != WHOLE),
        ]
        return ", ".join(filter(None, [f"{self.model} {self.size} {self.runtime}", *special]))

    @property
    def mode(self) -> str | int:
        """A mode's name or an internal size, px."""
        return round(sqrt(prod(PEER_SIZE))) if self.size == WHOLE else _mode(self.size)

    @property
    def noise(self) -> bool:
        """There is nothing to see in the video."""
        return random_frames(self.video) is not None

    @property
    def memory_every(self) -> int | None:
        """See ``Tracker``."""
        return INFINITE_EVERY if self.memory == "infinite" else None


def contestants(
    models: Sequence[str],
    sizes: Sequence[str],
    runtimes: Sequence[str],
    memories: Sequence[Memory] = ("finite",),
    objects: Sequence[int] = (1,),
    threads: Sequence[int] = (),
    videos: Sequence[str] = (SAMPLE,),
    beside_peers: bool = False,
) -> list[Contestant]:
    """The cross product, ordered by video.

    Several numbers of objects are compared on the whole frame, because the region around them would depend on their
    number; one object is followed too. Noise has nothing to follow.

    Args:
        models: names or folders; "all" for the shipped ones.
        sizes: modes or pixels.
        runtimes: names; "all" for those that are installed.
        memories: "finite" or "infinite".
        objects: numbers of objects.
        threads: numbers of threads; empty for all cores.
        videos: see ``Contestant.video``.
        beside_peers: add the size ``WHOLE`` where peers take part: on the sample, with one object.

    Raises:
        InputError: an unknown or senseless value, one that comes twice, or too many contestants.
        ModelNotFound: no such model.
        RuntimeUnavailable: a runtime is not installed.
    """
    models = shipped_models() if tuple(models) == ("all",) else models
    runtimes = [name for name in RUNTIMES if find_spec(name)] if tuple(runtimes) == ("all",) else runtimes
    for option, values in (
        ("model", models),
        ("sizes", sizes),
        ("runtimes", runtimes),
        ("memory", memories),
        ("objects", objects),
        ("threads", threads),
        ("video", videos),
    ):
        repeated = [value for index, value in enumerate(values) if value in values[:index]]
        if repeated:
            raise InputError(f"--{option} names {repeated[0]} twice; give each value once.")
    for model in models:
        if has_fixed_shapes(model_folder(model)):
            raise InputError(
                f"{model} was exported for one size, which `mobilevos export` measures; leave it out here."
            )
        model_card(model)
    for runtime in runtimes:
        if runtime not in RUNTIMES:
            raise InputError(f"There is no runtime {runtime!r}; choose among all, {', '.join(RUNTIMES)}.")
        if not find_spec(runtime):
            raise RuntimeUnavailable(f"The runtime {runtime} is not installed; leave it out of --runtimes.")
    for size in sizes:
        mode_of(_mode(size))
    for count in objects:
        if not 1 <= count <= 255:
            raise InputError(f"{count} objects cannot be followed; give 1 to 255.")
    if beside_peers and (SAMPLE not in videos or 1 not in objects or "finite" not in memories or len(threads) > 1):
        raise InputError(
            "Peers are compared on the sample with one object, our finite memory and one number of threads; "
            "leave --peer out or let --video, --objects, --memory and --threads include just that."
        )
    shown = (*sizes, WHOLE) if beside_peers else sizes
    every = [
        Contestant(model, size, runtime, memory, count, number, video, follow)
        for video, model, size, runtime, memory in product(videos, models, shown, runtimes, memories)
        for count, follow in _views(objects, size, video)
        for number in threads or (None,)
        if size != WHOLE or (video == SAMPLE and memory == "finite")
    ]
    on_one = max(sum(one.video == video for one in every) for video in videos)
    if on_one > MOST:
        raise InputError(
            f"That makes {on_one} contestants on one video; at most {MOST} can take turns, so ask for less."
        )
    return every


def named(every: Collection[Contestant]) -> dict[Contestant, str]:
    """Names that tell contestants apart: with their threads, if these differ."""
    if len({one.threads for one in every}) < 2:
        return {one: one.name for one in every}
    return {one: f"{one.name}, threads {one.threads}" for one in every}


def random_frames(video: str) -> int | None:
    """Number of frames if the video is noise, as in ``random-500``."""
    number = video.removeprefix(RANDOM)
    return int(number) if number != video and number.isdecimal() else None


def _views(objects: Sequence[int], size: str, video: str) -> list[tuple[int, bool]]:
    """Numbers of objects, and whether they are followed."""
    if size == WHOLE:
        return [(1, False)]
    if len(objects) == 1 and random_frames(video) is None:
        return [(objects[0], True)]
    whole = [(count, False) for count in objects]
    return whole if random_frames(video) is not None or 1 not in objects else [(1, True), *whole]


def _mode(size: str) -> str | int:
    return int(size) if size.isdecimal() else size
