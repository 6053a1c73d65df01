"""What containers say of a file that FFmpeg does not tell: that its end is missing, or that it is encrypted."""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_MP4_MEDIA = frozenset({b"mdat", b"moov", b"moof"})
_MP4_TOP_LEVEL = _MP4_MEDIA | frozenset(
    {
        b"ftyp",
        b"styp",
        b"free",
        b"skip",
        b"wide",
        b"mfra",
        b"sidx",
        b"ssix",
        b"uuid",
        b"meta",
        b"pnot",
        b"udta",
        b"prft",
    }
)
_RIFF_SLACK = 16  # writers disagree on whether the size counts the header and the pad byte
_EBML, _SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"


def is_cut_off(path: Path) -> bool:
    """True if an MP4/MOV, AVI or Matroska/WebM file declares more bytes than it has.

    Timestamps and frame counts are left out on purpose: healthy files with variable frame rate, edit lists
    or longer audio disagree with them, whereas these sizes are exact. False where a container declares
    nothing (live recordings, MPEG-TS).
    """
    end = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(8)
        file.seek(0)
        if head[4:8] in _MP4_TOP_LEVEL:
            return _mp4_cut_off(file, end)
        if head[:4] == b"RIFF":
            return _riff_cut_off(file, end)
        if head[:4] == _EBML:
            return _matroska_cut_off(file, end)
    return False


def _mp4_cut_off(file: BinaryIO, end: int) -> bool:
    start = 0
    while True:
        file.seek(start)
        header = file.read(16)
        if len(header) < 8 or header[4:8] not in _MP4_TOP_LEVEL:
            return False
        (size,) = struct.unpack(">I", header[:4])
        if size == 1 and len(header) == 16:
            (size,) = struct.unpack(">Q", header[8:])
        if size < 8:  # 0: the last box, up to the end of the file
            return False
        start += size
        if start > end:
            return header[4:8] in _MP4_MEDIA


_TO_ENTRIES = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd")
_ENCRYPTED_VIDEO = frozenset({b"encv", b"drmi"})  # Common Encryption, and FairPlay


def is_encrypted(path: Path) -> bool:
    """True if a video track of an MP4/MOV file is encrypted; decoders take that for damage, or show noise."""
    with path.open("rb") as file:
        if file.read(8)[4:] not in _MP4_TOP_LEVEL:
            return False
        found = [(0, path.stat().st_size)]
        for name in _TO_ENTRIES:
            found = [(a, b) for start, stop in found for kind, a, b in _boxes(file, start, stop) if kind == name]
        # A version, flags and a count precede the entries.
        return any(kind in _ENCRYPTED_VIDEO for start, stop in found for kind, _, _ in _boxes(file, start + 8, stop))


def _boxes(file: BinaryIO, start: int, stop: int) -> Iterator[tuple[bytes, int, int]]:
    """Type of each box in a part of a file, and where its content begins and ends (ISO 14496-12)."""
    while start + 8 <= stop:
        file.seek(start)
        size, kind = struct.unpack(">I4s", file.read(8).ljust(8, b"\0"))
        content = start + 8
        if size == 1:
            size, content = struct.unpack(">Q", file.read(8).ljust(8, b"\0"))[0], start + 16
        end = stop if size == 0 else start + size
        if end < content:
            return
        yield kind, content, min(end, stop)
        start = end


def _riff_cut_off(file: BinaryIO, end: int) -> bool:
    start = 0
    while True:  # AVI files beyond 1 GB are several RIFF chunks in a row
        file.seek(start)
        header = file.read(8)
        if len(header) < 8 or header[:4] != b"RIFF":
            return False
        size = struct.unpack("<I", header[4:])[0]
        start += 8 + size + size % 2
        if start > end + _RIFF_SLACK:
            return True


def _matroska_cut_off(file: BinaryIO, end: int) -> bool:
    file.seek(4)
    header_size = _vint(file)
    if header_size is None:
        return False
    file.seek(header_size, 1)
    if file.read(4) != _SEGMENT:
        return False
    size = _vint(file)
    return size is not None and file.tell() + size > end


def _vint(file: BinaryIO) -> int | None:
    """EBML variable-length size (RFC 8794, section 4); None for 'unknown' and at the end of the file."""
    first = file.read(1)
    if not first or first[0] == 0:
        return None
    length = 9 - first[0].bit_length()
    rest = file.read(length - 1)
    value = int.from_bytes(bytes([first[0] & (0xFF >> length)]) + rest, "big")
    unknown = (1 << (7 * length)) - 1
    return None if value == unknown or len(rest) < length - 1 else value
