"""High dynamic range, as ordinary displays show it.

Recordings in PQ or HLG (ITU-R BT.2100) have more light and wider colours than 8 bits of BT.709. Per pixel:

1. The signal becomes linear light, in units of diffuse white, which BT.2408 sets to 203 cd/m². HLG is shown as on a
   display of 1000 cd/m², with its system gamma of 1.2 applied to the luminance.
2. The primaries become those of BT.709.
3. The brightest component x gets ``x`` up to ``KNEE``; from there to ``PEAK`` it approaches full light along
   ``KNEE + (1 - KNEE) u (1 + u / m²) / (1 + u)`` with ``u = (x - KNEE) / (1 - KNEE)`` and u = m at ``PEAK`` (Reinhard's
   curve, from the knee on). The others keep their ratio to it, and so the hue stays.
4. The inverse of BT.1886's display gamma of 2.4 gives 8 bits.

Diffuse white is 232 then, and what is darker than the knee is as bright as ordinary video shows it.
"""

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]

WHITE = 203.0
"""cd/m² of diffuse white."""
PEAK = 1000 / WHITE
"""Light, in diffuse whites, that becomes full light."""
KNEE = 0.6
BITS = 10
"""Of the signal that is taken."""

PQ, HLG = 16, 18
"""Numbers of the transfer functions in ITU-T H.273, and in FFmpeg."""

_TO_BT709 = [[1.660491, -0.587641, -0.072850], [-0.124550, 1.132900, -0.008349], [-0.018151, -0.100579, 1.118730]]
_LUMINANCE = [0.2627, 0.6780, 0.0593]
_MATRIX = np.array([*_TO_BT709, _LUMINANCE], np.float32)  # BT.2020 to BT.709 and, last, luminance
_STEPS = 1 << 12
_FULL = 65535
_CHUNK = 1 << 14  # pixels at a time: what is in between stays in the processor's cache


class ToneMap:
    """Turns signals of one transfer function, with BT.2020 primaries, into 8 bits of BT.709.

    Args:
        transfer: `PQ` or `HLG`.
    """

    def __init__(self, transfer: int) -> None:
        signal = np.linspace(0, 1, 1 << BITS)
        self._light = (_pq_light(signal) if transfer == PQ else _hlg_light(signal)).astype(np.float32)
        steps = np.linspace(0, 1, _STEPS)
        self._system = (PEAK * np.maximum(steps, 1 / _STEPS) ** 0.2).astype(np.float32) if transfer == HLG else None
        levels = steps**2 * PEAK
        self._gain = (_FULL * _rolled_off(levels) / np.maximum(levels, 1e-9)).astype(np.float32)
        self._gain[0] = _FULL
        self._code = np.round(255 * (np.arange(_FULL + 1) / _FULL) ** (1 / 2.4)).astype(np.uint8)

    def __call__(self, signal: NDArray[np.uint16]) -> NDArray[np.uint8]:
        """(3, H, W) R, G and B in 0..1023 -> (H, W, 3) uint8 RGB."""
        planes = signal.reshape(3, -1)
        shown = np.empty((planes.shape[1], 3), np.uint8)
        for start in range(0, len(shown), _CHUNK):
            part = slice(start, start + _CHUNK)
            light = _MATRIX @ self._light.take(planes[:, part], mode="clip")
            rgb, luminance = light[:3], light[3]
            if self._system is not None:
                rgb *= self._system.take((luminance * (_STEPS - 1)).astype(np.uint16), mode="clip")
            brightest = rgb.max(0).clip(0, PEAK)
            rgb *= self._gain.take(np.sqrt(brightest * ((_STEPS - 1) ** 2 / PEAK)).astype(np.uint16))
            shown[part] = self._code.take(rgb.clip(0, _FULL).astype(np.uint16)).T
        return shown.reshape(*signal.shape[1:], 3)


def _pq_light(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    """SMPTE ST 2084."""
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    root = signal ** (1 / m2)
    return 10_000 / WHITE * (np.maximum(root - c1, 0) / (c2 - c3 * root)) ** (1 / m1)


def _hlg_light(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    """ARIB STD-B67: light of the scene, 0..1."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12)


def _rolled_off(light: NDArray[np.float64]) -> NDArray[np.float64]:
    u, m = (light - KNEE) / (1 - KNEE), (PEAK - KNEE) / (1 - KNEE)
    return np.where(light < KNEE, light, KNEE + (1 - KNEE) * u * (1 + u / m**2) / (1 + u))
