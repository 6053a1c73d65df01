"""Masks as a video beside the clip: a matte, which is black and white, or a video of ids or colours."""

from contextlib import closing
from pathlib import Path

import av
import numpy as np
from PIL import Image

from mobilevos.errors import InputError, TruncatedVideo
from mobilevos.formats.format import Document, Format, Marks
from mobilevos.video.address import ffmpeg_name
from mobilevos.video.annotations import GivenMask, image_masks
from mobilevos.video.colours import PALETTE_TOLERANCE, SAME
from mobilevos.video.mask_file import MAX_SMALL_ID, WHITE, read_drawing
from mobilevos.video.masks import PNG_COMPRESSION
from mobilevos.video.palette import DAVIS_IDS, PALETTE
from mobilevos.video.piped import temporary
from mobilevos.video.source import FrameSource
from mobilevos.video.tracks import video_track
from mobilevos.video.video_frames import VideoFrames

_SUFFIXES = frozenset({".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mxf", ".nut"})
_HALF = 128
_FEW_SHADES = 32
_SAME_RATE = 0.01


def _read(document: Document, frames: FrameSource | None) -> Marks:
    """Frame by frame; the pictures wait on disk as images, since they are wanted in any order and more than once."""
    path = document.path
    try:
        return _unpacked(path, frames)
    except TruncatedVideo as error:  # of the clip it would mean that there are results
        raise InputError(str(error)) from error


def _unpacked(path: Path, frames: FrameSource | None) -> Marks:
    video, exact = VideoFrames(path, strict=True), _is_exact(path)
    folder = temporary("masks")
    folder.mkdir()
    files: dict[int, Path] = {}
    grey, shades = True, np.zeros(256, bool)
    with closing(video.forward()) as pictures:
        for index, picture in enumerate(pictures):
            file = files[index] = folder / f"frame {index} of {path.name}"
            if _is_grey(picture, 0 if exact else PALETTE_TOLERANCE):
                values = picture[..., 1]
                _save(values if exact else np.where(values >= _HALF, np.uint8(WHITE), np.uint8(0)), file)
                shades[values] = True
                continue
            _save(picture, file)
            if not exact:
                _save(_flat(file), file)
            elif grey:
                read_drawing(file, file.name, snap=True)  # a film, not masks, is refused at once
            grey = False
    if grey and not (exact and _are_ids(shades)):
        masks = {index: _matte(file) for index, file in files.items()}
    else:
        masks = image_masks(files, snap=True)
    warning = None
    if frames is not None and abs(float(video.fps / frames.fps) - 1) > _SAME_RATE:
        warning = (
            f"{path} has {float(video.fps):.5g} frames a second and {frames.name} {float(frames.fps):.5g}; "
            "each of its frames was taken for the one of the same number."
        )
    return Marks(masks, video.size, name=video.name, fps=video.fps, warning=warning)


def _is_exact(path: Path) -> bool:
    """Whether a video's codec keeps every value."""
    with av.open(ffmpeg_name(path), metadata_errors="ignore") as container:
        track = video_track(container)
        if track is None:
            raise InputError(f"{path} has no video track; give masks.")
        codec = track.codec_context.codec
        return codec.lossless and not codec.lossy


def _is_grey(picture: np.ndarray, tolerance: int) -> bool:
    red, green, blue = (picture[..., channel].astype(np.int16) for channel in range(3))
    return max(int(np.abs(red - green).max()), int(np.abs(blue - green).max())) <= tolerance


def _are_ids(shades: np.ndarray) -> bool:
    """Whether (256,) values that occur are numbers or flat shades, rather than opacity."""
    used = set(np.flatnonzero(shades).tolist()) - {0, WHITE}
    return bool(used) and (len(used) <= _FEW_SHADES or max(used) <= MAX_SMALL_ID)


def _flat(file: Path) -> np.ndarray:
    """(H, W, 3) uint8 picture without what compression scattered, also of the palette's colours."""
    drawing = read_drawing(file, file.name, snap=True)
    colours = drawing.colours[:, :3]
    gaps = np.linalg.norm(colours[:, None].astype(float) - PALETTE[None, :DAVIS_IDS], axis=2)
    colours = np.where(gaps.min(axis=1, keepdims=True) <= SAME, PALETTE[gaps.argmin(axis=1)], colours)
    return colours[drawing.index]


def _save(picture: np.ndarray, file: Path) -> None:
    Image.fromarray(picture).save(file, "PNG", **PNG_COMPRESSION)


def _matte(file: Path) -> GivenMask:
    return GivenMask.of(file.name, lambda: (np.asarray(Image.open(file)) >= _HALF).astype(np.uint8))


def _is_video(document: Document) -> bool:
    return document.path.suffix.lower() in _SUFFIXES and document.path.is_file()


MASK_VIDEO = Format("mask-video", "masks.mkv", read=_read, recognises=_is_video)
