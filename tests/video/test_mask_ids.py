"""Ids of colours, shades and indices that masks of one run share, and which colours are the ground."""

import numpy as np
import pytest

from mobilevos.errors import InputError
from mobilevos.video.mask_file import Drawing, Kind
from mobilevos.video.mask_ids import VOID, Colours, Look, id_tables, palettes_agree

BLACK, CLEAR, RED, GREY = (0, 0, 0, 255), (0, 0, 0, 0), (200, 0, 0, 255), (128, 128, 128, 255)
SHADES = tuple((k, k, k, 255) for k in range(256))
OTHERS = (200, 30, 0, 255), (0, 200, 30, 255), (30, 0, 200, 255)
"""Of no palette."""


def picture(*colours: tuple[int, ...], soft: bool = False) -> Look:
    return Look("a.png", "colours", soft, (1, len(colours)), np.arange(len(colours)), np.array(colours, np.uint8))


def numbers(kind: Kind, *used: int, soft: bool = False, colours: tuple[tuple[int, ...], ...] = SHADES) -> Look:
    return Look("a.png", kind, soft, (1, len(used)), np.array(used), np.array(colours, np.uint8))


def ids(*colours: tuple[int, ...], known: tuple[int, ...] = (), taken: tuple[int, ...] = ()) -> list[int]:
    """Those of colours, of which the first have theirs already."""
    all_of_them = Colours([np.array(colour, np.float64) for colour in colours], list(known))
    all_of_them.number(set(taken))
    return all_of_them.ids


@pytest.mark.parametrize(
    ("mask", "objects"),
    [
        (picture(BLACK, RED), [1]),
        (picture(BLACK, (0, 0, 1, 255), RED), [1, 2]),
        (picture((0, 0, 7, 255), (0, 0, 8, 255), RED), [1, 2]),
        (picture((7, 0, 0, 247), (7, 0, 0, 246), RED), [1, 2]),
        (picture(BLACK, (5, 5, 5, 255), RED, soft=True), [2]),
        (picture(BLACK, (5, 5, 5, 255), soft=True), []),
        (picture((10, 10, 10, 31), (10, 10, 10, 32), RED), [1, 2]),
        (picture(CLEAR, BLACK), [1]),
        (picture(CLEAR, BLACK, RED), [2]),
        (picture(RED), [0]),
        (picture(BLACK), []),
    ],
)
def test_black_and_transparent_are_the_ground(mask: Look, objects: list[int]) -> None:
    """Nearly black is, too, where edges are soft or no black is there; black is not if nothing else is drawn."""
    assert list(Colours().places(mask)) == objects


def test_a_black_that_does_not_occur_is_no_ground() -> None:
    with pytest.raises(InputError, match="no background among its 2 colours"):
        id_tables([picture(BLACK, RED), numbers("greys", 100, 200)], Colours())


def test_colours_have_the_lowest_free_ids() -> None:
    assert ids(*OTHERS) == [1, 2, 3]
    assert ids(*OTHERS, known=(1,), taken=(3,)) == [1, 2, 4]


def test_254_objects_are_the_most() -> None:
    colours = [(k, 255 - k, 90, 255) for k in range(255)]
    assert ids(*colours[:254]) == list(range(1, 255))
    with pytest.raises(InputError, match="255 colours, but 254 objects are the most"):
        ids(*colours)


def test_a_palette_colour_has_its_id_once() -> None:
    assert ids((136, 0, 0, 255), (121, 0, 0, 255), OTHERS[0]) == [1, 2, 3]


def test_greys_are_palette_colours_only_beside_other_colours() -> None:
    assert ids(GREY) == [1]
    assert ids(GREY, SHADES[60]) == [1, 2]
    assert ids(OTHERS[0], GREY) == [1, 7]
    assert ids(OTHERS[0], GREY, known=(5,)) == [5, 7]


def test_the_very_colour_comes_before_a_similar_one() -> None:
    known = Colours([np.array(RED, np.float64)], [4])
    assert known.places(picture(BLACK, (196, 0, 0, 255), RED)) == {2: 0, 1: 1}
    assert known.places(picture(BLACK, (208, 0, 0, 255))) == {1: 0}
    assert known.places(picture(BLACK, (209, 0, 0, 255))) == {1: 2}


def test_a_colour_of_a_palette_has_its_id_elsewhere() -> None:
    palette = numbers("palette", 0, 4, 9, colours=(BLACK, *OTHERS, GREY, *[RED] * 251))
    assert id_tables([palette, picture(BLACK, RED, GREY)], Colours())[1].tolist() == [0, 9, 4]


def test_a_colour_of_two_ids_of_a_palette_is_the_lower_elsewhere() -> None:
    palette = numbers("palette", 0, 2, 9, colours=(BLACK, *[RED] * 255))
    assert id_tables([palette, picture(BLACK, RED)], Colours())[1].tolist() == [0, 2]


def test_palettes_agree_where_indices_occur_in_both() -> None:
    one = numbers("palette", 0, 1, 2, colours=(BLACK, RED, GREY, *[RED] * 253))
    same = numbers("palette", 0, 2, colours=(BLACK, GREY, GREY, *[RED] * 253))
    other = numbers("palette", 0, 1, colours=(BLACK, GREY, GREY, *[RED] * 253))
    assert palettes_agree([])
    assert palettes_agree([one, same, numbers("greys", 0, 1)])
    assert not palettes_agree([one, same, other])


def test_colours_are_known_by_their_first_pixel() -> None:
    colours = np.array([BLACK, *OTHERS], np.uint8)
    drawn = Look.at(Drawing("a.png", "colours", np.array([[2, 0], [1, 2]]), colours))
    assert id_tables([drawn], Colours())[0].tolist() == [0, 2, 1, 0]


def test_shades_are_known_by_their_first_pixel() -> None:
    index = np.array([[0, 200, 100, 200, 0]], np.uint8)
    drawn, shades = picture(BLACK, RED), Look.at(Drawing("b.png", "greys", index, np.array(SHADES, np.uint8)))
    assert id_tables([drawn, shades], Colours())[1][[0, 200, 100]].tolist() == [0, 2, 3]


@pytest.mark.parametrize(
    ("mask", "is_picture"),
    [
        (numbers("greys", 0, 64), False),
        (numbers("greys", 0, 65), True),
        (numbers("greys", 0, 10, 200), True),
        (numbers("palette", 0, 90), False),
        (numbers("bits", 0, 1), False),
    ],
)
def test_shades_beside_colours_are_colours(mask: Look, is_picture: bool) -> None:
    table = id_tables([picture(BLACK, RED), mask], Colours())[1]
    assert (table[mask.used].tolist() != mask.used.tolist()) == is_picture


@pytest.mark.parametrize(
    ("beside", "white"),
    [
        (numbers("greys", 0, 64), VOID),
        (numbers("greys", 0, 65), 1),
        (numbers("greys", 0, 10, 200), VOID),
        (numbers("greys", 0, 10, soft=True), 1),
        (numbers("palette", 0, 200), VOID),
        (numbers("palette", 0, 255), 1),
        (numbers("bits", 0, 1), 1),
    ],
)
def test_white_is_void_beside_ids(beside: Look, white: int) -> None:
    for masks in ([numbers("greys", 0, 255), beside], [beside, numbers("greys", 0, 255)]):
        assert [table[255] for table in id_tables(masks, Colours())] == [white, white]
