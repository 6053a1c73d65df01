"""Cases of sizes and places that chance would hardly draw."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from golden_packing import packed, packed_shares

VIEWS = (
    (0, 0, 32, 32, 16, 16),  # pixels are averaged, and that is all
    (0, 0, 32, 16, 16, 16),  # in one direction alone
    (0, 0, 16, 32, 16, 16),
    (0, 0, 16, 16, 16, 16),  # as it is, from the corner
    (0, 0, 18, 21, 16, 16),  # height comes first
    (0, 0, 18, 20, 16, 16),  # width does
)


def edge_cases() -> Iterator[tuple[str, Any]]:
    """Kind and what is given, of each."""
    rng = np.random.default_rng(0)
    for region in VIEWS:
        rgb = rng.integers(0, 256, (region[3], region[2], 3), dtype=np.uint8)
        yield "view", {"region": [*region], "frame": packed(rgb)}
    masks = packed_shares(rng.integers(100, 256, (1, 4, 4), dtype=np.uint8))
    # Middles of the target's cells lie just on the borders.
    yield "transfer", {"region": [10, 10, 26, 26, 16, 16], "target": [0, 0, 32, 32, 32, 32], "masks": masks}
