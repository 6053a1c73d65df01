"""The picture that `mobilevos.looking.features` makes: networks in rows, views of two frames in columns."""

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from mobilevos.video.overlay import overlay

Pixels = NDArray[np.uint8]
"""(H, W, 3) RGB, or (H, W) labels."""
Maps = NDArray[np.floating]
Groups = tuple[tuple[str, tuple[str, ...]], ...]
"""Titles of the groups of columns, and of their columns."""

TILE_WIDTH = 240
GAP, GROUP_GAP, EDGE = 6, 22, 20
HEAD, ROW_HEAD, ROW_GAP, FOOT = 92, 46, 8, 80
BAR_INSET = 16
INK, FAINT = (20, 20, 20), (95, 95, 95)
LARGE, SMALL = 28, 24
CAPTION = """Colours: first three principal components over both frames, of each network by itself.
Similarity: cosine between pixel features, squared distance between keys."""

_STOPS = np.array([(13, 8, 135), (126, 3, 168), (204, 71, 120), (248, 149, 64), (240, 249, 33)], np.float64)
"""Dark blue over magenta and orange to yellow: lightness grows evenly, so the map also reads in grey."""
_DIM = 0.45
"""Brightness of the frame beneath a heat map."""


@dataclass(frozen=True)
class Row:
    """What the picture shows of one network."""

    title: str
    note: str
    pixels: Maps
    """(2, C, H/4, W/4) features of the first and the later frame."""
    keys: Maps
    """(2, C, H/16, W/16) of both frames."""
    correlation: Maps
    """(H/4, W/4), -1..1: of the point's pixel features with the later frame's."""
    distance: Maps
    """(H/16, W/16): squared distance of the point's key to the later frame's."""
    labels: Pixels
    """Predicted label map of the later frame."""


def draw(
    rows: list[Row], first: Pixels, later: Pixels, labels: Pixels, point: tuple[int, int], number: int
) -> Image.Image:
    """Lay out the picture.

    Args:
        rows: one for each network.
        first: the first frame.
        later: the later frame, of the same size.
        labels: given label map of the first frame.
        point: (x, y) in the first frame, to be marked.
        number: of the later frame.
    """
    height, width = labels.shape
    scale = TILE_WIDTH / width
    size = TILE_WIDTH, max(1, round(height * scale))
    this, that = "frame 0", f"frame {number}"
    groups = (
        ("Input", (this,)),
        ("Pixel features", (this, that)),
        ("Keys", (this, that)),
        (f"Similarity of + to {that}", ("features", "keys")),
        ("Prediction", (that,)),
    )
    lefts = _lefts(groups)
    notes = [lefts[1] + ceil(_font(LARGE).getlength(row.title)) + GROUP_GAP for row in rows]
    ends = [start + ceil(_font(SMALL).getlength(row.note)) for start, row in zip(notes, rows, strict=True)]
    row_height = ROW_HEAD + size[1] + ROW_GAP
    foot = HEAD + len(rows) * row_height
    sheet = Image.new("RGB", (max(lefts[-1] + TILE_WIDTH, *ends) + EDGE, foot + FOOT), "white")
    pen = ImageDraw.Draw(sheet)
    _write_heads(pen, groups, lefts)

    given = _with_mark(_overlaid(first, labels, size), (point[0] + 0.5) * scale, (point[1] + 0.5) * scale)
    sheet.paste(given, (lefts[0], HEAD + ROW_HEAD + (len(rows) - 1) * row_height // 2))
    beneath = Image.fromarray(later).resize(size, Image.Resampling.LANCZOS)
    for index, row in enumerate(rows):
        top = HEAD + index * row_height
        pen.text((lefts[1], top + ROW_HEAD / 2), row.title, INK, _font(LARGE), anchor="lm")
        pen.text((notes[index], top + ROW_HEAD / 2), row.note, FAINT, _font(SMALL), anchor="lm")
        maps = [*pca_colours(row.pixels), *pca_colours(row.keys)]
        tiles = [Image.fromarray(colours).resize(size, Image.Resampling.NEAREST) for colours in maps]
        nearness = 1 - row.distance / max(row.distance.max(), 1e-9)
        tiles += [_heat(beneath, values) for values in ((row.correlation + 1) / 2, nearness)]
        tiles.append(_overlaid(later, row.labels, size))
        for left, picture in zip(lefts[1:], tiles, strict=True):
            sheet.paste(picture, (left, top + ROW_HEAD))

    pen.text((EDGE, foot + 6), CAPTION, FAINT, _font(SMALL), spacing=8)
    for left, low, high in ((lefts[5], "-1", "1"), (lefts[6], "far", "equal")):
        start, end = left + BAR_INSET, left + TILE_WIDTH - BAR_INSET
        sheet.paste(_scale_bar(end - start), (start, foot + 8))
        pen.text((start, foot + 26), low, FAINT, _font(SMALL))
        pen.text((end, foot + 26), high, FAINT, _font(SMALL), anchor="ra")
    return sheet


def pca_colours(features: Maps) -> Pixels:
    """Features (F, C, h, w) of F frames -> (F, h, w, 3) uint8: their first three principal components as R, G, B.

    Frames share components and scale, so equal features have equal colours, and colours differ as features do: the 1st
    to the 99th percentile of the first component fill the range. A component's sign makes its heaviest weight
    positive, so that the same features always get the same colours.
    """
    rows = np.moveaxis(features, 1, -1).reshape(-1, features.shape[1]).astype(np.float64)
    rows -= rows.mean(0)
    components = np.linalg.eigh(rows.T @ rows)[1][:, :-4:-1]
    heaviest = np.take_along_axis(components, np.abs(components).argmax(0)[None], 0)
    projected = rows @ (components * np.sign(heaviest))
    low, high = np.percentile(projected, (1, 99), axis=0)
    colours = 0.5 + (projected - (low + high) / 2) / max(high[0] - low[0], 1e-9)
    return (colours.clip(0, 1) * 255).round().astype(np.uint8).reshape(*features.shape[:1], *features.shape[2:], 3)


def _lefts(groups: Groups) -> list[int]:
    """Left edge of every column."""
    lefts, left = [], EDGE
    for _, columns in groups:
        for _ in columns:
            lefts.append(left)
            left += TILE_WIDTH + GAP
        left += GROUP_GAP - GAP
    return lefts


def _write_heads(pen: ImageDraw.ImageDraw, groups: Groups, lefts: list[int]) -> None:
    """Each group's title over a rule that spans its columns, and the columns' own below."""
    column = 0
    for title, columns in groups:
        left, right = lefts[column], lefts[column + len(columns) - 1] + TILE_WIDTH
        pen.text(((left + right) / 2, 30), title, INK, _font(LARGE), anchor="mm")
        pen.line((left, 52, right - 1, 52), INK, 2)
        for name in columns:
            pen.text((lefts[column] + TILE_WIDTH / 2, 72), name, FAINT, _font(SMALL), anchor="mm")
            column += 1


def _overlaid(frame: Pixels, labels: Pixels, size: tuple[int, int]) -> Image.Image:
    """A frame with its objects tinted, at the tile's size so that the contours are equally thin everywhere."""
    small = Image.fromarray(frame).resize(size, Image.Resampling.LANCZOS)
    objects = Image.fromarray(labels).resize(size, Image.Resampling.NEAREST)
    return Image.fromarray(overlay(np.array(small), np.array(objects)))


def _with_mark(tile: Image.Image, x: float, y: float) -> Image.Image:
    """A white cross with a dark rim at a point."""
    pen = ImageDraw.Draw(tile)
    for colour, arm, thickness in (((0, 0, 0), 10, 6), ((255, 255, 255), 8, 2)):
        pen.line((x - arm, y, x + arm, y), colour, thickness)
        pen.line((x, y - arm, x, y + arm), colour, thickness)
    return tile


def _heat(frame: Image.Image, values: Maps) -> Image.Image:
    """A heat map, 0..1, over the dimmed frame."""
    grey = np.asarray(frame.convert("L"), np.float64)
    spread = np.asarray(Image.fromarray(values.astype(np.float32)).resize(frame.size, Image.Resampling.NEAREST))
    return Image.fromarray(_coloured(spread, grey))


def _scale_bar(width: int) -> Image.Image:
    values = np.broadcast_to(np.linspace(0, 1, width), (12, width))
    return Image.fromarray(_coloured(values, np.full(values.shape, 110.0)))


def _coloured(values: Maps, grey: Maps) -> Pixels:
    """Heat colours of values (H, W) in 0..1 over a dimmed grey picture (H, W) in 0..255."""
    places = np.linspace(0, 1, len(_STOPS))
    colours = np.stack([np.interp(values, places, _STOPS[:, channel]) for channel in range(3)], -1)
    strength = (0.35 + 0.5 * values)[..., None]
    return (strength * colours + (1 - strength) * _DIM * grey[..., None]).round().astype(np.uint8)


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
