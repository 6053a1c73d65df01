"""The regression of the main object's signs."""

import json

import numpy as np
import pytest

from mobilevos.engine import salience

pytest.importorskip("cv2")
from main_object_weights import Fit, Searched, fitted, report


def frames(clips: int, noise: float) -> list[Searched]:
    """One frame a clip, of six proposals: the first sign tells right from wrong, the second says nothing."""
    rng = np.random.default_rng(0)
    found = []
    for number in range(clips):
        ious = np.array([0.9, 0.1, 0.2, 0.0, 0.5, 0.3])
        telling = (ious > 0.7) + rng.normal(0, noise, 6)
        found.append(Searched(f"clip {number}", np.column_stack([100 * telling, rng.normal(0, 1, 6)]), ious))
    return found


def test_what_tells_right_from_wrong_has_the_weight() -> None:
    seen = frames(40, 0.3)
    fit = fitted(seen)
    scale = np.concatenate([frame.signs for frame in seen]).std(0)
    tells, does_not = fit.weights * scale
    assert tells > 1
    assert abs(does_not) < 0.3 * tells
    right = [fit.odds(frame.signs).argmax() == 0 for frame in seen]
    assert np.mean(right) > 0.8


def test_likelihoods_are_those_of_the_frames() -> None:
    """Summed up, they are as many as there are right ones, as a regression with a free bias has it."""
    seen = frames(30, 1.0)
    fit = fitted(seen)
    likely = sum(float((1 / (1 + np.exp(-fit.odds(frame.signs)))).sum()) for frame in seen)
    assert likely == pytest.approx(30, abs=0.01)


def test_figures() -> None:
    seen = frames(10, 0.0)
    text = report(seen, {frame.clip: fitted(seen) for frame in seen})
    assert text.startswith("10 of 10 frames right, 10 possible; 0 of 0 wrong ones unsure")


def test_what_is_saved_is_what_the_package_reads() -> None:
    known = json.loads(salience.FILE.read_text())
    fit = Fit(np.array([*known["weights"].values()]) + 0.004, known["bias"] - 0.004)
    assert fit.text() + "\n" == salience.FILE.read_text()
