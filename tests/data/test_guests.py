"""Objects of one clip that are guests of another."""

import numpy as np
import pytest

from mobilevos.data.guests import receive
from mobilevos.data.types import IGNORE, MIN_AREA, Clip

SIZE, FRAMES = 96, 4
GREY, RED, BLUE = (90, 90, 90), (220, 30, 30), (30, 30, 220)


def clip(colour: tuple[int, int, int], left: int, speed: int) -> Clip:
    """A square of 24 px that moves to the right, on grey; a column of unknown pixels at the right border."""
    frames = np.full((FRAMES, SIZE, SIZE, 3), GREY, np.uint8)
    labels = np.zeros((FRAMES, SIZE, SIZE), np.uint8)
    labels[..., -2:] = IGNORE
    for t in range(FRAMES):
        place = t, slice(36, 60), slice(left + speed * t, left + speed * t + 24)
        frames[place], labels[place] = colour, 1
    return Clip(frames, labels, (1,))


HOST, GUEST = clip(RED, 10, 0), clip(BLUE, 30, 5)


def received(guest: Clip, seed: int, host: Clip = HOST) -> Clip:
    return receive(np.random.default_rng(seed), host, guest, 2)


def test_clips_are_whole() -> None:
    for seed in range(60):
        made = received(GUEST, seed)
        assert made.frames.shape == HOST.frames.shape
        assert made.labels.shape == HOST.labels.shape
        assert set(np.unique(made.labels)) <= {0, *made.objects, IGNORE}
        assert all(np.mean(made.labels[0] == own) >= MIN_AREA for own in made.objects)
        assert np.array_equal(made.frames, received(GUEST, seed).frames)


def test_labels_are_of_what_is_seen() -> None:
    kinds = set()
    for seed in range(60):
        made = received(GUEST, seed)
        for own in made.objects:
            inside = made.frames[made.labels == own].astype(int)
            bluer = np.median(inside[:, 2] - inside[:, 0])
            share = np.mean(np.sign(inside[:, 2] - inside[:, 0]) == np.sign(bluer))
            assert share > 0.9
            kinds.add((len(made.objects), bool(bluer > 0)))
    assert kinds == {(1, False), (1, True), (2, False), (2, True)}  # the host's alone, the guest's alone, both


def test_guests_move_as_they_did_and_on_a_path_of_their_own() -> None:
    moves = []
    for seed in range(40):
        made = received(GUEST, seed)
        blue = made.frames[..., 2].astype(int) - made.frames[..., 0] > 60
        if all(layer.any() for layer in blue):
            columns = [np.nonzero(layer)[1].mean() for layer in blue]
            moves.append(columns[-1] - columns[0])
    assert len(moves) > 10
    assert np.std(moves) > 5


def test_a_clip_may_be_its_own_guest() -> None:
    both = [made for seed in range(40) if len((made := received(HOST, seed)).objects) == 2]
    assert both
    for made in both:
        first, second = (np.median(made.frames[made.labels == own], 0) for own in made.objects)
        assert np.abs(first - second).max() < 10


def test_what_its_frame_cuts_off_stays_at_the_border() -> None:
    cut = clip(BLUE, 0, 0)
    for seed in range(20):
        strange = (received(cut, seed).frames[0] != HOST.frames[0]).any(-1)
        assert strange[:, 0].any() or strange[:, -1].any() or not strange.any()


@pytest.mark.parametrize("labels", [np.zeros_like(HOST.labels), np.full_like(HOST.labels, IGNORE)])
def test_guests_without_objects_change_nothing(labels: np.ndarray) -> None:
    nobody = Clip(HOST.frames, labels, (1,))
    assert received(nobody, 0) is HOST
