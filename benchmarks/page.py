"""How fast the page follows objects in a browser, in each mode and with each effect.

    python benchmarks/page.py --clip DAVIS/JPEGImages/480p/dog --mask DAVIS/Annotations/480p/dog/00000.png

Without a clip, the sample inside the package is played. The page's engine plays it on the processor with one
contestant (a mode with an effect) after the other, in several rounds; the first frames of each time are not timed,
nor is the decoding of any. Times are the clock's and, under "processor", those of the processor in all of the
browser's processes, which others' work does not lengthen. Then the page itself plays it once with each, at its own
pace, for the longest task of its main thread: so long a click may have to wait. --beside plays another version of the
page in the same rounds: a folder that `mobilevos serve --write` of that version wrote; without its models, it plays
with those of this one.
Needs Playwright and a Chromium: --browser, the system's or Playwright's own.
"""

import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from pathlib import Path
from statistics import mean, median, quantiles
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Literal

from browsing import chromium, main_thread_tasks, processor_seconds, served, start_trace
from cyclopts import Parameter
from md_table import md_table
from PIL import Image
from script import run

from mobilevos.benchmark import describe_machine
from mobilevos.benchmark.contest import ROUNDS
from mobilevos.benchmark.row import WARM_UP
from mobilevos.commands.app import Mode, Several
from mobilevos.errors import InputError
from mobilevos.export.clip import Clip
from mobilevos.video.files import atomic
from mobilevos.web.onnxruntime_web import installed
from mobilevos.web.site import Site

Effect = Literal["none", "cutout", "blur", "replace", "inpaint"]
STAGES = ("pixels", "view", "query", "read", "memorise", "paint", "effect")
HEADERS = ("mode", "effect", "version", "FPS", "ms", "p90", "processor", *STAGES, "longest task")

LOAD = """async ([count, labels]) => {
  const {Engine} = await import(new URL("../../engine/client.js", location).href);
  globalThis.engine = await Engine.create({model: "lite0", backend: "wasm"});
  globalThis.labels = Uint8Array.from(labels);
  const get = async (_, index) => (await fetch(`/given/${index}.png`)).blob();
  globalThis.files = await Promise.all(Array.from({length: count}, get));
  return engine.threads;
}"""
READY = """async ([mode, effect]) => {
  await engine.setMode(mode);
  await engine.setEffect({name: effect, color: "#00b140"});
  globalThis.pictures = await Promise.all(files.map((file) => createImageBitmap(file)));
}"""
PLAY = """async (warmUp) => {
  const frames = [];
  for (const [index, picture] of pictures.entries()) {
    const began = performance.now();
    const {stages, image} = await (index ? engine.step(picture) : engine.start(picture, labels));
    if (index >= warmUp) frames.push({ms: performance.now() - began, stages});
    image?.close();
  }
  return frames;
}"""
PREPARE = """async ([labels, effect]) => {
  await mobilevos.open(Uint8Array.from(labels));
  mobilevos.project.setEffect({name: effect});
  await mobilevos.player.alone(() => {});
}"""


@dataclass
class Contestant:
    """A mode with an effect, and what was measured of it."""

    mode: Mode
    effect: Effect
    version: str = "this"
    rounds: list[list[dict[str, Any]]] = field(default_factory=list)
    """Of each round, the timed frames: ``ms``, and ``stages`` by name."""
    processor_ms: list[float] = field(default_factory=list)
    """Of each round, the processor's time for a frame, on all cores together."""
    longest_task_ms: float = 0.0

    def row(self) -> dict[str, Any]:
        """Results; of the rounds' frame rates the median, of the stages the mean over all frames."""
        frames = [frame for own in self.rounds for frame in own]
        times = [frame["ms"] for frame in frames]
        return {
            "mode": self.mode,
            "effect": self.effect,
            "version": self.version,
            "fps": median(1000 / mean(frame["ms"] for frame in own) for own in self.rounds),
            "median_ms": median(times),
            "p90_ms": quantiles(times, n=10)[-1],
            "processor_ms": median(self.processor_ms),
            "stages": {stage: mean(frame["stages"].get(stage, 0) for frame in frames) for stage in STAGES},
            "longest_task_ms": self.longest_task_ms,
        }


@dataclass(frozen=True)
class OtherVersion(Site):
    """A page that `mobilevos serve --write` wrote; what its folder lacks, such as models, is of this version."""

    folder: Path

    def find(self, path: str) -> bytes | None:
        """Content behind a path."""
        file = self.folder / path
        return file.read_bytes() if file.is_file() else super().find(path)


def play(
    browser: Any,
    addresses: dict[str, str],
    pictures: Sequence[Path],
    labels: list[int],
    contestants: list[Contestant],
) -> int:
    """Time the engines, by version, with all contestants in turn; the number of their threads."""
    with ExitStack() as stack:
        tabs = {}
        for version, address in addresses.items():
            tab = tabs[version] = stack.enter_context(browser.new_page())
            tab.route("**/given/*", lambda route: route.fulfill(path=pictures[int(Path(route.request.url).stem)]))
            tab.goto(f"{address}models/lite0/card.json")  # not the page, which would open an engine of its own
            threads: int = tab.evaluate(LOAD, [len(pictures), labels])
        for _ in range(ROUNDS):
            for each in contestants:
                tab = tabs[each.version]
                tab.evaluate(READY, [each.mode, each.effect])
                before = processor_seconds(browser)
                each.rounds.append(tab.evaluate(PLAY, WARM_UP))
                each.processor_ms.append(1000 * (processor_seconds(browser) - before) / len(pictures))
    return threads


def longest_task(browser: Any, address: str, pictures: Sequence[Path], labels: list[int], who: Contestant) -> float:
    """Processor time, ms, of the longest task of the page's main thread while the page plays the clip."""
    with browser.new_page() as tab:
        tab.add_init_script(f"localStorage.setItem('mobilevos.mode', '{who.mode}')")
        tab.goto(address)
        tab.wait_for_selector("#modes button", state="attached")  # the engine is loaded
        tab.set_input_files("#image-files", pictures)
        tab.wait_for_function("globalThis.mobilevos?.player.frame")
        tab.evaluate(PREPARE, [labels, who.effect])
        start_trace(browser, tab)
        tab.evaluate("mobilevos.player.play()")
        tasks = main_thread_tasks(browser)
        if tab.evaluate("mobilevos.player.index") != len(pictures) - 1:
            raise RuntimeError(f"the page did not reach the end: {tab.inner_text('#message')}")
    return max(tasks)


def main(
    *,
    clip: Path | None = None,
    mask: Path | None = None,
    modes: Annotated[tuple[Mode, ...], Several] = ("fast", "balanced"),
    effects: Annotated[tuple[Effect, ...], Several] = ("none", "blur", "inpaint"),
    frames: int = 41,
    beside: Path | None = None,
    browser: Path | None = None,
    json_file: Annotated[Path | None, Parameter("--json")] = None,
) -> None:
    """Play up to so many frames of a folder or video, with every mode and every effect; print a table."""
    given = Clip.load(clip, mask, frames)
    labels = given.labels.ravel().tolist()
    sites = {"this": Site(installed())}
    if beside:
        sites["other"] = OtherVersion(installed(), beside)
    contestants = [Contestant(*each) for each in product(modes, effects, sites)]
    with TemporaryDirectory() as folder, ExitStack() as stack, chromium(browser) as opened:
        addresses = {version: stack.enter_context(served(site)) for version, site in sites.items()}
        pictures: list[Path] = []
        for frame in given.frames():
            pictures.append(Path(folder) / f"{len(pictures)}.png")
            Image.fromarray(frame).save(pictures[-1], compress_level=1)
        if len(pictures) < 2 * WARM_UP:
            raise InputError(f"{len(pictures)} frames are too few to measure; give at least {2 * WARM_UP}.")
        threads = play(opened, addresses, pictures, labels, contestants)
        for each in contestants:
            if each.version == "this":
                each.longest_task_ms = longest_task(opened, addresses["this"], pictures, labels, each)
        machine = f"{describe_machine([threads])}, Chromium {opened.version}, {date.today()}"
    height, width = given.labels.shape
    played = f"{clip or 'the sample'}, {len(pictures)} frames, {width} x {height}, objects: {len(given.ids(255))}"
    rows = [each.row() for each in contestants]
    print(f"{played}; times in milliseconds; {machine}\n")
    lines = []
    for row in rows:
        times = (row["median_ms"], row["p90_ms"], row["processor_ms"])
        figures = (row["fps"], *times, *row["stages"].values(), row["longest_task_ms"])
        lines.append([row["mode"], row["effect"], row["version"], *(f"{figure:.1f}" for figure in figures)])
    print(md_table(HEADERS, lines))
    for ours, theirs in zip(rows[::2], rows[1::2], strict=True) if beside else ():
        clock, processor = (ours[each] / theirs[each] for each in ("median_ms", "processor_ms"))
        print(
            f"\n{ours['mode']}, {ours['effect']}: {clock:.2f} times the milliseconds of the other version,"
            f" {processor:.2f} times the processor's"
        )
    if json_file:
        with atomic(json_file) as part:
            part.write_text(json.dumps({"machine": machine, "clip": played, "rows": rows}, indent=2) + "\n")


if __name__ == "__main__":
    run(main)
