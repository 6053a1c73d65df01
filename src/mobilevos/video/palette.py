"""The colours of object ids."""

import numpy as np


def _palette() -> np.ndarray:
    """Bit 3k + c of an id gives bit 7 - k of channel c (PASCAL VOC); DAVIS has 191 for 192."""
    ids = np.arange(256)
    colours = np.zeros((256, 3), np.int64)
    for channel in range(3):
        for place in range(3):
            bit = (ids >> (3 * place + channel)) & 1
            colours[:, channel] |= bit << (7 - place)
    colours[colours == 192] = 191
    return colours.astype(np.uint8)


PALETTE = _palette()
"""(256, 3) uint8 RGB by object id: the DAVIS palette up to id 21.

From id 22 on DAVIS files have greys that the eye cannot tell apart; the same rule goes on here instead.
"""
PALETTE.setflags(write=False)

DAVIS_IDS = 22
"""Ids below this one have the same colour in every DAVIS file."""
