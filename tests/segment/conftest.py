"""What every test of the whole job begins with."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from segment_job import save_clip, save_mask

from stage_threads import stage_threads


@pytest.fixture(autouse=True)
def _no_thread_outlives_the_call() -> Iterator[None]:
    yield
    assert stage_threads() == []


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return save_clip(tmp_path)


@pytest.fixture
def mask(tmp_path: Path) -> Path:
    return save_mask(tmp_path)
