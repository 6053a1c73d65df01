"""Frames as film and compositing store them: EXR and DPX, through FFmpeg's decoders.

EXR holds light. It is shown as sRGB shows light from 0 to 1, with the primaries of BT.709; what is brighter is white,
and transparency is left out. DPX is shown as it is, unless its header says that it holds the density of a negative:
then the code becomes light along Cineon's curve, from black at 95 to white at 685 of 1023, 0.002 of density a step and
a gamma of 0.6, and light is shown as that of EXR.
"""

import struct
from functools import cache
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from mobilevos.errors import InputError
from mobilevos.video.address import ffmpeg_name

FILM_SUFFIXES = frozenset({".exr", ".dpx"})
_LONGEST_NAME = 255
_EXR_MAGIC = b"v/1\1"
_DPX_ORDERS = {b"SDPX": ">", b"XPDS": "<"}
_SIZE_AT = 772
_TRANSFER_AT = 801  # of the first element in a DPX header, SMPTE 268M
_DENSITIES = (b"\1", b"\3")  # printing density, logarithmic
_BLACK, _WHITE, _DENSITY, _GAMMA = 95, 685, 0.002, 0.6
_BITS = 8


def is_film(path: Path) -> bool:
    """By its name."""
    return path.suffix.lower() in FILM_SUFFIXES


def is_density(path: Path) -> bool:
    """Whether a film image is a DPX file whose header says that it holds density."""
    if path.suffix.lower() != ".dpx":
        return False
    with path.open("rb") as file:
        file.seek(_TRANSFER_AT)
        return file.read(1) in _DENSITIES


def read_film(path: Path) -> NDArray[np.uint8]:
    """Decode a film image as (H, W, 3) uint8 RGB.

    Raises:
        InputError: none, or one that FFmpeg cannot decode.
    """
    values, bits = _values(_decoded(path))
    if values.dtype.kind == "f":
        with np.errstate(over="ignore"):
            halves = np.ascontiguousarray(values, np.float16)
        codes = _codes_of_light()[halves.view(np.uint16)]
    elif bits > _BITS or is_density(path):
        codes = _codes(bits, is_density(path))[values]
    else:
        codes = values
    return np.ascontiguousarray(codes if codes.ndim == 3 else np.repeat(codes[..., None], 3, axis=2))


def film_values(path: Path) -> np.ndarray:
    """The numbers in a film image, as they are: (H, W), or (H, W, 3) RGB; floats, or uint8 codes.

    Raises:
        InputError: none, or one that FFmpeg cannot decode.
    """
    values, bits = _values(_decoded(path))
    return values if values.dtype.kind == "f" or bits <= _BITS else _codes(bits, density=False)[values]


def film_size(path: Path) -> tuple[int, int]:
    """(H, W) of a film image; only the header is read.

    Raises:
        InputError: no such image.
    """
    try:
        with path.open("rb") as file:
            magic = file.read(4)
            if magic in _DPX_ORDERS:
                file.seek(_SIZE_AT)
                width, height = struct.unpack(f"{_DPX_ORDERS[magic]}II", file.read(8))
                return height, width
            if magic == _EXR_MAGIC:
                return _exr_size(file)
            raise _unreadable(path)
    except (OSError, struct.error) as error:
        raise _unreadable(path) from error


def _exr_size(file: BinaryIO) -> tuple[int, int]:
    """(H, W) of what is to be seen, from the header's attributes."""
    file.seek(8)
    while name := _text(file):
        _text(file)  # its type
        data = file.read(struct.unpack("<I", file.read(4))[0])
        if name == b"displayWindow":
            left, top, right, bottom = struct.unpack("<4i", data)
            return bottom - top + 1, right - left + 1
    raise struct.error


def _text(file: BinaryIO) -> bytes:
    """Up to the next zero."""
    text = b""
    while (one := file.read(1)) != b"\0":
        if not one or len(text) > _LONGEST_NAME:
            raise struct.error
        text += one
    return text


def _decoded(path: Path) -> av.VideoFrame:
    try:
        with av.open(ffmpeg_name(path), metadata_errors="ignore") as container:
            return next(container.decode(video=0))
    except (FFmpegError, StopIteration, IndexError) as error:
        raise _unreadable(path) from error


def _unreadable(path: Path) -> InputError:
    if not path.exists():
        return InputError(f"{path} does not exist.")
    return InputError(
        f"{path} is no image that can be read: EXR needs the channels R, G and B, or Y, and DPX RGB or grey."
    )


def _values(picture: av.VideoFrame) -> tuple[np.ndarray, int]:
    """(H, W) or (H, W, 3) without alpha: floats, or unsigned whole numbers of so many bits."""
    name, bits = picture.format.name, picture.format.components[0].bits
    if "f16" in name or "f32" in name:  # most of which PyAV does not convert
        step = 2 if name.startswith("ya") else 1
        planes = [np.frombuffer(memoryview(p), f"<f{bits // 8}").reshape(p.height, -1) for p in picture.planes[:3]]
        planes = [plane[:, : step * picture.width : step] for plane in planes]
        return (np.stack([planes[2], planes[0], planes[1]], axis=2) if len(planes) == 3 else planes[0]), bits
    try:
        values = picture.to_ndarray()
    except ValueError:
        values, bits = picture.reformat(format="rgb48le").to_ndarray(), 16
    return values[..., :3], bits


@cache
def _codes_of_light() -> NDArray[np.uint8]:
    """(65536,) by the bits of a half."""
    halves = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    return _shown(np.nan_to_num(halves.astype(np.float64), nan=0, posinf=1, neginf=0))


@cache
def _codes(bits: int, density: bool) -> NDArray[np.uint8]:
    """(2 ** bits,)"""
    share = np.linspace(0, 1, 1 << bits)
    if not density:
        return np.rint(255 * share).astype(np.uint8)
    black = 10 ** ((_BLACK - _WHITE) * _DENSITY / _GAMMA)
    light = 10 ** ((1023 * share - _WHITE) * _DENSITY / _GAMMA)
    return _shown((light - black) / (1 - black))


def _shown(light: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Codes of light as IEC 61966-2-1 (sRGB) has them."""
    light = light.clip(0, 1)
    code = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.rint(255 * code).astype(np.uint8)
