"""Effects of single objects: seen, exported, kept, saved and taken back."""

import json
import zipfile

import numpy as np
import pytest
from page_driver import PageDriver

from mobilevos import sample
from mobilevos.video.reader import open_frames

PIXELS = """() => {
    const {image} = mobilevos.player;
    const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
    context.drawImage(image, 0, 0);
    return [...context.getImageData(0, 0, image.width, image.height).data];
}"""
CHOICE = "[mobilevos.project.effect.name, ...mobilevos.project.objects.map((id) => mobilevos.project.about(id).effect)]"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def visit(browser, address):
    """The sample in a tab of its own: visit(options of the context)."""
    contexts = []

    def visit(**options) -> PageDriver:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        contexts.append(context)
        context.add_init_script("localStorage.setItem('mobilevos.mode', 'fast')")
        driver = PageDriver(context.new_page(), address)
        driver.visit()
        driver.open_sample()
        return driver

    yield visit
    for context in contexts:
        context.close()


def choose(page: PageDriver, number: int, effect: str) -> None:
    """Give an object an effect of its own, by its row in the list."""
    page.page.click(f".chip[data-id='{number}'] .name")
    page.page.select_option("#own-effect", effect)
    page.settle()


def shown(page: PageDriver) -> np.ndarray:
    """(270, 480, 4) picture with the effects."""
    page.page.wait_for_function("mobilevos.player.image !== null")
    page.settle()
    return np.reshape(np.array(page.page.evaluate(PIXELS), np.uint8), (270, 480, 4))


@pytest.fixture(scope="module")
def first() -> tuple[np.ndarray, np.ndarray]:
    """The first frame of the sample and its label map."""
    return next(iter(open_frames(sample.clip_path()))), sample.truth()[0]


def core(labels: np.ndarray, number: int) -> np.ndarray:
    """Pixels of an object that are far from its border."""
    inside = labels == number
    for axis in (0, 1):
        for step in (-4, 4):
            inside = inside & np.roll(inside, step, axis)
    assert inside.sum() > 200
    return inside


def change(picture: np.ndarray, frame: np.ndarray, where: np.ndarray) -> float:
    return float(np.abs(picture[where][:, :3].astype(int) - frame[where]).mean())


@pytest.mark.slow
def test_each_object_has_its_own_effect(visit, first, tmp_path):
    frame, labels = first
    one, two, away = core(labels, 1), core(labels, 2), np.s_[:40, :200]
    page = visit()
    choose(page, 2, "remove")
    picture = shown(page)
    assert change(picture, frame, one) < 3
    assert change(picture, frame, two) > 15
    assert np.abs(picture[away][..., :3].astype(int) - frame[away]).mean() < 3

    choose(page, 1, "blur")
    picture = shown(page)
    assert change(picture, frame, one) > 10
    assert change(picture, frame, two) > 15

    page.page.click("#effect-replace")
    choose(page, 1, "keep")
    picture = shown(page)
    green = np.array([0, 177, 64])
    assert change(picture, frame, one) < 3
    assert np.abs(picture[two][:, :3].astype(int) - green).mean() < 3  # gone, and the ground is another one
    assert np.abs(picture[away][..., :3].astype(int) - green).mean() < 3

    page.press("ArrowRight")
    drawn = list(open_frames(page.export("effect", tmp_path)))
    assert len(drawn) == 2
    assert np.abs(drawn[0][two].astype(int) - green).mean() < 25
    assert change(drawn[0], frame, one) < 25
    assert not page.problems


def test_outlines_are_drawn_where_an_object_has_that_effect(visit, first, tmp_path):
    """Of two fish one is removed: the other keeps its outline, in the film, too, unless it is kept as it is."""
    frame, labels = first
    page = visit()
    choose(page, 2, "remove")
    outlined = next(iter(open_frames(page.export("effect", tmp_path))))
    choose(page, 1, "keep")
    kept = next(iter(open_frames(page.export("effect", tmp_path))))
    one = labels == 1
    assert change(outlined, frame, one) > change(kept, frame, one) + 10


@pytest.mark.slow
def test_effects_are_undone_kept_and_saved(visit, tmp_path):
    page = visit()
    choose(page, 2, "remove")
    page.page.click("#effect-blur")
    page.settle()
    assert page.page.evaluate(CHOICE) == ["blur", None, "remove"]
    page.press("Control+z", "Control+z")
    assert page.page.evaluate(CHOICE) == ["none", None, None]
    assert page.page.evaluate("mobilevos.player.image") is None
    page.press("Control+Shift+z", "Control+Shift+z")
    assert page.page.evaluate(CHOICE) == ["blur", None, "remove"]
    assert page.page.input_value("#own-effect") == "remove"
    assert page.page.get_attribute("#effect-blur", "aria-pressed") == "true"
    path = page.export("project", tmp_path)

    page.page.wait_for_function("mobilevos.keeper.state === 'kept' && document.querySelector('#kept').textContent")
    page.page.reload()
    page.page.wait_for_function("globalThis.mobilevos?.player.image")
    assert page.page.evaluate(CHOICE) == ["blur", None, "remove"]

    page.press("Control+z")
    page.page.click("#effect-none")
    choose(page, 2, "")
    page.page.set_input_files("#any-file", str(path))
    page.page.wait_for_function("mobilevos.project.effect.name === 'blur'")
    page.settle()
    assert page.page.evaluate(CHOICE) == ["blur", None, "remove"]

    saved = json.loads(zipfile.ZipFile(path).read("project.json"))
    del saved["effect"]
    for each in saved["objects"]:
        del each["effect"]
    saved["objects"][0]["effect"] = "sparkle"
    older = tmp_path / "older.mobilevos"
    with zipfile.ZipFile(older, "w") as archive:
        archive.writestr("project.json", json.dumps(saved))
    page.page.set_input_files("#any-file", str(older))
    page.page.wait_for_function("mobilevos.project.effect.name === 'none'")
    assert page.page.evaluate(CHOICE) == ["none", None, None]
    assert not page.problems


@pytest.mark.slow
def test_another_video_begins_without_effects(visit):
    page = visit()
    page.page.click("#effect-blur")
    shown(page)
    page.page.click("#home")
    page.page.evaluate("globalThis.mobilevos = undefined")
    page.open_sample()
    page.press("ArrowRight")
    assert page.index == 1
    assert page.page.evaluate("mobilevos.player.image") is None


@pytest.mark.slow
def test_the_effect_of_an_object_is_within_reach_on_a_phone(visit):
    page = visit(**PHONE)
    page.page.tap("#sheet")
    page.page.select_option("#own-effect", "blur")
    shown(page)
    box = page.page.locator("#own-effect").bounding_box()
    assert box is not None
    assert box["height"] >= 40
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert box["y"] + box["height"] <= 844
