"""What a visitor of the page waits for, against the bars that the project sets itself.

    python benchmarks/page_bars.py

A first visit, with nothing kept: until the first screen moves, until the first frame is tracked, how many bytes came
over the wire, and how many all files have that are kept for use without a network. Then the page tracks and plays the
sample with its film strip and several objects, one of them removed, and its main thread's longest task is measured.
Seconds are told twice: on the clock, and of the processor in all of the browser's processes, which others' work does
not lengthen; on several cores the clock's are fewer. They begin when the browser itself has started and is quiet. Needs
Playwright and a Chromium: --browser, the system's or Playwright's own.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from browsing import chromium, main_thread_tasks, processor_seconds, served, start_trace
from cyclopts import Parameter
from md_table import md_table
from script import run

from mobilevos.benchmark import describe_machine
from mobilevos.video.files import atomic
from mobilevos.web.offline import LIST
from mobilevos.web.onnxruntime_web import installed
from mobilevos.web.site import Site
from mobilevos.weights.store import PROMPT

PATIENCE_MS = 600_000
WELCOME_S, TRACKED_S, FILES_MB, WIRE_MB, TASK_MS = 2, 4, 17, 8, 50
OBJECTS = 4
QUIET_S = 0.03
"""Processor time in a second."""
MOVING = "document.querySelector('#hero-video').currentTime > 0 && document.querySelector('#hero-masks').width > 300"
GIVE = """(count) => {
  const {player, project, source} = mobilevos;
  for (let id = 3; id <= count; id++) {
    const [top, left] = [20 + 30 * id, 20 + 70 * id];
    for (let y = top; y < top + 40; y++) player.labels.fill(id, y * source.width + left, y * source.width + left + 40);
  }
  player.commit();
  project.setOwnEffect(2, "remove");
}"""


@dataclass
class Visit:
    """A tab with nothing kept, and what it has cost so far."""

    browser: Any
    tab: Any
    rows: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._began = time.perf_counter(), processor_seconds(self.browser)

    def note(self, what: str, bar: float | None = None) -> None:
        """Seconds since the visit began."""
        clock, processor = time.perf_counter() - self._began[0], processor_seconds(self.browser) - self._began[1]
        self.rows.append({"what": what, "seconds": clock, "processor_s": processor, "bar": bar})


def kept_mb(site: Site) -> float:
    """Size of all files that the page keeps to work without a network, beside the prompt head."""
    listed = json.loads(site.find(LIST) or b"{}")["files"]
    return sum(len(site.find(path) or b"") for path in listed if not path.endswith(PROMPT)) / 1e6


def wait_until_quiet(browser: Any) -> None:
    """Wait until a browser that was started does no more work of its own."""
    before = -QUIET_S
    while (now := processor_seconds(browser)) > before + QUIET_S:
        before = now
        time.sleep(1)


@contextmanager
def first_visit(browser: Any) -> Iterator[Visit]:
    """A visit in a context of its own."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    tab = context.new_page()
    tab.set_default_timeout(PATIENCE_MS)
    wait_until_quiet(browser)
    yield Visit(browser, tab)
    context.close()


def main(
    *, browser: Path | None = None, json_file: Annotated[Path | None, Parameter("--json")] = None, mode: str = "fast"
) -> None:
    """Visit the page once, and print a table."""
    site = Site(installed())
    with served(site) as address, chromium(browser) as opened, first_visit(opened) as visit:
        tab = visit.tab
        tab.add_init_script(f"localStorage.setItem('mobilevos.mode', '{mode}')")
        answered: list[Any] = []  # to the page, its workers and its service worker
        tab.context.on("requestfinished", lambda request: answered.append(request))
        tab.goto(address)
        tab.wait_for_function(MOVING)
        visit.note("the first screen moves", WELCOME_S)
        tab.click("#open-sample")
        tab.wait_for_function("globalThis.mobilevos?.project.isMarked")
        visit.note("the sample is open")
        tab.evaluate("mobilevos.player.step(1)")
        tab.wait_for_function("mobilevos.project.entry(1)")
        visit.note("the first frame is tracked", TRACKED_S)
        wire = sum(request.sizes()["responseBodySize"] for request in answered) / 1e6
        tab.evaluate(GIVE, OBJECTS)
        tab.wait_for_function("mobilevos.player.image")
        start_trace(opened, tab)
        tab.evaluate("mobilevos.project.setRange([0, 12]); mobilevos.player.track()")
        tab.evaluate("mobilevos.player.play()")
        tasks = main_thread_tasks(opened)
        machine = f"{describe_machine([])}, Chromium {opened.version}, {date.today()}"
    lines = [
        [row["what"], f"{row['seconds']:.1f} s", f"{row['processor_s']:.1f} s", f"{row['bar']} s" if row["bar"] else ""]
        for row in visit.rows
    ]
    lines.append(["bytes of the first visit over the wire", f"{wire:.1f} MB", "", f"{WIRE_MB} MB"])
    lines.append(["files of the page, beside the prompt head", f"{kept_mb(site):.1f} MB", "", f"{FILES_MB} MB"])
    lines.append([f"longest main-thread task, {OBJECTS} objects", "", f"{max(tasks):.0f} ms", f"{TASK_MS} ms"])
    print(f"The page's bars, mode {mode}; {machine}\n")
    print(md_table(("what", "clock", "processor", "bar"), lines))
    if json_file:
        found = {
            "machine": machine,
            "rows": visit.rows,
            "wire_mb": wire,
            "files_mb": kept_mb(site),
            "longest_task_ms": max(tasks),
        }
        with atomic(json_file) as part:
            part.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    run(main)
