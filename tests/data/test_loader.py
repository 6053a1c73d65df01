"""Batches from worker processes."""

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mobilevos.data.loader import batches  # noqa: E402
from mobilevos.data.mix import ClipMix  # noqa: E402
from mobilevos.errors import InputError  # noqa: E402


@pytest.fixture(scope="module")
def mix(data_root: Path) -> ClipMix:
    return ClipMix.from_folder(data_root, size=48)


def test_batches_are_clips_in_order(mix: ClipMix) -> None:
    for number, batch in enumerate(islice(batches(mix, 2, start_index=6, workers=0), 3)):
        first = 6 + 2 * number
        assert batch["index"] == first
        assert batch["frames"].shape == (2, 3, 3, 48, 48)
        assert batch["labels"].shape == (2, 3, 48, 48)
        assert batch["frames"].dtype == batch["labels"].dtype == torch.uint8
        for offset in range(2):
            clip = mix.draw(first + offset)
            np.testing.assert_array_equal(batch["frames"][offset].permute(0, 2, 3, 1).numpy(), clip.frames)
            np.testing.assert_array_equal(batch["labels"][offset].numpy(), clip.labels)


def test_workers_do_not_change_the_sequence(mix: ClipMix) -> None:
    expected = list(islice(batches(mix, 2, start_index=4, workers=0), 4))
    for workers in (1, 2):
        for one, two in zip(expected, batches(mix, 2, start_index=4, workers=workers), strict=False):
            assert one["index"] == two["index"]
            assert torch.equal(one["frames"], two["frames"])
            assert torch.equal(one["labels"], two["labels"])


@pytest.mark.parametrize("workers", [0, 1])
def test_bad_data_is_one_sentence(data_root: Path, tmp_path: Path, workers: int) -> None:
    for part, name in (("images", "a.jpg"), ("masks", "a.png")):
        (tmp_path / part).mkdir()
        (tmp_path / part / name).write_bytes(b"no image")
    mix = ClipMix.from_folder(tmp_path)
    with pytest.raises(InputError, match="is not a readable image") as caught:
        next(batches(mix, 1, workers=workers))
    assert "\n" not in str(caught.value)
