"""Target model: what tells each object from all that was seen beside it, a ridge classifier in closed form."""

from collections.abc import Sequence

import numpy as np

from mobilevos.engine.runtime import Float


def classifiers(evidence: Sequence[Float | None]) -> Float | None:
    """Solve for the classifiers of K objects.

    Args:
        evidence: (K, D + 1, D + 2) of some frames: symmetric, regularised matrices and, last, the right sides. Those of
            several frames add up.

    Returns:
        (K, D + 1) weights of a descriptor's channels and of 1; None for a network without a target model.
    """
    known = [part for part in evidence if part is not None]
    if not known:
        return None
    equations = np.stack(known).sum(0, dtype=np.float64)
    return np.linalg.solve(equations[..., :-1], equations[..., -1:])[..., 0].astype(np.float32)
