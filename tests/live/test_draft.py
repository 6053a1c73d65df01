"""Drawing on a paused frame: what is painted, what undo takes back, and what the tracker is told."""

import numpy as np
import pytest

from mobilevos.errors import InputError
from mobilevos.live.draft import Draft


def labels() -> np.ndarray:
    begun = np.zeros((40, 60), np.uint8)
    begun[5:15, 5:15], begun[20:30, 20:30] = 1, 2
    return begun


def test_brush_paints_a_line_as_wide_as_it_is() -> None:
    draft = Draft(np.zeros((40, 60), np.uint8), [])
    draft.brush((10, 20), (30, 20), 3)
    assert (draft.labels[17:24, 10:31] == 1).all()
    assert draft.labels[16].sum() == draft.labels[24].sum() == 0
    assert (draft.labels[20, 7], draft.labels[20, 6], draft.labels[20, 33], draft.labels[20, 34]) == (1, 0, 1, 0)
    draft.brush((59, 39), (80, 60), 4, erase=False)  # out of the frame
    assert draft.labels[39, 59] == 1
    draft.brush((20, 20), (20, 20), 2, erase=True)
    assert draft.labels[20, 20] == 0


def test_nothing_drawn_is_nothing_changed() -> None:
    changes = Draft(labels(), [1, 2, 9]).changes([1, 2, 9])
    assert (changes.mask.any(), changes.removed) == (False, [])


def test_only_objects_that_differ_are_told() -> None:
    draft = Draft(labels(), [1, 2])
    draft.new_object()
    assert draft.object_id == 3
    draft.brush((50, 10), (50, 10), 4)
    draft.object_id = 1
    draft.brush((10, 15), (10, 15), 2)
    changes = draft.changes([1, 2])
    assert set(np.unique(changes.mask)) == {0, 1, 3}
    np.testing.assert_array_equal(changes.mask == 1, draft.labels == 1)
    assert changes.removed == []


def test_what_is_removed_or_rubbed_out_is_gone_but_not_what_is_hidden() -> None:
    draft = Draft(labels(), [1, 2, 9])  # 9 is out of sight
    draft.object_id = 2
    draft.remove()
    assert draft.object_id == 1
    draft.brush((0, 10), (20, 10), 20, erase=True)
    changes = draft.changes([1, 2, 9])
    assert (changes.mask.any(), changes.removed) == (False, [1, 2])
    hidden = Draft(labels(), [1, 2, 9])
    hidden.object_id = 9
    hidden.remove()
    assert hidden.changes([1, 2, 9]).removed == [9]


def test_replace_and_undo() -> None:
    draft = Draft(labels(), [1, 2])
    draft.remember()
    mask = np.zeros((40, 60), bool)
    mask[30:35, 30:35] = True
    draft.replace(mask, draft.others)
    np.testing.assert_array_equal(draft.labels == 1, mask)
    draft.remember()
    draft.remove()
    draft.undo()
    np.testing.assert_array_equal(draft.labels == 1, mask)
    draft.undo()
    np.testing.assert_array_equal(draft.labels, labels())
    draft.undo()  # nothing is left to take back
    assert draft.changes([1, 2]).removed == []


def test_the_tracker_s_labels_stay_as_they_are() -> None:
    given = labels()
    Draft(given, [1, 2]).brush((10, 10), (30, 30), 5, erase=True)
    np.testing.assert_array_equal(given, labels())


def test_there_are_254_objects_at_most() -> None:
    with pytest.raises(InputError, match="254 objects"):
        Draft(labels(), list(range(1, 255))).new_object()
