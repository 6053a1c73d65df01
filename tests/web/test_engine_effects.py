"""Effects in the page's worker, on an object that moves over a picture which is known."""

import numpy as np
import pytest
from engine_driver import Answer, EngineDriver
from numpy.typing import NDArray

FRAMES = 9
SIDE = 34
"""Of the object, which moves by more than that from the first frame to the last."""


@pytest.fixture(scope="module")
def background(sample_frames: list[np.ndarray]) -> NDArray[np.uint8]:
    """(150, 220, 3): the reef without fish."""
    return np.ascontiguousarray(sample_frames[0][120:, 220:440])


def place(number: int) -> tuple[slice, slice]:
    return slice(70, 70 + SIDE), slice(20 + 14 * number, 20 + 14 * number + SIDE)


@pytest.fixture(scope="module")
def film(background: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """A red and yellow square goes from the left to the right."""
    frames = []
    for number in range(FRAMES):
        frame = background.copy()
        frame[place(number)] = (220, 40, 30)
        frame[place(number)][8:26, 8:26] = (250, 220, 40)
        frames.append(frame)
    return frames


def mask(number: int, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    labels = np.zeros(shape[:2], np.uint8)
    labels[place(number)] = 1
    return labels


def with_effect(driver: EngineDriver, film: list[NDArray[np.uint8]], effect: dict[str, str], first: int = 0) -> Answer:
    """The last frame's answer, if the engine began at frame ``first``."""
    answers = driver.run(
        [
            ("setEffect", effect),
            ("start", film[first], mask(first, film[0].shape)),
            *(("step", frame) for frame in film[first + 1 :]),
        ]
    )
    assert not any(answer.error for answer in answers)
    assert all(answer.image is not None for answer in answers[1:])
    return answers[-1]


def psnr(image: np.ndarray, truth: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / max(np.mean((image.astype(float) - truth) ** 2), 0.01)))


def test_cutout(driver: EngineDriver, film: list[NDArray[np.uint8]]) -> None:
    answer = with_effect(driver, film, {"name": "cutout"})
    image, inside = answer.image, answer.labels > 0
    assert inside[place(FRAMES - 1)].mean() > 0.7  # it follows
    opaque = image[..., 3] > 127
    assert (opaque & inside).sum() / (opaque | inside).sum() > 0.9
    assert np.abs(image[opaque][:, :3].astype(int) - film[-1][opaque]).max() <= 3  # browsers multiply by opacity
    assert not image[:40, :100].any()


def test_replace(driver: EngineDriver, film: list[NDArray[np.uint8]]) -> None:
    image = with_effect(driver, film, {"name": "replace", "color": "#102030"}).image
    assert (image[:40, :100] == (16, 32, 48, 255)).all()
    middle = np.s_[80:94, 142:156]
    assert np.array_equal(image[middle][..., :3], film[-1][middle])


def test_blur(driver: EngineDriver, film: list[NDArray[np.uint8]]) -> None:
    image = with_effect(driver, film, {"name": "blur"}).image[..., :3]
    middle, away = np.s_[80:94, 142:156], np.s_[70:140, :100]
    assert np.array_equal(image[middle], film[-1][middle])
    roughness = [np.abs(np.diff(each[away].astype(int), axis=1)).mean() for each in (image, film[-1])]
    assert roughness[0] < roughness[1] / 2
    assert abs(image[away].mean() - film[-1][away].mean()) < 8
    # What is blurred is the background alone: no red glows beside the object.
    assert image[80:94, 120:126, 0].mean() < film[-1][80:94, 120:126, 0].mean() + 25


def test_inpainting_shows_what_was_there(
    driver: EngineDriver, film: list[NDArray[np.uint8]], background: NDArray[np.uint8]
) -> None:
    hole = place(FRAMES - 1)
    image = with_effect(driver, film, {"name": "inpaint"}).image[..., :3]
    alone = with_effect(driver, film, {"name": "inpaint"}, first=FRAMES - 1).image[..., :3]
    assert np.array_equal(image[:40], background[:40])
    assert psnr(image[hole], background[hole]) > psnr(alone[hole], background[hole]) + 6
    assert psnr(alone[hole], background[hole]) > 15  # it is filled with something like its surroundings


def test_inpainting_follows_a_moving_camera(
    driver: EngineDriver, sample_frames: list[np.ndarray], film: list[NDArray[np.uint8]]
) -> None:
    """The picture slides by 3 pixels a frame."""
    wide = sample_frames[0][110:260, 205:460]
    shots, scenes = [], []
    for number in range(FRAMES):
        scene = wide[:, 3 * number : 3 * number + 220].copy()
        scenes.append(scene)
        shot = scene.copy()
        shot[place(number)] = film[number][place(number)]
        shots.append(shot)
    hole = place(FRAMES - 1)
    moved = with_effect(driver, shots, {"name": "inpaint"}).image[..., :3]
    alone = with_effect(driver, shots, {"name": "inpaint"}, first=FRAMES - 1).image[..., :3]
    assert psnr(moved[hole], scenes[-1][hole]) > psnr(alone[hole], scenes[-1][hole]) + 4


def test_single_objects_are_treated_on_their_own(driver: EngineDriver, film: list[NDArray[np.uint8]]) -> None:
    """Two squares: one stays, is blurred or is removed, whatever the effect does to the other."""
    frame = film[0].copy()
    one, two = place(0), place(6)
    frame[two] = frame[one]
    labels = mask(0, frame.shape)
    labels[two] = 2

    def picture(effect: dict[str, object]) -> NDArray[np.uint8]:
        answer = driver.run([("setEffect", effect), ("start", frame, labels)])[-1]
        assert answer.image is not None, answer.error
        return answer.image

    def changed(image: NDArray[np.uint8], where: tuple[slice, slice]) -> float:
        return float(np.abs(image[where][8:26, 8:26, :3].astype(int) - frame[where][8:26, 8:26]).mean())

    removed = picture({"name": "none", "objects": {2: "remove"}})
    assert changed(removed, one) == 0 < 40 < changed(removed, two)
    kept = picture({"name": "inpaint", "objects": {2: "keep"}})
    assert changed(kept, two) == 0 < 40 < changed(kept, one)
    blurred = picture({"name": "none", "objects": {1: "blur"}})
    assert changed(blurred, two) == 0 < 5 < changed(blurred, one)
    alone = picture({"name": "cutout", "objects": {1: "ignore"}})
    assert (alone[one] == 0).all()
    assert changed(alone, two) <= 3
    untouched = picture({"name": "none", "objects": {1: "keep"}})
    assert np.array_equal(untouched[..., :3], frame)
    (answer,) = driver.run([("setEffect", {"name": "none", "objects": {1: "sparkle"}})])
    assert answer.error == "There is no treatment sparkle; choose one of keep, blur, remove, ignore."
