"""Random silhouettes."""

import cv2
import numpy as np

from mobilevos.data.shapes import lattice, limb, silhouette


def test_silhouettes_have_the_wanted_size() -> None:
    for seed in range(200):
        shape = silhouette(np.random.default_rng(seed), area=3000, limit=130)
        assert shape.dtype == np.uint8
        assert max(shape.shape) <= 131
        covered = (shape > 127).sum()
        assert covered < 3500
        assert covered > 2500 or max(shape.shape) >= 129
        assert shape.max() > 250


def test_silhouettes_are_of_many_kinds() -> None:
    """Compact and thin ones, some with holes."""
    fills, holes = [], 0
    for seed in range(200):
        shape = (silhouette(np.random.default_rng(seed), 4000, 150) > 127).view(np.uint8)
        hull = cv2.convexHull(cv2.findNonZero(shape))
        fills.append(shape.sum() / cv2.contourArea(hull))
        _, tree = cv2.findContours(np.pad(shape, 1), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
        holes += bool((tree[0, :, 3] >= 0).any())
    assert min(fills) < 0.45
    assert max(fills) > 0.95
    assert 10 < holes < 100


def test_limbs_and_lattices_have_the_wanted_length() -> None:
    for seed in range(50):
        rng = np.random.default_rng(seed)
        arm = limb(rng, 80)
        assert arm.shape[1] == 80
        assert 5 < arm.shape[0] < 40
        thin = lattice(rng, 200)
        assert max(thin.shape) == 200
        assert (thin > 127).mean() < 0.6
