"""Follow an object with an exported model: the loop that every host runs, in any language.

    mobilevos export lite0 --to openvino --size 256x448 -o model/
    python examples/python/host.py model/ clip.mp4 first.png masks/

It runs whatever `mobilevos export --to` made and this machine has a runtime for, without PyTorch (but for ExecuTorch,
whose package needs it). Whole frames are resized to the model's size, which is a valid use; a region around the object,
of that size, sees small objects better.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

import mobilevos
from mobilevos.engine.target_model import classifiers, evidence
from mobilevos.export import load_exported
from mobilevos.export.manifest import Manifest


def main(folder: str, video: str, mask: str, out: str) -> None:
    """Write a black and white PNG for every frame."""
    runtime, view = load_exported(folder), Manifest.load(Path(folder)).view
    Path(out).mkdir(parents=True, exist_ok=True)
    first = previous = target = None
    for index, frame in enumerate(mobilevos.open_frames(video)):
        seen = np.asarray(Image.fromarray(frame).resize((view.width, view.height), Image.Resampling.BILINEAR))
        features = runtime.query(seen)
        if first is None or previous is None:
            given = Image.fromarray((mobilevos.load_mask(mask) > 0).astype(np.float32))
            masks = np.asarray(given.resize(view.grid[::-1], Image.Resampling.BILINEAR))[None]
            first = previous = runtime.key(features), runtime.memorise(features, masks)
            target = classifiers([evidence(runtime.descriptor(features), masks)])
        else:  # memory is the first frame and the previous one, side by side
            key, value = (np.concatenate(pair, -1) for pair in zip(first, previous, strict=True))
            masks = runtime.read(features, key, value, masks, target)
            if (masks > 0.5).any():  # a frame without the object would teach the memory that there is none
                previous = runtime.key(features), runtime.memorise(features, masks)
        large = Image.fromarray(masks[0]).resize(frame.shape[1::-1], Image.Resampling.BILINEAR)
        Image.fromarray(np.uint8(255) * (np.asarray(large) > 0.5)).save(Path(out) / f"{index:05d}.png")


if __name__ == "__main__":
    main(*sys.argv[1:])
