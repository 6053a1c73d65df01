"""Shapes on a grid, beside what OpenCV makes of them."""

import numpy as np
import pytest

from mobilevos.engine.cells import bodies, connected, grown, large_pieces, pieces


def cells(seed: int, share: float) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.random(rng.integers(1, 40, 2)) < share


@pytest.mark.parametrize("share", [0.0, 0.2, 0.45, 1.0])
@pytest.mark.parametrize("seed", range(4))
def test_pieces_are_what_sides_and_corners_join(seed: int, share: float) -> None:
    cv2 = pytest.importorskip("cv2")
    mask = cells(seed, share)
    count, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)
    found = list(pieces(mask))
    expected = [labels == label for label in range(1, count)]
    assert sorted(piece.tobytes() for piece in found) == sorted(piece.tobytes() for piece in expected)
    for piece in found:
        np.testing.assert_array_equal(connected(mask, piece), piece)


@pytest.mark.parametrize("reach", [1, 3])
def test_grown_reaches_so_many_cells(reach: int) -> None:
    cv2 = pytest.importorskip("cv2")
    mask = cells(5, 0.03)
    kernel = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    np.testing.assert_array_equal(grown(mask, reach), cv2.dilate(mask.astype(np.uint8), kernel) > 0)


def test_what_does_not_touch_is_not_reached() -> None:
    mask, start = np.ones((4, 5), bool), np.zeros((4, 5), bool)
    mask[:, 2] = False
    start[0, 0] = True
    np.testing.assert_array_equal(np.flatnonzero(connected(mask, start).any(0)), [0, 1])
    assert not connected(mask, ~mask).any()


def test_a_single_cell_is_a_piece_wherever_it_lies() -> None:
    mask = np.zeros((4, 5), bool)
    mask[0, 0] = mask[0, -1] = mask[-1, 0] = mask[-1, -1] = True
    assert sorted(int(piece.argmax()) for piece in pieces(mask)) == [0, 4, 15, 19]


def test_pieces_come_in_the_order_of_their_first_cells() -> None:
    """One that is joined further down begins where its first cell is."""
    mask = np.zeros((4, 7), bool)
    mask[:3, 0] = mask[3, :7] = mask[1:3, 6] = mask[0, 3] = mask[1, 5] = True
    assert [int(np.argmax(piece)) for piece in pieces(mask)] == [0, 3]
    assert [int(np.argmax(piece)) for piece in pieces(mask[:, ::-1])] == [3, 6]
    mask[0, 6] = True
    assert [int(np.argmax(piece)) for piece in pieces(mask)] == [0, 3]


def test_specks_are_no_large_pieces() -> None:
    mask = np.zeros((9, 20), bool)
    mask[:4, :4], mask[5:8, 8:11], mask[0, 15], mask[4:6, 16:18] = True, True, True, True
    found = large_pieces(mask, 0.25)
    assert sorted(int(piece.sum()) for piece in found) == [4, 9, 16]
    assert large_pieces(np.zeros((3, 3), bool), 0.25) == []
    mask[:, :] = False
    mask[0, :13], mask[2, :3] = True, True
    assert [int(piece.sum()) for piece in large_pieces(mask, 0.25)] == [13]


def drawn(text: str) -> np.ndarray:
    """A mask, of lines: anything but a dot is in it."""
    return np.array([[letter != "." for letter in line] for line in text.split()])


def letters(mask: np.ndarray, found: list[np.ndarray]) -> str:
    """The bodies of a mask by letters in their order, `+` for what is in none."""
    lines = [["+" if inside else "." for inside in line] for line in mask]
    for letter, body in zip("abcd", found, strict=False):
        for row, column in np.argwhere(body):
            assert lines[row][column] == "+", "each cell is of one body"
            lines[row][column] = letter
    return "\n".join(map("".join, lines))


@pytest.mark.parametrize(
    ("thin", "expected"),
    [
        (
            1,
            """
            ..................
            .aaaaa.....bbbbbb.
            .aaaaaaaabbbbbbbb.
            .aaaaaaaabbbbbbbb.
            .aaaaa.....bbbbbb.
            .aaaaa.....bbbbbb.
            .a................
            .a................
            .aaaaaa......+....
            """,
        ),
        (
            1,
            """
            ..................
            .aaaaa.....aaaaaa.
            .aaaaaaaaaaaaaaaa.
            .aaaaaaaaaaaaaaaa.
            .aaaaaaaaaaaaaaaa.
            .aaaaa.....aaaaaa.
            """,
        ),
        (
            2,
            """
            aaaaaa....bbbbbb
            aaaaaaaabbbbbbbb
            aaaaaaaabbbbbbbb
            aaaaaaaabbbbbbbb
            aaaaaaaabbbbbbbb
            aaaaaa....bbbbbb
            """,
        ),
    ],
)
def test_bodies_are_cut_where_they_hang_together_by_little(thin: int, expected: str) -> None:
    """In the middle of a bridge of at most twice as many; what hangs on one body alone stays with it."""
    text = "\n".join(expected.split())
    mask = drawn(text)
    assert letters(mask, bodies(mask, thin, 0.1)) == text


def test_what_goes_on_beyond_the_grid_is_not_thin_there() -> None:
    mask = drawn("aaaaaaaaaa aaa....bbb aaa....bbb")
    assert len(bodies(mask, 1, 0.1)) == 2
    assert len(bodies(drawn("aaaaaaaaaa aaaaaaaaaa aaa....bbb"), 1, 0.1)) == 1


def test_a_piece_of_which_nothing_is_thick_is_a_body_if_it_is_large() -> None:
    text = "aaaaa....... aaaaa..bbbb. aaaaa....... aaaaa.....+. aaaaa......."
    mask = drawn(text)
    assert letters(mask, bodies(mask, 1, 0.1)) == "\n".join(text.split())
    assert [int(body.sum()) for body in bodies(mask, 2, 0.1)] == [25, 4]


def test_large_pieces_are_bodies_beside_those_that_are_cut() -> None:
    text = """
        aaaaa...bbbbb..
        aaaaaaabbbbbb.+
        aaaaa...bbbbb..
        ...............
        ddddddd..ccccc.
        .........ccccc.
        .........ccccc.
        """
    mask = drawn(text)
    assert letters(mask, bodies(mask, 1, 0.2)) == "\n".join(text.split())


def test_a_small_core_goes_with_the_body_that_it_hangs_on() -> None:
    """Of nine cells, one is thick: not a tenth of the other's."""
    text = "................ aaaaaaaaa....aaa aaaaaaaaaaaaaaaa aaaaaaaaa....aaa aaaaaaaaa......."
    mask = drawn(text)
    assert letters(mask, bodies(mask, 1, 0.1)) == "\n".join(text.split())
    assert len(bodies(mask, 1, 0.05)) == 2


def test_nothing_has_no_bodies() -> None:
    assert bodies(np.zeros((3, 4), bool), 1, 0.1) == []
