"""The simplest way to use a network: the whole frame, resized, one after the other. What hosts do, and parity compares.

The tracker of the package looks at the region around the objects instead, and sees small ones better; a host can do
the same with a region of fixed size.
"""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from mobilevos.engine.region import Mask, Region
from mobilevos.engine.runtime import Float, Runtime
from mobilevos.engine.target_model import classifiers, evidence
from mobilevos.runtimes.fixed.manifest import View


def stream(runtime: Runtime, frames: Iterable[NDArray[np.uint8]], masks: Mask, view: View) -> Iterator[Mask]:
    """Follow objects through whole frames with a memory of the first and the previous one.

    Args:
        runtime: to run; it may have fixed shapes.
        frames: (H, W, 3) uint8 RGB each, all of one size.
        masks: (K, H, W) 0..1, of the first frame's objects, in source pixels; K is the view's number of objects.
        view: the size that the network sees.

    Yields:
        (K, *view.grid) probabilities of each frame, the first one's included.
    """
    first: tuple[Float, Float] | None = None
    classifier: Float | None = None
    for frame in frames:
        region = Region(0, 0, frame.shape[1], frame.shape[0], view.height, view.width)
        features = runtime.query(region.view(frame))
        if first is None:
            seen = region.view_masks(masks)
            first = previous = runtime.key(features), runtime.memorise(features, seen)
            classifier = classifiers([evidence(runtime.descriptor(features), seen)])
        else:
            key, value = (np.concatenate(pair, -1) for pair in zip(first, previous, strict=True))
            seen = runtime.read(features, key, value, seen, classifier)
            if (seen > 0.5).any():  # a frame without objects would teach the memory that there is only background
                previous = runtime.key(features), runtime.memorise(features, seen)
        yield seen
