"""What benchmarks read submissions with, shortened but unchanged in what they accept.

`davis_masks` is `Results.read_masks` of davis2017-evaluation, copyright 2020 DAVIS, BSD 3-clause licence; `mots_text`
and `mots_image` are `load_txt` and `load_image` of mots_tools, copyright 2019 Visual Computing Institute, MIT licence;
`burst_masks` is `BURSTDataset(...)[0].load_masks()` of BURST-benchmark, MIT licence.
"""

import json
from pathlib import Path

import numpy as np
import pycocotools.mask as rletools
from PIL import Image


def davis_masks(root: Path, sequence: str, frames: list[str]) -> np.ndarray:
    masks = np.stack([np.array(Image.open(root / sequence / f"{frame}.png")) for frame in frames])
    num_objects = int(np.max(masks))
    tmp = np.ones((num_objects, *masks.shape))
    tmp = tmp * np.arange(1, num_objects + 1)[:, None, None, None]
    return (tmp == masks[None, ...]) > 0


def mots_text(path: Path) -> dict[int, dict[int, np.ndarray]]:
    """Masks by frame and id."""
    found: dict[int, dict[int, np.ndarray]] = {}
    combined: dict[int, object] = {}
    for line in path.read_text().splitlines():
        fields = line.strip().split(" ")
        frame, class_id = int(fields[0]), int(fields[2])
        assert int(fields[1]) not in found.setdefault(frame, {})
        assert class_id in (1, 2, 10)
        mask = {"size": [int(fields[3]), int(fields[4])], "counts": fields[5].encode(encoding="UTF-8")}
        if frame in combined:
            assert rletools.area(rletools.merge([combined[frame], mask], intersect=True)) == 0
            combined[frame] = rletools.merge([combined[frame], mask], intersect=False)
        else:
            combined[frame] = mask
        found[frame][int(fields[1])] = rletools.decode(mask).astype(bool)
    return found


def mots_image(path: Path) -> dict[int, np.ndarray]:
    """Masks by id."""
    assert len(path.name) == 10, "Expect filenames to have format 000000.png, 000001.png, ..."
    img = np.array(Image.open(path))
    return {int(obj_id): img == obj_id for obj_id in np.unique(img) if obj_id}


def burst_masks(path: Path) -> list[dict[int, np.ndarray]]:
    content = json.loads(path.read_text())
    assert {category["id"]: category["name"] for category in content["categories"]}
    assert content["split"]
    video = content["sequences"][0]
    size = (video["height"], video["width"])
    for key in ("all_image_paths", "id", "dataset", "seq_name", "neg_category_ids", "not_exhaustive_category_ids"):
        assert key in video
    ids = sorted(int(track_id) for track_id in video["track_category_ids"])
    masks = []
    for frame in range(len(video["annotated_image_paths"])):
        segmentations = {int(track_id): seg for track_id, seg in video["segmentations"][frame].items()}
        masks.append(
            {
                i: rletools.decode({"size": size, "counts": segmentations[i]["rle"].encode("utf-8")}).astype(bool)
                if i in segmentations
                else np.zeros(size, bool)
                for i in ids
            }
        )
    return masks
