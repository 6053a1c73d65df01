"""Videos of all sorts are read as what they are, or refused in one sentence."""

from pathlib import Path

import numpy as np
import pytest
from media_corpus import Film, films, picture

from mobilevos.errors import InputError
from mobilevos.video.reader import open_frames

FILMS = list(films())


def test_there_are_enough_and_each_once() -> None:
    assert len({film.name for film in FILMS}) == len(FILMS) > 150


@pytest.mark.slow
@pytest.mark.parametrize("film", FILMS, ids=lambda film: film.name)
def test_a_film(tmp_path: Path, film: Film) -> None:
    path = tmp_path / film.name
    film.make(path)
    if film.refused is not None:
        with pytest.raises(InputError) as caught:
            list(open_frames(path))
        message = str(caught.value)
        assert film.refused in message
        assert message.endswith(".")
        assert "\n" not in message
        return
    source = open_frames(path)
    frames = list(source)
    assert (len(frames), source.size) == (film.count, film.size)
    assert source.warning is None
    if film.fps is not None:
        assert float(source.fps) == pytest.approx(float(film.fps), rel=1e-3)
    if film.times is not None:
        found = [source.playback.times.of(index) - source.playback.times.of(0) for index in range(film.count)]
        assert found == pytest.approx(film.times, abs=2e-3)
    for index, frame in enumerate(frames):
        turned = film.size != frame.shape[:2] or film.name.startswith("turned")
        expected = film.shown(picture(index) if turned else picture(index, film.size))
        assert np.abs(frame.astype(int) - expected).mean() < film.error, index
