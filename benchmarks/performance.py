"""Whether following an object has become slower, on any machine: against a convolution that is timed beside it.

    python benchmarks/performance.py          compares with the ratios in performance.json
    python benchmarks/performance.py --save   replaces those of this kind of processor

What counts is the processor time of a frame over that of a fixed convolution in ONNX Runtime, on one thread, so that
neither the machine's speed nor what else runs on it enters. Both take turns, and the least of many rounds is taken. As
instruction sets speed the two up by different factors, each has ratios of its own.
"""

import json
import platform
import sys
import time
from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from mobilevos import Tracker, sample
from mobilevos.benchmark.machine import describe_machine
from mobilevos.video.masks import load_mask
from mobilevos.video.reader import open_frames

FILE = Path(__file__).with_name("performance.json")
MODES = ("fast", "balanced", "best")
FRAMES = 8
ALLOWED = 1.15
TRIES = 3
"""A loss is measured again before it counts; the least ratios of all tries do."""
_CHANNELS, _SIDE, TIMES = 64, 96, 8

Ratios = dict[str, float]


class Verdict(NamedTuple):
    """What a comparison comes to."""

    sentences: list[str]
    slower: bool


def processor() -> str:
    """The kind of a processor: its widest instruction set, or else its architecture."""
    info = Path("/proc/cpuinfo")
    flags = set(info.read_text().split()) if info.exists() else set()
    return next((name for name in ("avx512f", "avx2") if name in flags), platform.machine())


def convolution() -> Callable[[], None]:
    """The reference: 3 x 3, 64 channels, 96 x 96 pixels, eight times over."""
    rng = np.random.default_rng(0)
    weights = rng.standard_normal((_CHANNELS, _CHANNELS, 3, 3), dtype=np.float32)
    shape = [1, _CHANNELS, _SIDE, _SIDE]
    graph = helper.make_graph(
        [helper.make_node("Conv", ["x", "w"], ["y"], pads=[1, 1, 1, 1])],
        "reference",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
        [numpy_helper.from_array(weights, "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])
    image = rng.standard_normal(shape, dtype=np.float32)

    def run() -> None:
        for _ in range(TIMES):
            session.run(None, {"x": image})

    return run


def following(mode: str) -> Callable[[], None]:
    """One object of the sample through its first frames."""
    tracker = Tracker(mode=mode, threads=1)
    mask = load_mask(sample.mask_path())
    first, *others = islice(open_frames(sample.clip_path()), FRAMES + 1)

    def run() -> None:
        tracker.start(first, np.where(mask == 1, mask, 0))
        for frame in others:
            tracker.step(frame)

    return run


def measured(rounds: int) -> Ratios:
    """Time of a frame over that of a convolution, by mode."""
    ratios = in_convolutions({mode: following(mode) for mode in MODES}, rounds)
    return {mode: round(ratio / FRAMES, 3) for mode, ratio in ratios.items()}


def in_convolutions(work: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Processor time of pieces of work over that of one convolution, the least of rounds in which they take turns."""
    turns = {"": convolution(), **work}
    least = dict.fromkeys(turns, float("inf"))
    for number in range(rounds + 1):
        for name, run in turns.items():
            began = time.process_time()
            run()
            if number:  # the first round fills caches
                least[name] = min(least[name], time.process_time() - began)
    reference = least.pop("") / TIMES
    return {name: seconds / reference for name, seconds in least.items()}


def verdict(now: Ratios, committed: Ratios) -> Verdict:
    """Compare ratios with those that are committed."""
    sentences = [
        f"{mode}: a frame takes {now[mode]:.2f} convolutions, {now[mode] / before - 1:+.1%} against {before:.2f}."
        for mode, before in committed.items()
    ]
    return Verdict(sentences, any(now[mode] > ALLOWED * before for mode, before in committed.items()))


def main(*, rounds: int = 15, save: bool = False) -> None:
    """Compare, and end with 1 if a mode is more than 15 % slower than committed.

    Parameters
    ----------
    rounds
        Times that each is measured.
    save
        Commit to what is measured now.
    """
    known = json.loads(FILE.read_text()) if FILE.exists() else {}
    kind = processor()
    if save:
        known[kind] = {"ratios": measured(rounds), "machine": describe_machine((1,)), "date": time.strftime("%Y-%m-%d")}
        FILE.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n")
        return
    if kind not in known:
        print(f"{FILE.name} has no ratios of {kind}; nothing was compared. {json.dumps(measured(rounds))}")
        return
    least: Ratios = {}
    for _ in range(TRIES):  # what else runs on a machine makes both slower, but not by one factor
        now = measured(rounds)
        least = {mode: min(now[mode], least.get(mode, now[mode])) for mode in now}
        found = verdict(least, known[kind]["ratios"])
        print("\n".join(found.sentences))
        if not found.slower:
            return
    sys.exit(f"Slower than {FILE.name} by more than {ALLOWED - 1:.0%}, {TRIES} times in a row.")


if __name__ == "__main__":
    import script

    script.run(main)
