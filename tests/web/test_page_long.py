"""A long video: the tab's memory stays bounded, and the page stays alive, also with masks of every frame."""

import threading
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from browsing import main_thread_tasks, start_trace
from page_driver import PageDriver

from scale import WHOLE

MINUTES = 20 if WHOLE else 5
FPS = 25
FRAMES = MINUTES * 60 * FPS
LOOP = 100
"""Frames that are encoded; the rest are their packets again."""
WIDTH, HEIGHT = 1920, 1080
SIDE = 300
TRACKED = 200 if WHOLE else 50
MOST_MB = 1000
SLOWEST_TASK_MS = 100
"""For lists of 30,000 frames; otherwise it is 50."""

MARK = """([top, left, side, last]) => {
    const {player, project, source} = mobilevos;
    for (let row = top * source.width; row < (top + side) * source.width; row += source.width) {
        player.labels.fill(1, row + left, row + left + side);
    }
    player.commit();
    project.setRange([0, last]);
}"""
FILL = """async () => {
    const {project, source} = mobilevos;
    const known = project.frames, masks = new Map();
    for (let index = 0; index < source.count; index++) {
        const entry = known[index % known.length][1];
        const objects = entry.objects.map((each) => ({...each}));
        masks.set(index, {...entry, objects, mask: entry.mask.slice()});
        if (index % 500 === 0) await new Promise((done) => setTimeout(done));
    }
    project.replaceBy({objects: [1], active: 1, masks, marked: new Set([0])});
}"""


def left_at(index: int) -> int:
    """Where the square begins, which swings to and fro."""
    return round(800 + 500 * np.sin(2 * np.pi * index / LOOP))


def long_clip(path: Path) -> Path:
    """H.264 of a square before a still background; the frames after the first ``LOOP`` are these again and again."""
    x, y = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))
    background = np.stack([x // 12 % 160 + 40, y // 9 % 120 + 60, (x + y) // 20 % 100 + 80], -1).astype(np.uint8)
    with av.open(path, "w") as container:
        video = container.add_stream("libx264", rate=FPS)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        video.options = {"preset": "ultrafast", "tune": "zerolatency", "crf": "32", "g": str(LOOP // 2)}
        packets = []
        for index in range(LOOP):
            picture = background.copy()
            picture[400 : 400 + SIDE, left_at(index) : left_at(index) + SIDE] = (220, 40, 30)
            packets += video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24"))
        packets += video.encode()
        contents = [(bytes(packet), packet.is_keyframe) for packet in packets]
        for index in range(FRAMES):
            content, is_key = contents[index % LOOP]
            packet = av.Packet(content)
            packet.stream, packet.pts, packet.dts = video, index, index
            packet.time_base, packet.duration, packet.is_keyframe = Fraction(1, FPS), 1, is_key
            container.mux(packet)
    return path


def renderers(browser) -> set[int]:
    """Process ids of all tabs."""
    found = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    return {each["id"] for each in found if each["type"] == "renderer"}


def own_mb(process: int) -> float:
    """What a process has for itself in memory: without the browser's program, which all tabs share."""
    with suppress(FileNotFoundError):
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith(("RssAnon", "RssShmem"))) * 1024 / 1e6
    return 0.0


class Watch:
    """The most that a process has in memory, looked up several times a second."""

    def __init__(self, process: int) -> None:
        self._process = process
        self._peak = 0.0
        self._ended = threading.Event()
        threading.Thread(target=self._look, daemon=True).start()

    def end(self) -> None:
        self._ended.set()

    def peak(self, phase: str) -> float:
        """Megabytes since the last call."""
        peak = max(self._peak, own_mb(self._process))
        self._peak = 0.0
        print(f"{phase}: {peak:.0f} MB")
        return peak

    def _look(self) -> None:
        while not self._ended.wait(0.2):
            self._peak = max(self._peak, own_mb(self._process))


@pytest.mark.slow
def test_minutes_at_1080p_stay_below_a_gigabyte(browser, address, tmp_path):
    before = renderers(browser)
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.add_init_script("localStorage.setItem('mobilevos.mode', 'fast')")
    page = PageDriver(context.new_page(), address)
    page.visit()
    own = max(renderers(browser) - before, key=own_mb)  # beside a small one that the browser has in reserve
    watch = Watch(own)
    peaks = [watch.peak("engine")]

    start_trace(browser, page.page)
    page.open_files(long_clip(tmp_path / "long.mp4"))
    assert page.page.evaluate("[mobilevos.source.count, mobilevos.source.exact]") == [FRAMES, True]
    page.page.wait_for_function("mobilevos.timeline.thumbnails.near(0)")
    longest = {"open": max(main_thread_tasks(browser))}
    peaks.append(watch.peak("open"))

    for index in np.random.default_rng(0).integers(0, FRAMES, 40).tolist():
        page.page.evaluate(f"mobilevos.player.seek({index})")
    page.settle()
    peaks.append(watch.peak("scrubbed"))

    page.page.evaluate("mobilevos.player.seek(0)")
    page.settle()
    page.page.evaluate(MARK, [400, left_at(0), SIDE, TRACKED])
    page.page.click("#track")
    page.page.wait_for_function(
        f"mobilevos.project.frames.length === {TRACKED + 1} && !mobilevos.player.tracking", timeout=1_500_000
    )
    page.settle()
    page.page.evaluate(f"mobilevos.player.seek({TRACKED})")
    page.settle()
    truth = np.zeros((HEIGHT, WIDTH), bool)
    truth[400 : 400 + SIDE, left_at(TRACKED) : left_at(TRACKED) + SIDE] = True
    found = page.labels() == 1
    assert (found & truth).sum() / (found | truth).sum() > 0.8
    peaks.append(watch.peak("tracked"))

    # Masks of every frame, as if the whole video had been tracked; they come in as a project that is opened.
    start_trace(browser, page.page)
    page.page.evaluate(FILL)
    page.page.wait_for_function("mobilevos.keeper.state === 'kept'", timeout=600_000)
    page.settle()
    longest["whole"] = max(main_thread_tasks(browser))
    peaks.append(watch.peak("whole"))
    page.export("project", tmp_path)
    peaks.append(watch.peak("saved"))

    page.page.reload()
    page.page.wait_for_function("globalThis.mobilevos?.player.frame", timeout=600_000)
    page.settle()
    assert page.page.evaluate("mobilevos.project.indices.length") == FRAMES
    peaks.append(watch.peak("reopened"))
    context.close()
    watch.end()
    print(longest)
    assert max(peaks) < MOST_MB
    assert max(longest.values()) < SLOWEST_TASK_MS
    assert not page.problems
