"""Tracking forwards, backwards and to where an object is lost, in frames of which the truth is known."""

import hashlib
import re
from pathlib import Path

import numpy as np
import pytest
from clips import SQUARE, square_frame
from numpy.typing import NDArray
from page_driver import PageDriver
from PIL import Image

from mobilevos.evaluation import jaccard

TOP = 70
LEFTS = [20 + 12 * number for number in range(12)]
"""Where the square is in each frame; it never leaves them."""
LOST_AFTER = 30
"""An object that is not seen for so many frames is no longer hidden, but lost."""


@pytest.fixture
def page(tab: PageDriver):
    tab.problems.clear()
    yield tab
    tab.page.evaluate("mobilevos.player.pause()")
    assert not tab.problems


@pytest.fixture(scope="module")
def background(sample_frames: list[np.ndarray]) -> NDArray[np.uint8]:
    """(150, 220, 3): the reef without fish."""
    return np.ascontiguousarray(sample_frames[0][120:, 220:440])


def show(page: PageDriver, folder: Path, frames: list[np.ndarray]) -> None:
    """Open frames that no test opened before, whose work would be back."""
    frames[0][0, 0] = np.frombuffer(hashlib.sha256(folder.name.encode()).digest()[:3], np.uint8)
    paths = [folder / f"{number:03}.png" for number in range(len(frames))]
    for path, frame in zip(paths, frames, strict=True):
        Image.fromarray(frame).save(path, compress_level=1)
    page.open_files(*paths, chooser="#image-files")


def mark(page: PageDriver, index: int, left: int, top: int = TOP, side: int = SQUARE) -> None:
    """Give the chosen object the pixels of a square in a frame, beside what is there."""
    page.page.evaluate(
        """async ([index, left, top, side]) => {
            const {player, project, source} = mobilevos;
            await player.seek(index);
            const {labels} = player;
            for (let at = 0; at < labels.length; at++) if (labels[at] === project.active) labels[at] = 0;
            for (let y = top; y < top + side; y++) {
                labels.fill(project.active, y * source.width + left, y * source.width + left + side);
            }
            player.commit();
        }""",
        [index, left, top, side],
    )


def track(page: PageDriver, button: str = "#track") -> None:
    page.page.evaluate("button => document.querySelector(button).click()", button)
    page.settle()
    page.page.wait_for_function("!mobilevos.player.tracking")
    page.settle()


def labels_at(page: PageDriver, index: int) -> NDArray[np.uint8]:
    page.page.evaluate("index => mobilevos.player.seek(index)", index)
    page.settle()
    return page.labels()


def overlaps(page: PageDriver, lefts: dict[int, int], top: int = TOP, object_id: int = 1) -> list[float]:
    """IoU of an object with its square in each of the frames."""
    scores = []
    for index, left in lefts.items():
        labels = labels_at(page, index)
        truth = np.zeros(labels.shape, bool)
        truth[top : top + SQUARE, left : left + SQUARE] = True
        scores.append(float(jaccard(labels == object_id, truth)))
    return scores


def known(page: PageDriver) -> list[int]:
    return page.page.evaluate("mobilevos.project.frames.map(([index]) => index)")


@pytest.mark.parametrize("begin", [11, 5])
def test_from_any_frame_all_others_are_found(page, tmp_path, background, begin):
    show(page, tmp_path, [square_frame(background, left) for left in LEFTS])
    mark(page, begin, LEFTS[begin])
    track(page)
    assert page.index == begin
    assert known(page) == list(range(12))
    assert min(overlaps(page, dict(enumerate(LEFTS)))) > 0.8
    assert page.page.evaluate("mobilevos.project.marked") == [begin]
    page.press("Control+z")
    assert known(page) == []


def test_nothing_is_tracked_outside_of_the_range(page, tmp_path, background):
    show(page, tmp_path, [square_frame(background, left) for left in LEFTS])
    mark(page, 5, LEFTS[5])
    page.page.evaluate("mobilevos.project.setRange([3, 8])")
    track(page)
    assert known(page) == [3, 4, 5, 6, 7, 8]
    assert min(overlaps(page, {index: LEFTS[index] for index in range(3, 9)})) > 0.8


def test_an_object_that_is_marked_later_is_found_before_and_the_others_stay(page, tmp_path, background):
    lower = 14
    # The other one is blue: which of two that look alike is which is a question to the network, not to the page.
    frames = [square_frame(square_frame(background, left)[..., ::-1], 170 - left, lower)[..., ::-1] for left in LEFTS]
    frames = [np.ascontiguousarray(frame) for frame in frames]
    show(page, tmp_path, frames)
    mark(page, 0, LEFTS[0])
    track(page)
    before = [labels_at(page, index) == 1 for index in range(12)]
    page.press("n")
    mark(page, 7, 170 - LEFTS[7], lower)
    track(page)
    assert min(overlaps(page, {index: 170 - left for index, left in enumerate(LEFTS)}, lower, 2)) > 0.7
    for index in range(7):
        assert jaccard(labels_at(page, index) == 1, before[index]) > 0.97, index


def test_backwards_from_a_correction_to_the_mark_before_it(page, tmp_path, background):
    """Shift+T finds anew what lies between, and neither the mark nor anything before it."""
    show(page, tmp_path, [square_frame(background, left) for left in LEFTS])
    for index in (2, 8):
        mark(page, index, LEFTS[index])
    entries = "mobilevos.project.frames.map(([index, {objects}]) => [index, objects.length])"
    page.page.evaluate("mobilevos.player.seek(8)")
    page.settle()
    first = labels_at(page, 2)
    page.page.evaluate("mobilevos.player.seek(8)")
    page.settle()
    track(page, "#track-back")
    assert page.index == 8
    assert page.page.evaluate(entries) == [[index, 1] for index in range(2, 9)]
    assert np.array_equal(labels_at(page, 2), first)
    assert min(overlaps(page, {index: LEFTS[index] for index in range(2, 9)})) > 0.8


def test_tracking_backwards_can_be_stopped_and_goes_on(page, tmp_path, background):
    show(page, tmp_path, [square_frame(background, left) for left in LEFTS])
    mark(page, 11, LEFTS[11])
    page.page.evaluate(
        """() => {
            mobilevos.player.addEventListener("show", function stop() {
                if (mobilevos.player.index !== 6) return;
                mobilevos.player.removeEventListener("show", stop);
                mobilevos.player.pause();
            });
            document.querySelector("#track").click();
        }"""
    )
    page.page.wait_for_function("!mobilevos.player.tracking && mobilevos.player.index === 6")
    page.settle()
    assert known(page) == [6, 7, 8, 9, 10, 11]
    track(page)
    assert known(page) == list(range(12))
    assert min(overlaps(page, dict(enumerate(LEFTS)))) > 0.8


def test_remove_shows_what_tracked_frames_see_later(page, tmp_path, background):
    show(page, tmp_path, [square_frame(background, left) for left in LEFTS])
    mark(page, 0, LEFTS[0])
    track(page)
    page.page.click("#effect-inpaint")
    page.page.wait_for_function("mobilevos.player.image !== null")
    page.settle()
    pixels = page.page.evaluate(
        """() => {
            const {image} = mobilevos.player;
            const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
            context.drawImage(image, 0, 0);
            return [...context.getImageData(0, 0, image.width, image.height).data];
        }"""
    )
    page.page.click("#effect-none")
    page.settle()
    shown = np.reshape(np.array(pixels, np.uint8), (*background.shape[:2], 4))[..., :3]
    hole = np.s_[TOP : TOP + SQUARE, LEFTS[0] : LEFTS[0] + SQUARE]
    error = np.mean((shown[hole].astype(float) - background[hole]) ** 2)
    assert 10 * np.log10(255**2 / max(error, 0.01)) > 30  # 23 from the first frame alone


def bar_colours(page: PageDriver, index: int) -> set[tuple[int, int, int]]:
    """Colours in the first object's bar of the time line, at a frame."""
    page.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    found = page.page.evaluate(
        """(index) => {
            const {canvas} = mobilevos.timeline;
            const {height} = canvas;
            const share = (index + 0.5) / mobilevos.source.count;
            const x = Math.round((10 + (canvas.clientWidth - 20) * share) * devicePixelRatio);
            const [top, rest] = [Math.floor(height * 0.6), Math.floor(height * 0.4)];
            return [...canvas.getContext("2d").getImageData(x, top, 1, rest).data];
        }""",
        index,
    )
    return {tuple(colour[:3]) for colour in np.reshape(found, (-1, 4)).tolist()}


def test_an_object_that_is_lost_is_called_so(page, tmp_path, background):
    """It leaves to the right and never comes back."""
    lefts = [min(110 + 20 * number, 220) for number in range(LOST_AFTER + 8)]
    show(page, tmp_path, [square_frame(background, left) for left in lefts])
    mark(page, 0, lefts[0])
    track(page)
    told = re.fullmatch(r"Object 1 is lost: it was last seen in frame ([4-6])\.", page.message())
    assert told
    colour = """(name) => {
        const context = new OffscreenCanvas(1, 1).getContext("2d");
        context.fillStyle = name;
        context.fillRect(0, 0, 1, 1);
        return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
    }"""
    danger = "getComputedStyle(Object.assign(document.querySelector('.state'), {className: 'state lost'})).color"
    own = tuple(page.page.evaluate(f"({colour})(mobilevos.project.about(1).colour)"))
    for index, state, text in (
        (0, "visible", ""),
        (10, "hidden", ", Object 1 hidden"),
        (37, "lost", ", Object 1 lost"),
    ):
        page.page.evaluate(f"mobilevos.player.seek({index})")
        page.settle()
        assert page.page.inner_text(".chip .state") == state
        assert page.page.get_attribute("#timeline", "aria-valuetext") == f"Frame {index + 1} of {len(lefts)}{text}"
    page.page.evaluate("mobilevos.player.seek(20)")
    page.settle()
    red = tuple(page.page.evaluate(f"({colour})({danger})"))
    assert own in bar_colours(page, 0)
    assert own in bar_colours(page, 10)
    assert red in bar_colours(page, 37)
    assert red not in bar_colours(page, 0) | bar_colours(page, 10)
    page.page.click("#message >> text=Show it")
    page.page.wait_for_function(f"mobilevos.player.index === {int(told[1]) - 1}")


def test_tracking_goes_on_while_the_page_is_hidden(page, tmp_path, background):
    """Browsers draw no pictures of a page in another tab, and do not ask it for any."""
    show(page, tmp_path, [square_frame(background, left) for left in LEFTS])
    mark(page, 0, LEFTS[0])
    page.page.evaluate(
        """() => {
            globalThis.drawing = requestAnimationFrame;
            globalThis.requestAnimationFrame = () => 0;
            Object.defineProperty(document, "hidden", {get: () => true, configurable: true});
            mobilevos.player.track();
        }"""
    )
    try:
        page.page.wait_for_function(f"mobilevos.project.frames.length === {len(LEFTS)}", polling=100)
    finally:
        page.page.evaluate(
            """() => {
                globalThis.requestAnimationFrame = drawing;
                delete document.hidden;
                document.dispatchEvent(new Event("visibilitychange"));
            }"""
        )
