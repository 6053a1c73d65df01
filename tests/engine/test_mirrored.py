"""Frames seen twice: from neither side does a tracker see better than from the other."""

import numpy as np
import pytest

from mobilevos.engine.mirrored import Mirrored
from mobilevos.engine.modes import MODES
from mobilevos.evaluation import jaccard
from mobilevos.runtimes import load_runtime
from mobilevos.tracker import Tracker


@pytest.fixture(scope="module")
def runtime():
    return load_runtime("lite0", "onnxruntime", 1)


def followed(runtime, frames, mask, **options):
    tracker = Tracker(runtime=runtime, **options)
    tracker.start(frames[0], mask)
    tracker.step(frames[1])
    tracker.step(frames[2])
    return tracker.soft()


def test_a_mirrored_video_has_the_mirrored_masks(runtime, sample_frames, sample_truth) -> None:
    """Of the whole frame, as regions are cut at whole pixels, from the left."""
    frames, mask = sample_frames[:3], sample_truth[0]
    turned = [np.ascontiguousarray(frame[:, ::-1]) for frame in frames]
    both = Mirrored(runtime)
    plain = followed(both, frames, mask, size=192, follow=False)
    other = followed(both, turned, np.ascontiguousarray(mask[:, ::-1]), size=192, follow=False)
    np.testing.assert_allclose(other[:, ::-1], plain, atol=1e-3)
    alone = [
        followed(runtime, video, seen, size=192, follow=False)
        for video, seen in ((frames, mask), (turned, mask[:, ::-1]))
    ]
    assert np.abs(alone[1][:, ::-1] - alone[0]).max() > 0.01, "one look alone has sides"


def test_a_probability_is_the_mean_of_both_sides(runtime, sample_frames, sample_truth) -> None:
    frame = np.ascontiguousarray(sample_frames[0][:192, :256])
    prior = (sample_truth[0][:192:4, :256:4] == 1).astype(np.float32)[None]
    both = Mirrored(runtime)
    features = both.query(frame)
    found = both.read(features, both.key(features), both.memorise(features, prior), prior, None)
    expected = []
    for side in (1, -1):
        seen, before = np.ascontiguousarray(frame[:, ::side]), np.ascontiguousarray(prior[..., ::side])
        features = runtime.query(seen)
        value = runtime.memorise(features, before)
        expected.append(runtime.read(features, runtime.key(features), value, before, None)[..., ::side])
    np.testing.assert_allclose(found, np.mean(expected, 0), atol=1e-6)


def test_the_finest_mode_sees_both_sides_of_more(sample_frames, sample_truth) -> None:
    tracker = Tracker(mode="finest", threads=1)
    tracker.start(sample_frames[0], sample_truth[0])
    found = tracker.step(sample_frames[1])
    assert all(jaccard(found == i, sample_truth[1] == i) > 0.9 for i in (1, 2))
    assert MODES["finest"].mirrored
    assert not any(MODES[name].mirrored for name in ("fast", "balanced", "best"))


def test_objects_come_and_go_in_it(sample_frames, sample_truth) -> None:
    tracker = Tracker(mode="finest", threads=1)
    tracker.start(sample_frames[0], np.where(sample_truth[0] == 1, np.uint8(1), np.uint8(0)))
    tracker.step(sample_frames[1])
    tracker.add(np.where(sample_truth[1] == 2, np.uint8(2), np.uint8(0)))
    found = tracker.step(sample_frames[2])
    assert all(jaccard(found == i, sample_truth[2] == i) > 0.85 for i in (1, 2))
    tracker.remove(1)
    assert set(np.unique(tracker.step(sample_frames[3]))) == {0, 2}
