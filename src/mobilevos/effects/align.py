"""Estimating the map between two images by robust, gradient-based alignment (Lucas and Kanade)."""

import numpy as np

from mobilevos.effects.warp import Float, Map, move, sample, shift

AFFINE, HOMOGRAPHY = 6, 8
"""Degrees of freedom."""
MOST_PIXELS = 1500
"""More say nothing new."""
STIFFNESS = 0.002
"""How strongly the start is preferred where the images say little, in relation to how much they say in all."""


class Template:
    """An image that others are aligned to.

    Only its pixels with strong gradients count. Inverse compositional (Baker and Matthews, 2004), weighted by how well
    each pixel fits (Geman-McClure), and blind to a constant difference in brightness.

    Args:
        image: (h, w).
        weight: (h, w), 0 for pixels that do not count.
    """

    def __init__(self, image: Float, weight: Float) -> None:
        height, width = image.shape
        wide = np.pad(image, 1, mode="edge")
        down, across = (wide[2:, 1:-1] - wide[:-2, 1:-1]) / 2, (wide[1:-1, 2:] - wide[1:-1, :-2]) / 2
        strength = weight * (down**2 + across**2)
        chosen = np.flatnonzero(strength > strength.mean())
        chosen = chosen[:: len(chosen) // MOST_PIXELS + 1]
        scale = max(height, width) / 2
        self.points = np.stack([chosen % width + 0.5, chosen // width + 0.5], 1)
        """(N, 2) positions of the pixels that count."""
        self._wanted = image.ravel()[chosen]
        self._to_unit = np.diag([1 / scale, 1 / scale, 1]) @ shift(-width / 2, -height / 2)
        x, y = move(self._to_unit, self.points).T.astype(np.float32)
        gx, gy = across.ravel()[chosen] * scale, down.ravel()[chosen] * scale
        radial = gx * x + gy * y
        self._slopes = np.stack([gx * x, gx * y, gx, gy * x, gy * y, gy, -x * radial, -y * radial], 1)

    def align(
        self, image: Float, start: Map, freedom: int, rounds: int, weight: Float | None = None
    ) -> tuple[Map, float]:
        """Refine the map from the template to an image, so that both show the same.

        Args:
            image: (H, W).
            start: map from the template's coordinates to the image's.
            freedom: `AFFINE` or `HOMOGRAPHY` in what is added to ``start``.
            rounds: number of steps.
            weight: (N,) of ``points``; None counts all alike.

        Returns:
            The best of the maps on the way, and the median absolute difference that it leaves; infinite, with
            ``start``, if there is too little to go by.
        """
        slopes = self._slopes[:, :freedom]
        stiffness = STIFFNESS * (slopes**2).sum(0).mean() * np.eye(freedom)
        from_unit = np.linalg.inv(self._to_unit)
        best, least, between = start, np.inf, start
        for left in reversed(range(rounds + 1)):
            error = sample(image, move(between, self.points)) - self._wanted
            counts = np.isfinite(error) if weight is None else np.isfinite(error) & (weight > 0)
            if counts.sum() < 20 * freedom:
                break
            error = np.where(counts, error - _median(error[counts]), 0)
            typical = _median(np.abs(error[counts]))
            if typical < least:
                best, least = between, typical
            if not left:
                break
            trust = counts / (1 + (error / (2 * typical + 1)) ** 2) ** 2
            weighted = slopes * (trust if weight is None else trust * weight)[:, None]
            change = np.linalg.solve(weighted.T @ slopes + stiffness, weighted.T @ error)
            update = np.eye(3) + np.append(change, np.zeros(9 - freedom)).reshape(3, 3)
            between = between @ from_unit @ np.linalg.inv(update) @ self._to_unit
        return best, least


def _median(values: Float) -> float:
    return float(np.partition(values, len(values) // 2)[len(values) // 2])  # several times faster than np.median


def displacement(template: Float, image: Float) -> Map:
    """The shift, in whole pixels, from a template to an image of the same size, by phase correlation."""
    height, width = template.shape
    window = np.outer(np.hanning(height), np.hanning(width))
    one, other = (np.fft.rfft2((each - each.mean()) * window) for each in (template, image))
    cross = other * one.conj()
    peak = np.fft.irfft2(cross / np.maximum(np.abs(cross), 1e-6), (height, width)).argmax()
    down, across = divmod(int(peak), width)
    return shift(across - width * (across > width // 2), down - height * (down > height // 2))
