"""The reproducible mix and what shows it to a person."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mobilevos.data.measure import clips_per_second
from mobilevos.data.mix import ClipMix
from mobilevos.data.synthesis import synthesise
from mobilevos.errors import InputError, OutputError
from mobilevos.looking.contact_sheet import contact_sheet


@pytest.fixture(scope="module")
def mix(data_root: Path) -> ClipMix:
    return ClipMix.from_folder(data_root, size=64)


def test_everything_in_the_folder_is_found(mix: ClipMix, data_root: Path) -> None:
    assert mix.stills is not None
    assert mix.clips is not None
    assert (len(mix.stills), len(mix.clips)) == (18, 2)
    assert ClipMix.from_folder(data_root / "clips").stills is None
    assert ClipMix.from_folder(data_root / "stills/own").clips is None


def test_a_number_is_always_the_same_clip(mix: ClipMix, data_root: Path) -> None:
    again = ClipMix.from_folder(data_root, size=64)
    forwards = [mix.draw(index) for index in range(8)]
    backwards = [again.draw(index) for index in reversed(range(8))][::-1]
    for one, two in zip(forwards, backwards, strict=True):
        np.testing.assert_array_equal(one.frames, two.frames)
        np.testing.assert_array_equal(one.labels, two.labels)
    assert not np.array_equal(forwards[0].frames, forwards[1].frames)
    assert not np.array_equal(replace(mix, seed=1).draw(0).frames, forwards[0].frames)


def test_sizes_vary_from_batch_to_batch(data_root: Path) -> None:
    mix = ClipMix.from_folder(data_root, size=96, smallest=64, batch=2)
    sides = [mix.draw(index).labels.shape[1:] for index in range(24)]
    assert sides[::2] == sides[1::2]
    assert set(sides) == {(64, 64), (80, 80), (96, 96)}


def test_real_fraction(mix: ClipMix, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    monkeypatch.setattr("mobilevos.data.mix.synthesise", lambda *_: drawn.append("still"))
    monkeypatch.setattr(type(mix.clips), "sample", lambda *_: drawn.append("real"))
    for index in range(1000):
        mix.draw(index)
    assert 350 < drawn.count("real") < 450
    drawn.clear()
    replace(mix, clips=None).draw(0)
    replace(mix, stills=None, real_fraction=0.0).draw(0)
    assert drawn == ["still", "real"]


def test_no_data_is_explained(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Found no training data"):
        ClipMix.from_folder(tmp_path)
    for fraction in (0.0, 0.5):
        with pytest.raises(InputError, match="neither stills nor clips"):
            ClipMix.from_folder(None, rendered_fraction=fraction)
    with pytest.raises(InputError, match=r"rendered fraction is 1\.5"):
        ClipMix.from_folder(None, rendered_fraction=1.5)


def test_rendered_clips_need_no_data() -> None:
    only = ClipMix.from_folder(None, rendered_fraction=1.0, size=64, frames=2)
    first, again = only.draw(7), only.draw(7)
    assert first.frames.shape == (2, 64, 64, 3)
    np.testing.assert_array_equal(first.frames, again.frames)


def test_rendered_fraction(mix: ClipMix, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    for source in ("render", "synthesise"):
        monkeypatch.setattr(f"mobilevos.data.mix.{source}", lambda *_, name=source: drawn.append(name))
    monkeypatch.setattr(type(mix.clips), "sample", lambda *_: drawn.append("real"))
    mixed = replace(mix, rendered_fraction=0.5)
    for index in range(1000):
        mixed.draw(index)
    assert 450 < drawn.count("render") < 550
    assert 0.34 < drawn.count("real") / (1000 - drawn.count("render")) < 0.46


def test_without_rendered_clips_the_sequence_is_that_of_the_sources(mix: ClipMix) -> None:
    """The random numbers of a clip do not depend on the existence of the other source."""
    assert mix.stills is not None
    for index in range(6):
        rng = np.random.default_rng((mix.seed, index))
        if rng.random() >= mix.real_fraction:
            expected = synthesise(rng, mix.stills, mix.frames, mix.size, mix.max_objects)
            np.testing.assert_array_equal(mix.draw(index).frames, expected.frames)


def test_contact_sheet(mix: ClipMix, tmp_path: Path) -> None:
    contact_sheet(mix, tmp_path / "sheet.png", rows=2, columns=2)
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.size == (2 * (3 * 68 + 4), 2 * 68)
        assert np.asarray(sheet).std() > 10
    with pytest.raises(OutputError, match="could not be written"):
        contact_sheet(mix, tmp_path / "missing/sheet.png", rows=1, columns=1)


def test_speed_is_measured(mix: ClipMix) -> None:
    cpu, wall = clips_per_second(mix, 4)
    assert cpu > 1
    assert wall > 1


def test_guest_fraction(data_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guests: list[bool] = []
    monkeypatch.setattr("mobilevos.data.mix.receive", lambda _, host, guest, __: guests.append(host is guest) or host)
    mix = ClipMix.from_folder(data_root, size=64, frames=2, guest_fraction=0.5)
    for index in range(100):
        mix.draw(index)
    assert 35 < len(guests) < 65
    assert 3 < sum(guests) < 30  # some are their own guests
    with pytest.raises(InputError, match="guest fraction"):
        replace(mix, guest_fraction=-0.1)
