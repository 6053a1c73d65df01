"""Nothing that a user did is lost: autosave, project files, masks from files, quality, other videos."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from page_driver import PageDriver
from PIL import Image

from mobilevos import sample, web
from mobilevos.evaluation import jaccard
from mobilevos.video.project_file import ProjectFile


@pytest.fixture
def page(browser, address):
    """A tab of its own with the sample open; nothing is kept from another test."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.add_init_script("localStorage.getItem('mobilevos.mode') ?? localStorage.setItem('mobilevos.mode', 'fast')")
    driver = PageDriver(context.new_page(), address)
    driver.visit()
    driver.open_sample()
    yield driver
    context.close()
    assert not driver.problems


def wait_kept(page) -> None:
    page.page.wait_for_function("mobilevos.keeper.state === 'kept' && document.querySelector('#kept').textContent")


def drop(page, *paths) -> None:
    """Drop files onto the page, as from a file manager."""
    page.page.evaluate(
        """() => {
            const properties = {type: "file", id: "dropped", multiple: true};
            document.body.append(Object.assign(document.createElement("input"), properties));
        }"""
    )
    page.page.set_input_files("#dropped", [str(path) for path in paths])
    page.page.evaluate(
        """() => {
            const input = document.getElementById("dropped"), transfer = new DataTransfer();
            for (const file of input.files) transfer.items.add(file);
            input.remove();
            const options = {dataTransfer: transfer, bubbles: true, cancelable: true};
            document.body.dispatchEvent(new DragEvent("drop", options));
        }"""
    )


def test_a_reload_brings_everything_back(page):
    page.press("ArrowRight", "ArrowRight")
    page.press("n", "b")
    page.drag((20, 20), (60, 30))
    painted = page.labels()
    page.page.evaluate("mobilevos.project.describe(3, {name: 'bubble', colour: '#ff0000'})")
    wait_kept(page)
    page.page.reload()
    page.page.wait_for_function("globalThis.mobilevos?.player.frame")
    page.settle()
    page.page.evaluate("mobilevos.player.seek(2)")
    page.settle()
    assert np.array_equal(page.labels(), painted)
    assert page.page.evaluate("[mobilevos.project.marked, mobilevos.project.objects]") == [[0, 2], [1, 2, 3]]
    assert page.page.evaluate("mobilevos.project.frames.length") == 3
    assert "bubble" in page.page.inner_text("#objects")
    page.page.click("#home")
    page.page.click(".kept-project")
    page.page.wait_for_function("document.querySelector('#work:not([hidden])') && mobilevos.player.frame")
    assert page.page.evaluate("mobilevos.project.marked") == [0, 2]


def test_a_project_file_is_opened_again_and_read_by_python(page, tmp_path):
    page.press("ArrowRight", "ArrowRight", "n", "b")
    page.drag((20, 20), (60, 30))
    painted = page.labels()
    page.page.evaluate("mobilevos.project.describe(3, {name: 'bubble'}); mobilevos.project.setRange([1, 40])")
    path = page.export("project", tmp_path)
    assert path.suffix == ".mobilevos"

    project = ProjectFile(path)
    assert project.frames == [0, 2]
    assert np.array_equal(project[2], painted)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        saved = json.loads(archive.read("project.json"))
    assert (saved["version"], saved["in"], saved["out"]) == (1, 1, 40)
    assert [each["name"] for each in saved["objects"]] == ["Object 1", "Object 2", "bubble"]

    page.press(*["Control+z"] * 4)  # the range, the name, the stroke, the object
    page.page.set_input_files("#any-file", str(path))
    page.page.wait_for_function("mobilevos.project.objects.length === 3")
    page.settle()
    assert np.array_equal(page.labels(), painted)
    assert page.page.evaluate("[mobilevos.project.range, mobilevos.project.about(3).name]") == [[1, 40], "bubble"]
    page.press("Control+z")
    assert page.page.evaluate("mobilevos.project.objects") == [1, 2]


def test_masks_come_in_from_png_and_coco(page, tmp_path):
    truth = sample.truth()
    for index in (3, 5):
        image = Image.fromarray(truth[index])
        image.putpalette([value for i in range(256) for value in (i, 255 - i, 7 * i % 256)])
        image.save(tmp_path / f"{index:05d}.png")
    page.page.set_input_files("#any-file", [str(tmp_path / "00003.png"), str(tmp_path / "00005.png")])
    page.page.click("text=Use as masks")
    page.page.wait_for_function("mobilevos.project.marked.length === 3")
    page.settle()
    assert np.array_equal(page.labels(), truth[3])

    path = page.export("json", tmp_path)
    page.press("Control+z")
    assert page.page.evaluate("mobilevos.project.marked") == [0]
    page.page.set_input_files("#any-file", str(path))
    page.page.wait_for_function("mobilevos.project.marked.length === 3")
    page.page.evaluate("mobilevos.player.seek(5)")
    page.settle()
    assert np.array_equal(page.labels(), truth[5])


def test_another_quality_makes_masks_stale_and_they_are_tracked_again(page):
    page.press("ArrowRight", "ArrowRight")
    page.page.click("#mode-balanced")
    assert "2 frames were tracked in another quality" in page.message()
    entries = "mobilevos.project.frames.map(([, {stale, quality}]) => [stale, quality])"
    assert page.page.evaluate(entries) == [[False, None], [True, "fast"], [True, "fast"]]
    page.page.click("#save")
    assert page.page.is_disabled("#save-zip")
    assert "in Fast, not in Balanced" in page.page.inner_text("#save-dialog")
    page.page.click("#save-anyway")
    assert page.page.is_enabled("#save-zip")
    page.page.keyboard.press("Escape")
    page.page.evaluate("mobilevos.project.setRange([0, 2])")
    page.page.click("#track")
    page.page.wait_for_function("!mobilevos.player.tracking && mobilevos.project.frames.every(([, {stale}]) => !stale)")
    assert page.page.evaluate(entries) == [[False, None], [False, "balanced"], [False, "balanced"]]
    page.page.wait_for_selector("#message", state="hidden")


def test_undo_takes_names_colours_hiding_and_the_range_back_one_by_one(page):
    """What was done to an object or the range after a stroke does not go with the stroke."""
    page.press("b")
    before = page.labels()
    page.drag((20, 20), (60, 30))
    painted = page.labels()
    steps = [
        "project.describe(1, {name: 'bubble'})",
        "project.describe(1, {colour: '#ff0000'})",
        "project.solo(1)",
        "project.setRange([1, 3])",
    ]
    about = "(({name, colour}) => [name, colour])(mobilevos.project.about(1))"
    state = f"[{about}, mobilevos.project.about(2).hidden, mobilevos.project.range]"
    told = [page.page.evaluate(state)]
    for step in steps:
        page.page.evaluate(f"mobilevos.{step}")
        told.append(page.page.evaluate(state))
    for expected in told[-2::-1]:
        page.press("Control+z")
        assert page.page.evaluate(state) == expected
        assert np.array_equal(page.labels(), painted)
    page.press("Control+z")
    assert np.array_equal(page.labels(), before)
    for _ in range(5):
        page.press("Control+Shift+z")
    assert page.page.evaluate(state) == told[-1]
    assert np.array_equal(page.labels(), painted)


def test_a_dropped_file_asks_first_and_undo_brings_the_work_back(page, tmp_path):
    page.press("b")
    page.drag((20, 20), (60, 30))
    painted = page.labels()
    path = tmp_path / "other.png"
    Image.new("RGB", (64, 48), (90, 60, 30)).save(path)
    drop(page, path)
    page.page.click("text=Open as frames")
    page.page.wait_for_selector("#ask-title >> text=Open other.png?")
    page.page.click("#ask-dialog >> text=Cancel")
    assert page.page.evaluate("mobilevos.source.width") == 480
    drop(page, path)
    page.page.click("text=Open as frames")
    page.page.click("#ask-dialog button.primary >> text=Open")
    page.page.wait_for_function("mobilevos.source.width === 64 && mobilevos.player.frame")
    page.press("Control+z")
    page.page.wait_for_function("mobilevos.source.width === 480 && mobilevos.player.frame")
    page.settle()
    assert np.array_equal(page.labels(), painted)
    page.press("Control+z")
    assert not np.array_equal(page.labels(), painted)


@pytest.mark.slow
def test_the_sample_holds_in_the_fast_mode_of_machines_with_few_cores(page):
    page.page.keyboard.press("Space")
    page.page.wait_for_function("mobilevos.player.index >= 50")
    page.settle()
    truth = sample.truth()
    for index in (20, 32, 46, 50):
        page.page.evaluate(f"mobilevos.player.seek({index})")
        page.settle()
        labels = page.labels()
        for i in (1, 2):
            assert jaccard(labels == i, truth[index] == i) > 0.7, (index, i)


def test_what_came_from_a_project_file_is_kept_as_well(page, browser, address, tmp_path):
    """On a device that has never seen it: the file and its video are opened, one edit is made, the page is reloaded."""
    page.press("ArrowRight", "ArrowRight")
    path = page.export("project", tmp_path)
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.add_init_script("localStorage.setItem('mobilevos.mode', 'fast')")
    other = PageDriver(context.new_page(), address)
    other.visit()
    video = tmp_path / "clip.webm"
    video.write_bytes((Path(web.__file__).parent / "sample" / "clip.webm").read_bytes())
    other.page.set_input_files("#any-file", [str(video), str(path)])
    other.page.wait_for_function("globalThis.mobilevos?.player.frame")
    other.settle()
    assert other.page.evaluate("mobilevos.project.frames.length") == 3
    other.page.evaluate("mobilevos.project.describe(1, {name: 'orange'})")
    wait_kept(other)
    other.page.reload()
    other.page.wait_for_function("globalThis.mobilevos?.player.frame")
    other.settle()
    assert other.page.evaluate("mobilevos.project.frames.length") == 3
    assert other.page.evaluate("[mobilevos.project.marked, mobilevos.project.about(1).name]") == [[0], "orange"]
    context.close()
    assert not other.problems


@pytest.mark.slow
def test_two_tabs_with_the_same_work_keep_both(page):
    """The second tab goes on in a copy: nothing that is done in either is lost."""
    wait_kept(page)
    other = PageDriver(page.page.context.new_page(), page.address)
    other.visit()
    other.page.click(".kept-project")
    other.page.wait_for_function("globalThis.mobilevos?.player.frame")
    other.settle()
    page.press("b")
    page.drag((20, 20), (60, 30))
    wait_kept(page)
    other.press("b")
    other.drag((200, 200), (260, 230))
    assert other.message().startswith("This work is open in another tab")
    wait_kept(other)
    painted = [each.labels() for each in (page, other)]
    assert not np.array_equal(*painted)
    other.page.reload()
    page.page.reload()
    for each, labels in zip((page, other), painted, strict=True):
        each.page.wait_for_function("globalThis.mobilevos?.player.frame")
        each.settle()
        assert np.array_equal(each.labels(), labels)
    page.page.click("#home")
    page.page.wait_for_function("document.querySelectorAll('.kept-project').length === 2")
    assert not other.problems


def test_a_journal_that_was_written_often_begins_anew_and_is_whole(page):
    """A name changes more than a thousand times."""
    page.press("ArrowRight")
    page.page.evaluate(
        """async () => {
            const idle = () => new Promise((done) => setTimeout(done, 20));
            for (let number = 0; number < 1100; number++) {
                mobilevos.project.describe(1, {name: `Name ${number}`});
                dispatchEvent(new Event("pagehide")); // every change is a line of its own
                if (number % 50 === 0) await idle();
            }
        }"""
    )
    wait_kept(page)
    sizes = page.page.evaluate(
        """async () => {
            const root = await (await navigator.storage.getDirectory()).getDirectoryHandle("projects");
            const folder = await root.getDirectoryHandle(mobilevos.id);
            const names = [];
            for await (const name of folder.keys()) names.push(name);
            const text = await (await (await folder.getFileHandle("journal")).getFile()).text();
            return [names.sort(), text.split("\\n").length];
        }"""
    )
    assert "journal.part" not in sizes[0]
    assert sizes[1] < 1000
    page.page.reload()
    page.page.wait_for_function("globalThis.mobilevos?.player.frame")
    page.settle()
    assert page.page.evaluate("[mobilevos.project.about(1).name, mobilevos.project.frames.length]") == ["Name 1099", 2]
