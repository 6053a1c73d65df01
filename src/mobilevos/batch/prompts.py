"""The masks of a job, from wherever its line has them."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from mobilevos.batch.jobs import Job
from mobilevos.errors import InputError
from mobilevos.video import rle
from mobilevos.video.annotations import GivenMask, image_masks
from mobilevos.video.mask_ids import MOST_OBJECTS

Fetch = Callable[[str], Path]


def prompt_of(job: Job, fetch: Fetch) -> Path | dict[int, GivenMask]:
    """What `mobilevos.segment.segment` takes as masks.

    Args:
        job: whose ``start`` counts for masks in the line itself.
        fetch: gives the path of a file by its path or URL.

    Raises:
        InputError: a mask cannot be used.
    """
    if job.mask is not None:
        return fetch(job.mask)
    if job.masks is not None:
        return image_masks({int(frame): fetch(name) for frame, name in job.masks.items()})
    by_frame = {str(job.start or 0): job.objects} if job.objects is not None else job.prompts or {}
    return {int(frame): _given(f"the mask of frame {frame}", objects) for frame, objects in by_frame.items()}


def _given(name: str, objects: dict[str, Any]) -> GivenMask:
    return GivenMask.of(name, partial(_labels, name, objects))


def _labels(name: str, objects: dict[str, Any]) -> np.ndarray:
    """(H, W) uint8; where objects overlap, the last one has the pixels."""
    masks = {int(i): rle.decode(code) for i, code in objects.items()}
    if max(masks) > MOST_OBJECTS:
        raise InputError(f"{name} has the id {max(masks)}; number the objects from 1 to {MOST_OBJECTS}.")
    sizes = {mask.shape for mask in masks.values()}
    if len(sizes) > 1:
        raise InputError(f"{name} has objects of several sizes; give each the size of the frames.")
    labels = np.zeros(sizes.pop(), np.uint8)
    for i, mask in masks.items():
        labels[mask] = i
    return labels
