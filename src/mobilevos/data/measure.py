"""How fast clips are made on one core: `python -m mobilevos.data.measure DIR`."""

import argparse
import time
from dataclasses import replace
from pathlib import Path

import cv2

from mobilevos.data.mix import ClipMix


def clips_per_second(mix: ClipMix, count: int) -> tuple[float, float]:
    """Clips a second, reading included: by CPU time of this process, and by wall time."""
    cpu, wall = time.process_time(), time.perf_counter()
    for index in range(count):
        mix.draw(index)
    return count / (time.process_time() - cpu), count / (time.perf_counter() - wall)


def main() -> None:
    """Print the speed of each source in a data folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, metavar="DIR", help="folder with stills and clips")
    parser.add_argument("--count", type=int, default=200, help="clips per source (default 200)")
    parser.add_argument("--frames", type=int, default=3, help="frames per clip (default 3)")
    parser.add_argument("--size", type=int, default=256, help="side of the frames, px (default 256)")
    options = parser.parse_args()

    cv2.setNumThreads(0)
    mix = ClipMix.from_folder(options.data, frames=options.frames, size=options.size)
    sources = {
        "synthetic": replace(mix, clips=None) if mix.stills else None,
        "real": replace(mix, stills=None) if mix.clips else None,
        "rendered": replace(mix, rendered_fraction=1.0),
    }
    for name, source in sources.items():
        if source:
            cpu, wall = clips_per_second(source, options.count)
            print(f"{name:10} {cpu:6.1f} clips/s of CPU time, {wall:6.1f} clips/s of wall time")


if __name__ == "__main__":
    main()
