"""Objects as layers for editors: one an object and, where there are several, one of all."""

import re
import unicodedata

import numpy as np

from mobilevos.video.sink import Clip, Result, stem_of

ALL = "all"


def layer_names(clip: Clip) -> dict[int, str]:
    """File names of the layers by id, each once; 0 stands for all objects together, also where there is none."""
    found: dict[int, str] = {}
    for object_id in clip.objects:
        name = file_name(clip.named(object_id).name)
        found[object_id] = f"{name}_{object_id}" if name in {*found.values(), ALL} else name
    return found if len(found) == 1 else {0: ALL, **found}


def file_name(text: str) -> str:
    """Text as every system takes it in a file's name; letters lose their accents."""
    text = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return re.sub(r"[^\w-]+", "_", text, flags=re.ASCII).strip("_") or "object"


def number_of(clip: Clip, result: Result) -> int:
    """A frame's number in a sequence: counted from the chosen one, else that of its own file."""
    if clip.number_from is not None:
        return clip.number_from + result.index
    own = None if clip.decimals else re.search(r"(\d+)$", stem_of(result.name))
    return int(own[1]) if own else result.index


def opacity(result: Result, object_id: int) -> np.ndarray:
    """(H, W) float32 in 0..1 of a layer: soft where the tracker gave soft masks."""
    if object_id == 0:
        if result.soft is None:
            return (result.labels > 0).astype(np.float32)
        found = np.zeros(result.labels.shape, np.float32)
        for soft in result.soft.values():
            found += soft
        return np.minimum(found, 1)
    if result.soft is None:
        return (result.labels == object_id).astype(np.float32)
    return result.soft.get(object_id, np.zeros(result.labels.shape, np.float32))


def to_bytes(alpha: np.ndarray) -> np.ndarray:
    """Opacity in 0..1 as uint8."""
    return np.rint(alpha * 255).astype(np.uint8)
