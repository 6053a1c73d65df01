"""The shape of a WebM video's pixels, which PyAV cannot have written.

FFmpeg writes it from a property of the stream that PyAV does not set. But it does make room for it where a video is
said to be stereoscopic: the elements that say so are replaced.
"""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

ROOM_FOR_ASPECT = {"stereo_mode": "left_right"}
"""Metadata of a stream whose file `set_pixel_aspect` will be called on."""

_SEGMENT, _TRACKS, _TRACK, _VIDEO = b"\x18\x53\x80\x67", b"\x16\x54\xae\x6b", b"\xae", b"\xe0"
_PIXEL_WIDTH, _PIXEL_HEIGHT = b"\xb0", b"\xba"
_STEREO_MODE, _DISPLAY_WIDTH, _DISPLAY_HEIGHT = b"\x53\xb8", b"\x54\xb0", b"\x54\xba"
_HEADER = 1 << 16
"""Bytes at the beginning of a file within which FFmpeg describes the tracks."""


def set_pixel_aspect(path: Path, aspect: Fraction) -> None:
    """Set the width of a pixel, in its heights, in a WebM file that FFmpeg wrote with `ROOM_FOR_ASPECT`."""
    with path.open("r+b") as file:
        data = file.read(_HEADER)
        start, stop = 0, len(data)
        for parent in (_SEGMENT, _TRACKS, _TRACK, _VIDEO):
            start, stop = next((begin, end) for name, begin, end in _elements(data, start, stop) if name == parent)
        fields = {name: data[begin:end] for name, begin, end in _elements(data, start, stop)}
        width, height = (int.from_bytes(fields[name]) for name in (_PIXEL_WIDTH, _PIXEL_HEIGHT))
        # The larger side grows, as players do it: no line or column is lost.
        del fields[_STEREO_MODE]
        shown = round(width * max(aspect, Fraction(1))), round(height / min(aspect, Fraction(1)))
        fields |= {name: _number(side) for name, side in zip((_DISPLAY_WIDTH, _DISPLAY_HEIGHT), shown, strict=True)}
        video = b"".join(name + _size(value) + value for name, value in fields.items())
        file.seek(start)
        file.write(video + _void(stop - start - len(video)))


def _number(value: int) -> bytes:
    """Two bytes or, if it takes them, three."""
    return value.to_bytes(3 if value >> 16 else 2)


def _size(content: bytes) -> bytes:
    return bytes([0x80 | len(content)])


def _void(length: int) -> bytes:
    """An element that means nothing, of so many bytes, 0 or at least 2."""
    return bytes([0xEC, 0x80 | (length - 2)]).ljust(length, b"\0") if length else b""


def _elements(data: bytes, start: int, stop: int) -> Iterator[tuple[bytes, int, int]]:
    """Identifier, beginning and end of the content of each EBML element in a part of a file (RFC 8794)."""
    while start < stop:
        content = start + _length(data[start])
        size = _length(data[content])
        value = int.from_bytes(data[content : content + size]) & ((1 << 7 * size) - 1)
        yield data[start:content], content + size, content + size + value
        start = content + size + value


def _length(first: int) -> int:
    """Bytes of a number of variable length, by its first one."""
    return 9 - first.bit_length()
