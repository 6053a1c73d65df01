"""From decoded pictures to upright RGB arrays."""

from typing import Any, cast

import av
import numpy as np
from av.video.reformatter import VideoReformatter

from mobilevos.video.hdr import HLG, PQ, ToneMap

_UNSPECIFIED, _BT2020 = 2, 9  # FFmpeg's numbers of colour matrices
_SIDE_BY_SIDE = np.array([[1, 0], [0, 1]])


class Upright:
    """Turns the decoded pictures of a track into upright RGB arrays; for one thread at a time.

    What FFmpeg prepares for a conversion is kept: prepared for each picture anew, it takes as long as the conversion.

    Args:
        transfer: number of the track's transfer function; high dynamic range is shown as `mobilevos.video.hdr` says.
    """

    def __init__(self, transfer: int) -> None:
        self._reformatter = VideoReformatter()
        self._tone_map = ToneMap(transfer) if transfer in (PQ, HLG) else None
        self._rotation: int | None = None
        self._axes = _SIDE_BY_SIDE

    def __call__(self, picture: av.VideoFrame) -> np.ndarray:
        """(H, W, 3) uint8 RGB, C-contiguous; the display matrix is applied, but for angles between quarter turns."""
        if self._tone_map is None:
            rgb = self._reformatter.reformat(picture, format="rgb24").to_ndarray()
        else:
            rgb = self._tone_map(self._signal(picture))
        if picture.rotation != self._rotation:  # the first one, or a camera that turned
            self._rotation, self._axes = picture.rotation, _axes(picture)
        if self._axes is _SIDE_BY_SIDE:
            return rgb
        return np.ascontiguousarray(_turned(rgb, self._axes))

    def _signal(self, picture: av.VideoFrame) -> np.ndarray:
        """(3, H, W) uint16: R, G and B in 0..1023."""
        matrix = _BT2020 if picture.colorspace == _UNSPECIFIED else None
        planar = self._reformatter.reformat(picture, format="gbrp10le", src_colorspace=matrix)
        green, blue, red = (
            np.frombuffer(memoryview(plane), "<u2").reshape(plane.height, -1)[:, : plane.width]
            for plane in planar.planes
        )
        return np.stack([red, green, blue])


def lies_on_its_side(picture: av.VideoFrame) -> bool:
    """The display matrix makes rows of a picture's columns."""
    return not _axes(picture)[0, 0]


def _axes(picture: av.VideoFrame) -> np.ndarray:
    """(2, 2) of -1, 0 and 1: where the display matrix points a picture's x (first row) and y."""
    try:
        data = bytes(cast(Any, picture.side_data)["DISPLAYMATRIX"])
    except (KeyError, ValueError):  # none, or something that PyAV does not know beside it
        return _SIDE_BY_SIDE
    matrix = np.frombuffer(data, np.int32).reshape(3, 3)[:2, :2] / (1 << 16)
    straight, crossed = abs(matrix.diagonal()).sum(), abs(matrix[::-1].diagonal()).sum()
    nearest = np.sign(np.where(np.eye(2, dtype=bool) == (straight >= crossed), matrix, 0)).astype(int)
    if not nearest.any(axis=1).all() or (nearest == _SIDE_BY_SIDE).all():  # some writers leave it all 0
        return _SIDE_BY_SIDE
    return nearest


def _turned(rgb: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """(H, W, 3) with its x and y pointed elsewhere."""
    if axes[0, 0] == 0:
        rgb, axes = rgb.transpose(1, 0, 2), axes[::-1]
    return rgb[:: axes[1, 1], :: axes[0, 0]]
