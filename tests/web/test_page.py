"""The page in a real browser: from a mark to masks, corrections, undo."""

import numpy as np
import pytest
from browsing import main_thread_tasks, start_trace
from PIL import Image

from mobilevos import Prompt, Tracker, sample
from mobilevos.evaluation import jaccard
from mobilevos.video.reader import open_frames

CLOWNFISH = (
    (27, 149), (50, 150), (74, 155), (97, 141), (121, 131), (144, 128), (168, 143), (192, 161),
    (192, 174), (168, 195), (144, 204), (121, 206), (97, 193), (74, 179), (50, 193),
)  # fmt: skip
"""Its outline in the first frame of the sample."""


@pytest.fixture
def page(tab):
    """The sample, freshly opened, with its first masks."""
    tab.problems.clear()
    # A session that the test before opened must not pass for the new one.
    tab.page.evaluate("globalThis.mobilevos && (mobilevos.used = true, mobilevos.player.pause())")
    tab.page.evaluate("document.getElementById('open-sample').click()")
    tab.page.wait_for_function("globalThis.mobilevos && !mobilevos.used && mobilevos.project.isMarked")
    tab.page.evaluate("mobilevos.used = true")
    tab.settle()
    yield tab
    assert not tab.problems


def test_first_masks_are_those_of_the_sample(page):
    assert np.array_equal(page.labels(), np.array(Image.open(sample.mask_path())))


def test_fifty_frames_equal_python(page, tmp_path):
    """The same pixels go in, as pictures: decoders differ in the last bit."""
    frames = list(open_frames(sample.clip_path()))[:51]
    pictures = [tmp_path / f"{index:05d}.png" for index in range(len(frames))]
    for path, frame in zip(pictures, frames, strict=True):
        Image.fromarray(frame).save(path, compress_level=1)
    page.open_files(*pictures, chooser="#image-files")
    page.press("p")
    for point in CLOWNFISH:
        page.page.mouse.click(*page.place(*point))
    page.press("Enter", "n", "b")
    page.drag((345, 75), (390, 72), (390, 88), (350, 92), (370, 60))  # the other fish
    first = page.labels()
    assert all(np.count_nonzero(first == i) > 1000 for i in (1, 2))

    page.play_to(50)
    assert page.index == 50
    states = page.page.eval_on_selector_all(".chip .state", "states => states.map(s => s.textContent)")
    assert len(states) == 2
    assert set(states) <= {"visible", "occluded", "lost"}
    assert "FPS" in page.page.inner_text("#meter")

    tracker = Tracker(mode="fast")
    labels, scores = tracker.start(frames[0], first), []
    for index, frame in enumerate(frames[1:], 1):
        labels = tracker.step(frame)
        page.page.evaluate(f"mobilevos.player.seek({index})")
        shown = page.labels()
        scores += [jaccard(shown == i, labels == i) for i in (1, 2)]
    assert np.mean(scores) >= 0.98


def test_the_interface_never_freezes(page, browser):
    """Processor time of the page's longest task while it plays, which other programs hardly lengthen.

    What the browser does once, such as collecting garbage, is not in all of several runs.
    """
    longest = []
    for index in (8, 16, 24):
        start_trace(browser, page.page)
        page.play_to(index)
        tasks = main_thread_tasks(browser)
        assert len(tasks) > 50
        longest.append(max(tasks))
    assert min(longest) < 50, longest


def test_correction_changes_the_next_frames_and_undo_takes_it_back(page):
    page.play_to(4)
    at = page.index
    page.press("ArrowLeft", "ArrowLeft")
    before = page.labels()
    page.press("e", *"]]]]]")
    rows = range(10, 270, 40)
    for row in rows:
        page.drag((270, row), (479, row))  # object 2 is wiped out
    assert not (page.labels() == 2).any()
    assert page.page.evaluate(f"mobilevos.project.entry({at}).stale")
    page.press("ArrowRight")
    assert page.index == at - 1
    assert not (page.labels() == 2).any()
    assert (page.labels() == 1).any()
    page.press(*["Control+z"] * len(rows))
    page.press("ArrowLeft")
    assert np.array_equal(page.labels(), before)
    page.press("ArrowRight")
    assert (page.labels() == 2).any()


def test_redo(page):
    before = page.labels()
    page.press("b")
    page.drag((20, 20), (60, 30))
    painted = page.labels()
    assert not np.array_equal(before, painted)
    page.press("Control+z")
    assert np.array_equal(page.labels(), before)
    page.press("Control+Shift+z")
    assert np.array_equal(page.labels(), painted)


def test_objects_are_added_and_removed(page):
    page.play_to(2)
    page.press("n", "b")
    page.drag((10, 20), (80, 60))
    assert page.page.eval_on_selector_all(".chip", "chips => chips.map(c => c.dataset.id)") == ["1", "2", "3"]
    assert (page.labels() == 3).any()
    page.press("ArrowRight")
    assert "3" in [str(i) for i in page.page.evaluate("mobilevos.player.objects.map(o => o.id)")]
    page.page.click("[data-id='1'] .remove")
    page.settle()
    assert not (page.labels() == 1).any()
    page.press("ArrowRight", "ArrowRight")
    assert not (page.labels() == 1).any()
    assert (page.labels() == 2).any()
    page.press("Home")
    assert not (page.labels() == 1).any()


def test_tools_paint_what_they_outline(page):
    page.press("n", "p")
    for point in ((100, 20), (200, 20), (200, 80), (100, 80)):
        page.page.mouse.click(*page.place(*point))
    page.press("Enter")
    inside = page.labels()[21:79, 101:199]
    assert (inside == 3).all()
    assert np.count_nonzero(page.labels() == 3) == pytest.approx(100 * 60, rel=0.04)
    page.press("n", "s")
    page.drag((40, 240), (90, 250))
    assert (page.labels() == 4).any()
    page.press("[", "1", "b")
    assert page.page.evaluate("[mobilevos.project.active, mobilevos.editor.toolName]") == [1, "brush"]


def selects(page, object_id, place, clicks):
    """Clicks with the select tool, the first time on the object and then on what is not; `clicks` with this one."""
    keys = [] if clicks == 1 else ["Alt"]
    for key in keys:
        page.page.keyboard.down(key)
    page.page.mouse.click(*page.place(*place))
    for key in keys:
        page.page.keyboard.up(key)
    page.page.wait_for_function(f"mobilevos.project.prompt(0, {object_id})?.clicks.length === {clicks}")
    page.settle()


def test_a_click_selects_and_another_one_takes_away(page):
    """As in Python; the engine has seen the frame before the click."""
    assert page.page.get_attribute("#tools button", "id") == "tool-select"
    prompt = Prompt(next(iter(open_frames(sample.clip_path()))))
    page.page.click("[data-id='1'] .remove")
    page.settle()  # or the new object would be another one than the first
    page.press("n", "v")
    page.page.wait_for_function("mobilevos.editor.tool.isReady")
    page.settle()
    selects(page, 1, (120, 168), 1)
    prompt.click(120, 168)
    assert jaccard(page.labels() == 1, prompt.mask > 0) > 0.9
    selects(page, 1, (60, 172), 2)
    prompt.click(60, 172, positive=False)
    assert jaccard(page.labels() == 1, prompt.mask > 0) > 0.9
    assert page.page.evaluate("mobilevos.project.prompt(0, 1).clicks[1]") == {"x": 60, "y": 172, "positive": False}
    page.press("Control+z", "Control+z")
    assert not (page.labels() == 1).any()
    page.drag((22, 124), (195, 210))
    assert (page.labels() == 1)[124:211, 22:196].any()


def test_what_a_selection_took_comes_back_when_it_is_corrected(page):
    before = page.labels()
    page.press("n", "v")
    page.page.wait_for_function("mobilevos.editor.tool.isReady")
    page.settle()
    selects(page, 3, (120, 168), 1)
    taken = page.labels() == 3
    assert (before[taken] == 1).any()
    selects(page, 3, (60, 172), 2)
    left = page.labels() == 3
    assert (taken & ~left).any()
    np.testing.assert_array_equal(page.labels()[~left], before[~left])


def test_play_without_a_mark_says_what_to_do(page):
    """Until it is over, which it may be before anybody can look."""
    page.press("Delete", "Delete")
    said = """() => {
        document.body.dispatchEvent(new KeyboardEvent("keydown", {key: " ", code: "Space", bubbles: true}));
        return document.getElementById("message").textContent;
    }"""
    assert "No object is marked" in page.page.evaluate(said)
    page.page.wait_for_function("!mobilevos.player.playing")
    page.page.wait_for_selector("#message", state="hidden")


def test_effects_show_a_picture_and_are_exported(page, tmp_path):
    page.press("ArrowRight")
    for name in ("cutout", "blur", "replace", "inpaint"):
        page.page.click(f"#effect-{name}")
        page.page.wait_for_function("mobilevos.player.image !== null")
        page.settle()
    page.press("ArrowRight")
    assert page.page.evaluate("mobilevos.player.image.width") == 480
    page.page.click("#effect-replace")
    drawn = list(open_frames(page.export("effect", tmp_path)))
    assert len(drawn) == 3
    green = np.array([0, 177, 64])
    for frame in drawn:
        assert np.abs(frame[:60, :200].astype(int) - green).mean() < 12
        assert np.abs(frame[150:190, 80:150].astype(int) - green).mean() > 40
    page.settle()
    page.page.click("#effect-none")
    page.settle()
    assert page.page.evaluate("mobilevos.player.image") is None


def test_help_lists_every_key(page):
    page.page.keyboard.press("?")
    page.page.wait_for_selector("#help-dialog[open]")
    assert page.page.locator("#help-dialog kbd").count() > 15
    page.page.keyboard.press("Escape")
    page.page.wait_for_selector("#help-dialog", state="hidden")
