"""What networks have learned: their features of two frames of a clip as colours and similarities (paper, figure 4)."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from mobilevos.engine.attention import Attention
from mobilevos.engine.modes import DEFAULT_MODE, MODES
from mobilevos.engine.runtime import Features, Float
from mobilevos.engine.target_model import classifiers, evidence
from mobilevos.errors import InputError
from mobilevos.looking.feature_figure import Row, draw
from mobilevos.models import Network, load_weights
from mobilevos.models.memory_read import affinity
from mobilevos.models.network import beside_others
from mobilevos.runtimes.torch_runtime import TorchRuntime
from mobilevos.tracker import Frame, Labels, Tracker
from mobilevos.video.files import atomic, make_folder
from mobilevos.video.masks import first_mask, load_mask
from mobilevos.video.protection import protect
from mobilevos.video.reader import open_frames
from mobilevos.video.source import FrameSource, width_x_height

Size = tuple[int, int]
"""(H, W)."""


class Point(NamedTuple):
    """A pixel of the source frame; (0, 0) is the top left one."""

    x: int
    y: int


@dataclass(frozen=True)
class Similarity:
    """How alike one network finds the point in the first frame and areas of the later one; None for an empty area."""

    model: str
    """As given."""
    correlation_object: float | None
    """Mean cosine, -1..1, between the point's pixel features and those on the object."""
    correlation_background: float | None
    """The same for everything but the object."""
    affinity_object: float
    """Share, 0..1, of the affinity between the point's key and the later frame's that falls on the object."""
    object_area: float
    """Share, 0..1, of the frame that the object covers: what the affinity's share would be by chance."""

    def in_words(self) -> str:
        """The figures as the picture and the command line show them."""
        inside, outside = (
            "none" if value is None else f"{value:.2f}"
            for value in (self.correlation_object, self.correlation_background)
        )
        return (
            f"correlation {inside} on the object, {outside} elsewhere; "
            f"{self.affinity_object:.0%} of key affinity on the object"
        )


@dataclass(frozen=True)
class Report:
    """What `visualize` drew, and the figures behind the picture."""

    image: str
    frame: int
    point: Point
    object_id: int
    object_from: str
    """Where the object is taken to be in the later frame: "truth", or each network's own "prediction"."""
    networks: list[Similarity]

    def to_dict(self) -> dict[str, Any]:
        """As plain values, ready for JSON."""
        return asdict(self)


def visualize(
    source: str | Path,
    mask: str | Path,
    models: Sequence[str],
    out: str | Path,
    *,
    frame: int = 20,
    point: tuple[int, int] | None = None,
    truth: str | Path | None = None,
    progress: Callable[[int, int | None], None] | None = None,
) -> Report:
    """Draw what each network makes of the first and a later frame of a clip, one network in a row.

    Each network follows the objects from the first frame to the later one as `mobilevos.Tracker` does on whole frames.
    Drawn are its pixel features (what distillation compares: the input of the last convolution, each of unit length)
    and its keys, coloured by their first three principal components over both frames; how alike a point on an object in
    the first frame and the later frame are: cosine of pixel features, distance of keys; and the predicted masks.
    The first frame is never segmented in real use: its features are those of reading it with itself as the memory.

    Args:
        source: video file, folder of frames or glob pattern.
        mask: image of the objects in the first frame.
        models: what `mobilevos.models.load_weights` accepts.
        out: PNG to write.
        frame: number of the later frame, from 0.
        point: (x, y) on an object in the first frame; the pixel furthest from its object's border if not given.
        truth: image of the objects in the later frame, to measure on in place of each network's prediction.
        progress: called after each frame with the frames done and the number to do.

    Raises:
        InputError: video, masks, frame number or point cannot be used, or ``out`` is no PNG or one of the masks.
        ModelNotFound: no such model.
        OutputError: the picture cannot be written.
    """
    out = Path(out)
    if out.suffix.lower() != ".png":
        raise InputError(f"The picture is a PNG, but {out} does not end in .png; choose such a name.")
    protect((source, mask, truth), files=[out])
    frames = open_frames(source)
    labels = _mask(mask, frames)
    start = inner_point(labels) if point is None else _checked(Point(*point), labels)
    object_id = int(labels[start.y, start.x])
    known = None if truth is None else _mask(truth, frames) == object_id
    if known is not None and not known.any():
        raise InputError(f"{truth} lacks object {object_id}, on which the point lies; give a mask with the same ids.")
    watchers = [Watcher(load_weights(model)) for model in models]
    make_folder(out.parent)

    first, later = _watch(frames, labels, watchers, frame, progress)
    rows, networks = [], []
    for model, watcher in zip(models, watchers, strict=True):
        pixels, keys = watcher.pixels(object_id), watcher.keys()
        cosine = correlation(pixels, start, labels.shape)
        distance, share = key_affinity(keys, start, labels.shape)
        area = watcher.labels == object_id if known is None else known
        networks.append(_similarity(model, cosine, share, area))
        rows.append(Row(_title(model), networks[-1].in_words(), pixels, keys, cosine, distance, watcher.labels))
    image = draw(rows, first, later, labels, start, frame)
    with atomic(out) as part:
        image.save(part, format="PNG")
    return Report(str(out), frame, start, object_id, "prediction" if known is None else "truth", networks)


def inner_point(labels: Labels) -> Point:
    """The pixel of a label map (H, W) with an object that is furthest from the border of its object or the frame."""
    depth = [
        cv2.distanceTransform(np.pad(labels == i, 1).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1]
        for i in np.unique(labels[labels > 0])
    ]
    y, x = np.unravel_index(np.max(depth, 0).argmax(), labels.shape)
    return Point(int(x), int(y))


def correlation(pixels: Float, point: Point, size: Size) -> Float:
    """Cosine, (h, w) in -1..1, of the features at a point of the first frame with all features of the later one.

    Args:
        pixels: (2, C, h, w) features of both frames, of unit length in every pixel.
        point: in the source frame.
        size: of the source frame.
    """
    return np.einsum("c,chw->hw", _at(pixels[0], point, size), pixels[1])


def key_affinity(keys: Float, point: Point, size: Size) -> tuple[Float, Float]:
    """How near the key at a point of the first frame is to all keys of the later one.

    Args:
        keys: (2, C, h, w) keys of both frames.
        point: in the source frame.
        size: of the source frame.

    Returns:
        Squared L2 distances (h, w), and the memory read's affinity (STCN, eq. 5): their softmax, which sums to 1.
    """
    own, others = torch.from_numpy(_at(keys[0], point, size))[:, None], torch.from_numpy(keys[1]).flatten(1)
    distance, share = (others - own).square().sum(0), affinity(own[None], others[None])[0, 0]
    height, width = keys.shape[2:]
    return distance.view(height, width).numpy(), share.view(height, width).numpy()


class Watcher(TorchRuntime):
    """A network at work in a tracker, which keeps what it was asked of the first and of the newest frame."""

    def __init__(self, network: Network) -> None:
        super().__init__(network)
        self._tracker = Tracker(runtime=self, follow=False)
        self._first: tuple[Features, Float, Float, Float, Float | None]
        self._newest: tuple[Features, Float, Float, Float, Float | None]
        self.labels: Labels

    def start(self, frame: Frame, labels: Labels) -> None:
        """Begin with the first frame and its label map."""
        self.labels = self._tracker.start(frame, labels)
        region = Attention(MODES[DEFAULT_MODE], labels.shape).everywhere
        features = self.query(region.view(frame))
        self._ids = np.unique(labels[labels > 0]).tolist()
        masks = region.view_masks(np.stack([labels == i for i in self._ids]).astype(np.float32))
        known = classifiers([evidence(self.descriptor(features), masks)])
        self._first = self._newest = (features, self.key(features), self.memorise(features, masks), masks, known)

    def step(self, frame: Frame) -> None:
        """Segment the next frame."""
        self.labels = self._tracker.step(frame)

    def read(
        self, features: Features, memory_key: Float, memory_value: Float, prior: Float, classifier: Float | None
    ) -> Float:
        """See ``Runtime``."""
        if features is not self._newest[0]:  # a frame that is read twice is read for ghosts, by a part of the memory
            self._newest = (features, memory_key, memory_value, prior, classifier)
        return super().read(features, memory_key, memory_value, prior, classifier)

    @torch.inference_mode()
    def pixels(self, object_id: int) -> Float:
        """Features (2, C, H/4, W/4) of the first and the newest frame for one object, of unit length in every pixel."""
        row = self._ids.index(object_id)
        both = []
        for features, *arrays in (self._first, self._newest):
            *others, classifier = arrays
            key, value, prior = map(torch.tensor, others)
            known = None if classifier is None else torch.tensor(classifier)
            scores = self._network.scores(dict(features), known)
            pixels = self._network.embed(dict(features), key[None], value, beside_others(prior), scores)
            both.append(torch.nn.functional.normalize(pixels[row], dim=0))
        return torch.stack(both).numpy()

    def keys(self) -> Float:
        """Keys (2, C, H/16, W/16) of the first and the newest frame."""
        return torch.cat([features["key"] for features, *_ in (self._first, self._newest)]).numpy()


def _watch(
    frames: FrameSource,
    labels: Labels,
    watchers: list[Watcher],
    last: int,
    progress: Callable[[int, int | None], None] | None,
) -> tuple[Frame, Frame]:
    """Have all watchers see the frames up to ``last``, one at a time; the first frame and that one."""
    for index, frame in enumerate(frames):
        if index == 0:
            first = frame
        for watcher in watchers:
            if index:
                watcher.step(frame)
            else:
                watcher.start(frame, labels)
        if progress is not None:
            progress(index + 1, last + 1)
        if index == last:
            return first, frame
    raise InputError(f"{frames.name} has no frame {last}; its frames are 0 to {index}.")


def _mask(path: str | Path, frames: FrameSource) -> Labels:
    return first_mask(load_mask(path), frames.size, Path(path).name)


def _checked(point: Point, labels: Labels) -> Point:
    height, width = labels.shape
    if not (0 <= point.x < width and 0 <= point.y < height):
        raise InputError(f"The point {point.x} {point.y} lies outside of the {width_x_height(labels.shape)} frame.")
    if not labels[point.y, point.x]:
        inner = inner_point(labels)
        raise InputError(
            f"The point {point.x} {point.y} lies on no object of the mask; {inner.x} {inner.y}, for one, does."
        )
    return point


def _at(features: Float, point: Point, size: Size) -> Float:
    """The vector (C,) of a map (C, h, w) at a point of the source frame."""
    return features[:, point.y * features.shape[1] // size[0], point.x * features.shape[2] // size[1]]


def _similarity(model: str, cosine: Float, share: Float, area: NDArray[np.bool_]) -> Similarity:
    """Figures over an area (H, W); a feature on its border counts as far as it lies inside."""
    fine, coarse = (_coverage(area, values.shape) for values in (cosine, share))
    return Similarity(
        model, _mean(cosine, fine), _mean(cosine, 1 - fine), float((share * coarse).sum()), float(coarse.mean())
    )


def _coverage(area: NDArray[np.bool_], size: tuple[int, ...]) -> Float:
    """Share of each cell of a grid (h, w) that an area (H, W) covers."""
    height, width = size
    return np.asarray(Image.fromarray(area.astype(np.float32)).resize((width, height), Image.Resampling.BOX))


def _mean(values: Float, weights: Float) -> float | None:
    total = float(weights.sum())
    return float((values * weights).sum()) / total if total > 0 else None


def _title(model: str) -> str:
    """A model's name as the picture shows it."""
    if model.endswith(".safetensors"):
        path = Path(model).resolve()
        return f"{path.parent.name}/{path.stem}"
    return model
