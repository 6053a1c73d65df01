"""How long a user waits for the first mask."""

import subprocess
import sys
from statistics import median
from time import perf_counter

_ROUNDS = 3
_PROGRAM = """
import sys
import mobilevos
from mobilevos import sample

_, model, runtime, threads = sys.argv
tracker = mobilevos.Tracker(model, runtime, int(threads) if threads else None)
frames = iter(mobilevos.open_frames(sample.clip_path()))
tracker.start(next(frames), mobilevos.load_mask(sample.mask_path()))
tracker.step(next(frames))
"""


def startup_s(model: str, runtime: str, threads: int | None) -> float:
    """Seconds of a fresh Python process that imports the package, loads a model and gives the sample's first mask.

    Its default size is used. The median of three.
    """

    def once() -> float:
        begin = perf_counter()
        subprocess.run([sys.executable, "-c", _PROGRAM, model, runtime, str(threads or "")], check=True)
        return perf_counter() - begin

    return median(once() for _ in range(_ROUNDS))
