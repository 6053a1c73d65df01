"""What is asked of the network for clicks and boxes, and what is made of its answers; the network is a script."""

from collections.abc import Sequence

import numpy as np
import pytest

from mobilevos.engine import prompt as module
from mobilevos.engine.bounds import Bounds
from mobilevos.engine.candidates import Candidate, iou
from mobilevos.engine.prompt import Prompt
from mobilevos.engine.prompt_maps import Maps, prompt_maps
from mobilevos.engine.region import Region, around, whole_frame
from mobilevos.engine.runtime import Float
from mobilevos.errors import InputError

SIZE = HEIGHT, WIDTH = 192, 432  # seen as it is, in cells of four pixels
FRAME = np.zeros((*SIZE, 3), np.uint8)
NOTHING = (0.0, 0.0, 0.0, 0.0)
Drawn = Sequence[tuple[Bounds, float]]
"""Boxes (left, top, right, bottom) px, and how well they are thought of."""


class Script:
    """Draws boxes in whatever region it is asked about: those of its first answer, then of the next; the last stays."""

    def __init__(self, *answers: Drawn, surely: float = 6.0) -> None:
        self.answers, self.surely = [*answers], surely
        self.regions: list[Region] = []
        self.maps: list[Maps] = []
        self.both_ways: list[bool] = []

    def ask(self, region: Region, maps: Maps, both_ways: bool = False) -> tuple[Float, Float]:
        self.regions.append(region)
        self.maps.append(maps)
        self.both_ways.append(both_ways)
        boxes, quality = zip(*(self.answers.pop(0) if self.answers[1:] else self.answers[0]), strict=True)
        seen = np.stack([region.view_masks(pixels(box, self.size)[None].astype(np.float32))[0] for box in boxes])
        return self.surely * (2 * seen - 1), np.array(quality, np.float32)

    def shown(self, frame: np.ndarray) -> "Script":
        self.size = frame.shape[:2]
        return self

    def begun(self) -> "Script":
        """Forgets what it was asked."""
        self.regions, self.maps, self.both_ways = [], [], []
        return self


@pytest.fixture(autouse=True)
def _the_script_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "Looks", lambda script, frame: script.shown(frame))


def begin(script: Script, mask: np.ndarray | None = None, frame: np.ndarray = FRAME) -> Prompt:
    return Prompt(script, frame, mask)  # type: ignore[arg-type]


def pixels(box: Bounds, size: tuple[int, int] = SIZE) -> np.ndarray:
    left, top, right, bottom = map(int, box)
    mask = np.zeros(size, bool)
    mask[top:bottom, left:right] = True
    return mask


def near(*box: float) -> Region:
    """Around what takes a box: three tenths of its side free all around, and five times enlarged at most."""
    return around(box, SIZE, 288, 0.3, zoom=5.0)  # type: ignore[arg-type]


def alike(one: Region, other: Region) -> bool:
    """Whether regions are the same but for what a mask's cells leave open."""
    return bool(np.abs(np.subtract([*vars(one).values()][:4], [*vars(other).values()][:4])).max() <= 2)


def shown(region: Region, *clicks: tuple[float, float, bool], box: Bounds | None = None) -> Maps:
    """Maps of clicks and a box that are given in pixels."""
    (height, width), (rows, columns) = region.box_size, region.grid
    cells = [((x - region.left) * columns / width, (y - region.top) * rows / height, yes) for x, y, yes in clicks]
    if box is not None:
        left, top, right, bottom = box
        (left, top, _), (right, bottom, _) = (
            ((x - region.left) * columns / width, (y - region.top) * rows / height, 0)
            for x, y in ((left, top), (right, bottom))
        )
        box = left, top, right, bottom
    return prompt_maps(region.grid, cells, box)


SMALL, LARGE = (88, 72, 112, 96), (60, 40, 160, 120)


def test_a_first_click_asks_of_all_and_of_half_and_then_looks_closer_at_what_it_may_mean() -> None:
    script = Script([(SMALL, 0.9), (LARGE, 0.6)])
    prompt = begin(script)
    mask = prompt.click(100.9, 80.2)
    half = around((0, 32.5, 216, 128.5), SIZE, 288, 0.0, zoom=5.0)
    assert script.regions[:2] == [whole_frame(SIZE, 288), half]
    assert len(script.regions) == 4
    assert alike(script.regions[2], near(*SMALL))
    assert alike(script.regions[3], near(*LARGE))
    for region, maps in zip(script.regions, script.maps, strict=True):
        np.testing.assert_allclose(maps[:3], shown(region, (100.5, 80.5, True))[:3], atol=1e-5)
    for maps in script.maps[:2]:
        assert not maps[3].any()
    for box, region, maps in zip((SMALL, LARGE), script.regions[2:], script.maps[2:], strict=True):
        assert iou(maps[3] > 0.5, region.view_masks(pixels(box)[None].astype(np.float32))[0] > 0.5) > 0.8
    assert script.both_ways == [False] * 4
    found = [each.sum() for each, _ in prompt.candidates]
    assert found[0] == pytest.approx(pixels(SMALL).sum(), rel=0.2), "the mean of the closer look at the best"
    assert pixels(LARGE).sum() == pytest.approx(found[1], rel=0.1)
    np.testing.assert_array_equal(mask, prompt.mask)


def test_views_of_half_a_frame_end_at_its_borders() -> None:
    for x, y, left, top in ((2, 3, 0, 0), (200, 90, 92.5, 42.5), (429, 188, 216, 96)):
        script = Script([(SMALL, 0.9)])
        begin(script).click(x, y)
        assert script.regions[1] == around((left, top, left + 216, top + 96), SIZE, 288, 0.0, zoom=5.0)


def test_all_of_a_tiny_frame_is_not_enlarged_as_a_closer_look_is() -> None:
    script = Script([(NOTHING, 0.9)])
    begin(script, frame=np.zeros((60, 80, 3), np.uint8)).click(40, 30)
    assert script.regions[0] == whole_frame((60, 80), 288)


@pytest.mark.parametrize(
    ("size", "seen"),
    [((1000, 1000), (288, 288)), ((1053, 1000), (288, 288)), ((192, 432), (192, 432)), ((90, 90), (176, 176))],
)
def test_the_network_sees_what_it_was_trained_for(size: tuple[int, int], seen: tuple[int, int]) -> None:
    script = Script([(NOTHING, 0.9)])
    begin(script, frame=np.zeros((*size, 3), np.uint8)).click(50, 50)
    assert (script.regions[0].height, script.regions[0].width) == seen


def test_candidates_are_compared_twice_as_finely_as_they_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    compared, seen_from = [], Candidate.seen_from
    monkeypatch.setattr(Candidate, "seen_from", lambda self, region: compared.append(region) or seen_from(self, region))
    script = Script([(SMALL, 0.9)])
    begin(script, frame=np.zeros((1000, 1000, 3), np.uint8)).click(500, 500)
    coarse, fine = script.regions[0], max(compared, key=lambda region: region.height)
    assert (fine.box_size, fine.grid) == (coarse.box_size, (2 * coarse.grid[0], 2 * coarse.grid[1]))


def test_where_nothing_is_seen_the_clicks_alone_say_where_to_look() -> None:
    script = Script([(NOTHING, 0.9)])
    prompt = begin(script)
    prompt.click(50, 60)
    prompt.click(150, 100, positive=False)
    assert script.regions[-1] == near(49.5, 59.5, 151.5, 101.5)
    assert not prompt.mask.any()
    np.testing.assert_allclose(
        script.maps[-1][:3], shown(script.regions[-1], (50.5, 60.5, True), (150.5, 100.5, False))[:3], atol=1e-5
    )


@pytest.mark.parametrize(("side", "stays"), [(51, True), (40, False)])
def test_a_view_stays_until_what_is_to_be_seen_takes_less_than_a_third_of_it(side: int, stays: bool) -> None:
    """It was chosen for a square of 80; a side of 51 wants two fifths of that area, one of 40 wants a quarter."""
    square, smaller = (100, 80, 180, 160), (110, 90, 110 + side, 90 + side)
    script = Script([(square, 0.9)], [(square, 0.9)], [(smaller, 0.9)])
    prompt = begin(script)
    prompt.click(120, 100)
    chosen = script.regions[-1]
    assert alike(chosen, near(*square))
    prompt.click(125, 105)
    assert script.regions[-1] == chosen if stays else alike(script.regions[-1], near(*smaller))
    np.testing.assert_array_equal(script.maps[-1][3] > 0.5, prompt._states[-1].found[0].logits > 0)


def test_a_view_that_does_not_hold_a_click_gives_way() -> None:
    script = Script([(SMALL, 0.9)])
    prompt = begin(script)
    prompt.click(100, 80)
    prompt.click(200, 85)
    left, top, _, bottom = SMALL
    assert alike(script.regions[-1], near(left, top, 201.5, bottom))


def test_a_box_is_looked_at_twice_the_second_time_with_what_was_found() -> None:
    script = Script([(SMALL, 0.9), (LARGE, 0.6)])
    prompt = begin(script)
    prompt.box(80, 60, 50, 40)
    region = near(80, 60, 130, 100)
    assert script.regions == [region, region]
    for maps in script.maps:
        np.testing.assert_allclose(maps[:3], shown(region, box=(80, 60, 130, 100))[:3], atol=1e-5)
    assert not script.maps[0][3].any()
    assert script.maps[1][3].any()
    script.begun()
    prompt.click(100, 80)
    assert script.regions == [region], "which holds the box, the mask and the click"
    np.testing.assert_allclose(
        script.maps[0][:3], shown(region, (100.5, 80.5, True), box=(80, 60, 130, 100))[:3], atol=1e-5
    )


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ((-10, -8, 40, 30), (0, 0, 30, 22)),
        ((400, 150, 50, 60), (400, 150, 432, 192)),
        ((0, 0, 432, 192), (0, 0, 432, 192)),
        ((5, 6, 1, 1), (5, 6, 6, 7)),
    ],
)
def test_a_box_is_cut_off_at_the_frame(given: tuple[int, int, int, int], kept: Bounds) -> None:
    script = Script([(NOTHING, 0.9)])
    begin(script).box(*given)
    assert script.regions[0] == near(*kept)
    np.testing.assert_allclose(script.maps[0][2], shown(script.regions[0], box=kept)[2], atol=1e-5)


@pytest.mark.parametrize("given", [(5, 5, 0.9, 9), (5, 5, 9, 0.9), (431.5, 5, 9, 9), (5, 191.5, 9, 9), (-9, 5, 9.5, 9)])
def test_a_box_without_a_pixel_of_the_frame_is_refused(given: tuple[float, float, float, float]) -> None:
    with pytest.raises(InputError, match="has no pixel of the frame"):
        begin(Script([(SMALL, 0.9)])).box(*given)


def test_a_second_box_forgets_the_first_and_what_came_of_it_but_no_clicks() -> None:
    script = Script([(SMALL, 0.9)])
    prompt = begin(script)
    prompt.box(80, 60, 50, 40)
    prompt.click(100, 80)
    script.begun()
    prompt.box(200, 150, 40, 30)
    assert script.regions == [near(99.5, 79.5, 240, 180)] * 2
    assert not script.maps[0][3].any()
    assert script.maps[0][0].any()


@pytest.mark.parametrize(("x", "y"), [(0, 0), (0.9, 0.9), (431.99, 191.99), (431, 0)])
def test_a_click_means_the_middle_of_its_pixel(x: float, y: float) -> None:
    script = Script([(SMALL, 0.9)])
    begin(script).click(x, y)
    expected = shown(script.regions[0], (int(x) + 0.5, int(y) + 0.5, True))
    np.testing.assert_allclose(script.maps[0], expected, atol=1e-5)


@pytest.mark.parametrize(("x", "y"), [(-0.01, 5), (5, -0.01), (432, 5), (5, 192), (-5, 200)])
def test_a_click_beyond_the_frame_is_refused(x: float, y: float) -> None:
    with pytest.raises(InputError, match="lies outside of the frame"):
        begin(Script([(SMALL, 0.9)])).click(x, y)


def test_negative_clicks_need_something_to_correct() -> None:
    """A mask, a box, or one positive click among however many."""
    script = Script([(SMALL, 0.9)])
    with pytest.raises(InputError, match="negative clicks alone mean no object"):
        begin(script, np.zeros(SIZE, bool)).click(5, 5, positive=False)
    begin(script, pixels(SMALL)).click(5, 5, positive=False)
    boxed, clicked = begin(script), begin(script)
    boxed.box(80, 60, 50, 40)
    clicked.click(100, 80)
    for prompt in (boxed, clicked):
        prompt.click(5, 5, positive=False)
        prompt.click(9, 9, positive=False)


def test_a_mask_is_corrected_where_it_lies_seen_from_both_sides() -> None:
    more, most = (88, 68, 132, 100), (100, 68, 132, 100)
    script, given = Script([(more, 0.9)], [(most, 0.9)]), pixels(SMALL)
    prompt = begin(script, given.astype(np.uint8))
    np.testing.assert_array_equal(prompt.mask, given)
    assert (prompt.confidence, prompt.candidates, prompt.chosen) == (0, [], 0)
    prompt.mask[:] = True
    np.testing.assert_array_equal(prompt.mask, given)
    mask = prompt.click(130, 80)
    left, top, _, bottom = SMALL
    region = near(left, top, 131.5, bottom)
    assert (script.regions, script.both_ways) == ([region], [True])
    np.testing.assert_allclose(script.maps[0][3], region.view_masks(given[None].astype(np.float32))[0], atol=1e-6)
    assert not (given & ~mask).any()
    assert (mask ^ pixels(more)).sum() < 0.06 * mask.sum()
    again = prompt.click(92, 80, positive=False)
    region = script.regions[1]
    np.testing.assert_allclose(script.maps[1][3], region.view_masks(mask[None].astype(np.float32))[0], atol=1e-6)
    assert (again ^ pixels(most)).sum() < 0.06 * again.sum()


def test_places_that_were_said_to_be_the_objects_stay() -> None:
    """Whatever the network makes of a negative click: what of the mask is nearer to them than to that one."""
    for given in (None, pixels(LARGE)):
        script = Script([(LARGE, 0.9)])
        prompt = begin(script, given)
        mask = prompt.click(100, 80)
        script.answers = [[((0, 0, 4, 4), 0.9)]]
        again = prompt.click(140, 80, positive=False)
        assert (again & mask)[:, :119].sum() > 0.95 * mask[:, :119].sum()
        assert not again[40:, 121:].any()
        assert prompt.candidates[0][0][80, 100]
        np.testing.assert_array_equal(prompt.undo(), mask)
    prompt = begin(script := Script([(LARGE, 0.9)]))
    prompt.click(100, 80)
    script.answers = [[(SMALL, 0.9)]]
    smaller = prompt.click(140, 80, positive=False)
    assert (smaller ^ pixels(SMALL)).sum() < 0.1 * smaller.sum(), "where nothing is lost, it is as drawn"


def test_a_box_on_a_given_mask_means_what_is_in_the_box() -> None:
    script = Script([(LARGE, 0.9)])
    prompt = begin(script, pixels((180, 152, 224, 172)))
    prompt.box(200, 150, 40, 30)
    assert script.regions == [near(200, 150, 240, 180)] * 2
    assert script.both_ways == [False, False]
    assert not script.maps[0][3].any()
    prompt.click(210, 160)
    assert script.both_ways == [False] * 3


@pytest.mark.parametrize("given", [np.zeros(SIZE, bool), np.zeros(SIZE, np.int16)])
def test_an_empty_mask_is_none(given: np.ndarray) -> None:
    script = Script([(SMALL, 0.9)])
    prompt = begin(script, given)
    assert prompt.mask.dtype == bool
    assert not prompt.mask.any()
    prompt.click(100, 80)
    assert script.regions[0] == whole_frame(SIZE, 288)
    assert script.both_ways == [False] * 3


@pytest.mark.parametrize("given", [np.zeros(SIZE), np.zeros((*SIZE, 1), bool), np.zeros((192, 433), bool)])
def test_what_is_no_mask_is_refused_even_if_it_is_empty(given: np.ndarray) -> None:
    with pytest.raises(InputError, match="mask"):
        begin(Script([(SMALL, 0.9)]), given)


def test_what_is_chosen_is_the_mask_and_what_the_next_click_corrects() -> None:
    script = Script([(SMALL, 0.9), (LARGE, 0.6)])
    prompt = begin(script)
    prompt.click(100, 80)
    assert prompt.chosen == 0
    masks, scores = zip(*prompt.candidates, strict=True)
    assert len(masks) == 3
    for number in (2, 1, 0, 1):
        np.testing.assert_array_equal(prompt.choose(number), masks[number])
        assert (prompt.chosen, prompt.confidence) == (number, scores[number])
    np.testing.assert_array_equal(prompt.mask, masks[1])
    for number in (-1, 3):
        with pytest.raises(InputError, match=f"no candidate {number}; there are 3"):
            prompt.choose(number)
    script.begun()
    prompt.click(140, 100)
    assert script.regions[0].holds(LARGE)
    assert script.maps[0][3].sum() / script.maps[0][3].size == pytest.approx(
        pixels(LARGE).sum() / script.regions[0].area, rel=0.1
    )
    assert prompt.chosen == 0
    prompt.undo()
    assert prompt.chosen == 1


def test_what_is_chosen_is_of_the_newest_click() -> None:
    script = Script([(SMALL, 0.9), (LARGE, 0.6)])
    prompt = begin(script)
    first = prompt.click(100, 80)
    script.answers = [[(LARGE, 0.9), (SMALL, 0.6)]]
    prompt.click(140, 100)
    best, *others = (mask for mask, _ in prompt.candidates)
    assert (best != first).any()
    np.testing.assert_array_equal(prompt.choose(1), others[0])
    np.testing.assert_array_equal(prompt.undo(), first)
    assert prompt.chosen == 0


def test_others_are_spared_by_another_candidate() -> None:
    prompt = begin(Script([(SMALL, 0.9), (LARGE, 0.6)]))
    prompt.click(100, 80)
    masks = [mask for mask, _ in prompt.candidates]
    large = max(range(3), key=lambda number: int(masks[number].sum()))
    prompt.choose(large)
    np.testing.assert_array_equal(prompt.spare(np.zeros(SIZE, np.uint8)), masks[large])
    beside = np.where(masks[large] & ~masks[0], 7, 0).astype(np.uint8)
    np.testing.assert_array_equal(prompt.spare(beside), masks[0])
    assert large > prompt.chosen == 0


def test_undo_ends_at_the_beginning() -> None:
    prompt = begin(Script([((88, 68, 132, 100), 0.9)]), pixels(SMALL))
    first = prompt.click(130, 80)
    assert (first != pixels(SMALL)).any()
    prompt.click(120, 90)
    np.testing.assert_array_equal(prompt.undo(), first)
    for _ in range(3):
        np.testing.assert_array_equal(prompt.undo(), pixels(SMALL))
    np.testing.assert_array_equal(prompt.click(130, 80), first)


def test_predict_says_all_at_once_and_begins_anew() -> None:
    script = Script([(SMALL, 0.9), (LARGE, 0.6)])
    prompt = begin(script)
    masks, scores, coarse = prompt.predict(np.array([[5, 5], [100, 80], [9, 9]]), np.array([0, 1, 0]))
    assert prompt._states[-1].clicks == ((100.5, 80.5, True), (5.5, 5.5, False), (9.5, 9.5, False))
    assert (len(masks), scores.dtype, coarse.shape) == (3, np.float32, (3, *whole_frame(SIZE, 288).grid))
    for mask, score, (own, quality) in zip(masks, scores, prompt.candidates, strict=True):
        np.testing.assert_array_equal(mask, own)
        assert score == np.float32(quality)
    script.answers = [*[[(SMALL, 0.9), (LARGE, 0.6)]] * 4, [((20, 20, 180, 160), 0.9)]]
    masks, scores, coarse = prompt.predict(np.array([[100, 80], [30, 30]]))
    seen = whole_frame(SIZE, 288).view_masks(masks[:1].astype(np.float32)) > 0.5
    assert iou(coarse[0] > 0, seen[0]) > 0.8, "of all that was said"
    script.answers = [[(SMALL, 0.9), (LARGE, 0.6)]]
    masks, scores, coarse = prompt.predict(np.array([[100, 80]]), multimask_output=False)
    assert prompt._states[-1].clicks == ((100.5, 80.5, True),)
    assert (len(masks), len(scores), len(coarse)) == (1, 1, 1)
    script.begun()
    prompt.predict(box=np.array([[80, 60, 130, 100]]))
    assert script.regions == [near(80, 60, 130, 100)] * 2
    prompt.predict(np.array([[100, 80]]), box=np.array([80, 60, 130, 100]))
    assert (len(prompt._states), len(prompt._states[-1].clicks)) == (3, 1)
    assert prompt._states[-1].box == (80, 60, 130, 100)


@pytest.mark.parametrize(("surely", "odds"), [(1.0, 1.0), (-1.0, -1.0), (99.0, 13.8), (-99.0, -13.8)])
def test_predict_gives_coarse_log_odds_that_end_at_one_in_a_million(surely: float, odds: float) -> None:
    everywhere = (0, 0, WIDTH, HEIGHT)
    *_, coarse = begin(Script([(everywhere, 0.9)], surely=surely)).predict(box=np.array(everywhere))
    np.testing.assert_allclose(coarse, odds, rtol=0.02)


@pytest.mark.parametrize(
    ("points", "labels", "box", "sentence"),
    [
        (np.zeros((2, 2, 1)), np.ones(2), None, "point_coords must be"),
        (np.zeros((2, 3)), np.ones(2), None, "point_coords must be"),
        (np.zeros((2, 2)), np.ones(3), None, "point_coords must be"),
        (np.zeros((2, 2)), np.ones((2, 1)), None, "point_coords must be"),
        (None, None, np.zeros(5), "box must be"),
        (None, None, None, "neither a point nor a box"),
        (np.zeros((0, 2)), None, None, "neither a point nor a box"),
    ],
)
def test_predict_refuses_what_does_not_fit(
    points: np.ndarray | None, labels: np.ndarray | None, box: np.ndarray | None, sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        begin(Script([(SMALL, 0.9)])).predict(points, labels, box)
