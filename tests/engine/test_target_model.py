"""Target models: the normal equations, their solution, and which frames they are learnt from."""

from typing import Any

import numpy as np
import pytest

from colour_runtime import ColourRuntime, scene
from mobilevos.engine.target_model import RIDGE, classifiers, evidence, nowhere
from mobilevos.tracker import Tracker


def disjoint(rng: np.random.Generator, objects: int) -> np.ndarray:
    """(objects, 8, 12) masks that sum to 1 at most."""
    masks = rng.random((objects + 1, 8, 12)).astype(np.float32) ** 3
    return (masks / masks.sum(0))[1:]


def test_the_classifier_minimises_the_weighted_squared_error() -> None:
    rng = np.random.default_rng(0)
    descriptor, masks = rng.standard_normal((5, 4, 6)).astype(np.float32), disjoint(rng, 3)
    found = classifiers([evidence(descriptor, masks)])
    assert found is not None
    samples = np.concatenate([descriptor.reshape(5, -1), np.ones((1, 24))]).T
    for k, own in enumerate(found):
        cells = masks.reshape(3, 4, 2, 6, 2).mean((2, 4)).reshape(3, -1)
        rivals = cells.sum(0) - cells[k]
        rest = 1 - cells.sum(0)
        weights = sum(w * g / (g.sum() + 1) for w, g in ((2, cells[k]), (1, rivals), (1, rest)))
        left = samples.T @ (weights[:, None] * samples) + RIDGE * np.eye(6)
        np.testing.assert_allclose(left @ own, samples.T @ (weights * (2 * cells[k] - 1)), atol=1e-4)


def test_it_tells_an_object_from_what_is_beside_it() -> None:
    masks = np.zeros((2, 16, 16), np.float32)
    masks[0, :8, :8] = masks[1, 8:, 8:] = 1
    descriptor = np.full((3, 8, 8), -1, np.float32)
    descriptor[0, :4, :4] = descriptor[1, 4:, 4:] = 1
    found = classifiers([evidence(descriptor, masks)])
    assert found is not None
    scores = np.einsum("kc,chw->khw", found[:, :-1], descriptor) + found[:, -1, None, None]
    assert ((scores > 0) == (masks[:, ::2, ::2] > 0)).all()


def test_what_is_nowhere_is_found_in_no_pixel() -> None:
    """Whatever it shows; what is least like an object scores -1."""
    found = nowhere(np.ones((3, 5), np.float32))
    assert (found.shape, found.dtype) == ((1, 5), np.float32)
    descriptors = np.concatenate([np.eye(4), -np.eye(4)])
    scores = descriptors @ found[0, :-1] + found[0, -1]
    assert (scores < -3).all()


def test_evidence_of_several_frames_adds_up() -> None:
    rng = np.random.default_rng(1)
    masks = disjoint(rng, 2)
    parts = [evidence(rng.standard_normal((4, 4, 6)).astype(np.float32), masks) for _ in range(2)]
    assert parts[0] is not None
    assert parts[1] is not None
    np.testing.assert_allclose(classifiers([*parts, None]), classifiers([parts[0] + parts[1]]), rtol=1e-4)
    assert evidence(None, masks) is None
    assert classifiers([None, None]) is None


def test_training_has_the_same_equations() -> None:
    torch = pytest.importorskip("torch")
    from mobilevos.models.network import beside_others
    from mobilevos.models.target_model import TargetModel, solve

    rng = np.random.default_rng(2)
    masks, target = disjoint(rng, 3), TargetModel((24, 40, 112), 6)
    descriptor = rng.standard_normal((6, 4, 6)).astype(np.float32)
    own = target.evidence(torch.from_numpy(descriptor)[None], beside_others(torch.from_numpy(masks)))
    expected = evidence(descriptor, masks)
    np.testing.assert_allclose(own.numpy(), expected, atol=1e-5)
    np.testing.assert_allclose(solve(own).numpy(), classifiers([expected]), atol=1e-3)


class Describing(ColourRuntime):
    """Describes pixels by their colours, and keeps the target models it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[np.ndarray] = []

    def descriptor(self, features: Any) -> np.ndarray:  # type: ignore[override]
        frame = features["frame"] / 255
        return frame[4::8, 4::8].transpose(2, 0, 1).astype(np.float32)

    def read(self, *args: Any) -> np.ndarray:
        *rest, classifier = args
        self.given.append(classifier)
        return super().read(*rest, None)


def test_it_is_learnt_from_given_masks_alone() -> None:
    runtime = Describing()
    tracker = Tracker(runtime=runtime)
    tracker.start(*scene(0, 3, 200))
    for time in range(1, 8):
        tracker.step(scene(time, 3, 200)[0])
    first, *others = runtime.given
    assert first.shape == (2, 4)
    assert all((classifier == first).all() for classifier in others)

    runtime.given.clear()
    tracker.add(scene(7, 7)[1])  # an older frame is asked for the new object, by its own model
    assert [len(classifier) for classifier in runtime.given] == [1]
    tracker.step(scene(8, 3, 200, 7)[0])
    assert runtime.given[-1].shape == (3, 4)
    assert not np.allclose(runtime.given[-1][:2], first)

    tracker.remove(3)
    tracker.step(scene(9, 200, 7)[0])
    assert runtime.given[-1].shape == (2, 4)
    np.testing.assert_allclose(runtime.given[-1], runtime.given[-2][1:])
