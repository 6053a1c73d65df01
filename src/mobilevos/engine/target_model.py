"""Target model: what tells each object from all that was seen beside it, a ridge classifier in closed form.

It is learnt from the frames whose masks are known, so it is solved anew only when one is given or corrected.
"""

from collections.abc import Sequence

import numpy as np

from mobilevos.engine.runtime import Float

RIDGE = 0.02
"""Regularisation; descriptors have unit length, and the samples of a frame weigh 4 together."""
_NOWHERE = -4.0
"""Score of an object that is nowhere; others score -1 to 1."""


def evidence(descriptor: Float | None, masks: Float) -> Float | None:
    """Normal equations of one frame for K objects; those of several frames add up.

    The object, its rivals and the rest weigh as 2 : 1 : 1, however large they are.

    Args:
        descriptor: (D, H/8, W/8) of the frame's pixels; None for a network without a target model.
        masks: (K, H/4, W/4) of all its objects, 0..1.

    Returns:
        (K, D + 1, D + 2) symmetric, regularised matrices and, last, the right sides; None without a descriptor.
    """
    if descriptor is None:
        return None
    others = (masks.sum(0) - masks).clip(0, 1)
    objects, rows, columns = masks.shape
    blocks = np.stack([masks, others], 1).reshape(objects, 2, rows // 2, 2, columns // 2, 2)
    own, rivals = np.moveaxis(blocks.mean((3, 5), dtype=np.float32).reshape(objects, 2, -1), 1, 0)
    groups = np.stack([own, rivals, (1 - own - rivals).clip(0)], 1)  # (K, 3, P)
    shares = groups * (np.array([2, 1, 1], np.float32)[:, None] / (groups.sum(2, keepdims=True) + 1))
    samples = descriptor.reshape(len(descriptor), -1)
    samples = np.concatenate([samples, np.ones_like(samples[:1])])  # (D + 1, P)
    weighted = samples * shares.sum(1)[:, None]
    matrix = weighted @ samples.T + RIDGE * np.eye(len(samples), dtype=np.float32)
    return np.concatenate([matrix, weighted @ (2 * own - 1)[..., None]], 2)


def classifiers(evidence: Sequence[Float | None]) -> Float | None:
    """Solve for the classifiers of K objects.

    Args:
        evidence: (K, D + 1, D + 2) of some frames.

    Returns:
        (K, D + 1) weights of a descriptor's channels and of 1; None for a network without a target model.
    """
    known = [part for part in evidence if part is not None]
    if not known:
        return None
    equations = np.stack(known).sum(0, dtype=np.float64)
    return np.linalg.solve(equations[..., :-1], equations[..., -1:])[..., 0].astype(np.float32)


def nowhere(classifier: Float) -> Float:
    """(1, D + 1) a classifier like some others, which finds its object nowhere."""
    found = np.zeros_like(classifier[:1])
    found[:, -1] = _NOWHERE
    return found
