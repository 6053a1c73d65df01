"""What the page shows where an object was removed, against the picture that is known to be behind it."""

import cv2
import numpy as np
import pytest
from clips import SQUARE, square_frame
from engine_driver import EngineDriver
from numpy.typing import NDArray

from mobilevos.effects import Inpaint

FRAMES = 9
TOP = 70
LEFTS = [20 + 14 * number for number in range(FRAMES)]
HEIGHT, WIDTH = 150, 220
Pictures = list[NDArray[np.uint8]]


def panned(sample_frames: Pictures) -> Pictures:
    """The reef without fish, past which a camera slides by 3 pixels a frame."""
    wide = sample_frames[0][110:260, 205:460]
    return [np.ascontiguousarray(wide[:, 3 * number : 3 * number + WIDTH]) for number in range(FRAMES)]


def woven() -> Pictures:
    """A texture, past which a camera slides likewise."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    shades = [np.sin((x + 3 * number) / 4) + np.sin(y / 5 + (x + 3 * number) / 9) for number in range(FRAMES)]
    return [((shade * 50 + 120)[..., None] * (1, 0.8, 0.6)).astype(np.uint8) for shade in shades]


def dusk() -> Pictures:
    """Broad shapes, past which a camera slides by 2.25 pixels a frame."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    shades = [np.sin((x + 2.25 * number) / 15 + y / 23) * np.sin(y / 11) for number in range(FRAMES)]
    return [np.repeat((128 + 40 * shade)[..., None], 3, axis=2) for shade in shades]


def mask(number: int) -> NDArray[np.uint8]:
    labels = np.zeros((HEIGHT, WIDTH), np.uint8)
    labels[TOP : TOP + SQUARE, LEFTS[number] : LEFTS[number] + SQUARE] = 1
    return labels


def psnr(
    image: NDArray[np.uint8], truth: NDArray[np.uint8], number: int, found: NDArray[np.uint8] | None = None
) -> float:
    """In the object's place in a frame, as far as it was ``found`` there."""
    inside = mask(number) > 0 if found is None else (mask(number) > 0) & (found > 0)
    error = np.mean((image[inside][:, :3].astype(float) - truth[inside]) ** 2)
    return float(10 * np.log10(255**2 / max(error, 0.01)))


def first_frame(driver: EngineDriver, shots: Pictures, coming: tuple[int, ...] = ()) -> NDArray[np.uint8]:
    """The first frame without its object, where frames to come were shown."""
    begun = driver.run([("setEffect", {"name": "inpaint"}), ("start", shots[0], mask(0))])[-1]
    if not coming:
        return begun.image
    return driver.foresee([(shots[number], mask(number), number) for number in coming]).image


def test_what_later_frames_see_is_shown_in_the_first(driver: EngineDriver, sample_frames: Pictures) -> None:
    """As well as Python's `inpaint` does, which knows the exact masks."""
    scenes = panned(sample_frames)
    shots = [square_frame(scene, left) for scene, left in zip(scenes, LEFTS, strict=True)]
    python = Inpaint(look_ahead=FRAMES - 1)
    answers = [python(shot, mask(number).astype(np.float32)) for number, shot in enumerate(shots)]
    by_python = psnr(next(answer for answer in answers if answer is not None), scenes[0], 0)
    ours = psnr(first_frame(driver, shots, (2, 4, 6, 8)), scenes[0], 0)
    alone = psnr(first_frame(driver, shots), scenes[0], 0)
    assert ours > 40
    assert ours > by_python - 1
    assert ours > alone + 10


def test_what_passes_by_behind_is_not_taken_for_the_background(driver: EngineDriver, sample_frames: Pictures) -> None:
    scenes = panned(sample_frames)
    shots = [square_frame(scene, left) for scene, left in zip(scenes, LEFTS, strict=True)]
    shots[6][:, 25:45] = (20, 30, 20)  # where the object was in the first frame
    assert psnr(first_frame(driver, shots, (4, 6, 8)), scenes[0], 0) > 35


def test_a_texture_goes_on_where_no_frame_saw_anything(driver: EngineDriver) -> None:
    """Smooth colours instead are at 16 dB."""
    scenes = woven()
    shots = [square_frame(scene, left) for scene, left in zip(scenes, LEFTS, strict=True)]
    assert psnr(first_frame(driver, shots), scenes[0], 0) > 30


def test_grain_is_not_taken_for_things_that_pass_by(driver: EngineDriver) -> None:
    """Single pixels differ in every frame; 4 x 4 of them hardly do. Parts of other places instead are at 31.5 dB."""
    random = np.random.default_rng(5)
    scenes = dusk()
    grainy = [(scene + random.normal(0, 25, scene.shape[:2])[..., None]).clip(0, 255) for scene in scenes]
    shots = [square_frame(scene.astype(np.uint8), left) for scene, left in zip(grainy, LEFTS, strict=True)]
    found = first_frame(driver, shots, (3, 4, 5, 6))[..., :3]
    smooth = [cv2.blur(np.ascontiguousarray(image, np.float32), (5, 5)) for image in (found, scenes[0])]
    assert psnr(smooth[0], smooth[1], 0) > 33


def test_frames_to_come_serve_until_they_are_reached(driver: EngineDriver, sample_frames: Pictures) -> None:
    """In frame 2 the view from frame 8 is six frames ahead; its map followed the camera."""
    scenes = panned(sample_frames)
    shots = [square_frame(scene, left) for scene, left in zip(scenes, LEFTS, strict=True)]
    first_frame(driver, shots, (4, 6, 8))
    answers = driver.run([("step", shots[1]), ("step", shots[2])])
    assert psnr(answers[-1].image, scenes[2], 2, answers[-1].labels) > 30


@pytest.mark.parametrize("name", ["none", "blur"])
def test_an_effect_that_does_not_look_ahead_goes_on(driver: EngineDriver, sample_frames: Pictures, name: str) -> None:
    shots = [square_frame(scene, left) for scene, left in zip(panned(sample_frames), LEFTS, strict=True)]
    driver.run([("setEffect", {"name": name}), ("start", shots[0], mask(0))])
    answer = driver.foresee([(shots[4], mask(4), 4)])
    assert answer.error is None
    assert (answer.image is None) == (name == "none")
