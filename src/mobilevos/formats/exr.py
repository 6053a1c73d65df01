"""EXR with a layer for each object and Cryptomatte 1.2, for Nuke, Fusion and Blender."""

import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mobilevos.errors import OutputError
from mobilevos.formats.extras import needed
from mobilevos.formats.format import Format
from mobilevos.formats.layers import file_name, layer_names, number_of, opacity
from mobilevos.video.results import ResultFolder
from mobilevos.video.sink import Clip, Result
from mobilevos.video.sinks import Output

_LAYER = "CryptoObject"
_MOST_RANKS = 6


class ExrSink(Output):
    """``exr/<clip>.<number>.exr``: coverage of each object as ``<object>.A``, and ids with coverage as Cryptomatte.

    Raises:
        OutputError: a path that OpenEXR cannot write to.
        RuntimeUnavailable: OpenEXR is not installed.
    """

    in_order = False
    wants_soft = True

    def __init__(self, path: Path, clip: Clip) -> None:
        super().__init__(path, clip)
        try:
            str(path).encode()
        except UnicodeEncodeError as error:
            raise OutputError(f"{path} is no text in UTF-8, as OpenEXR needs it; choose another folder.") from error
        self._exr: Any = needed("OpenEXR", "exr")
        self._folder = ResultFolder(path)
        self._layers = {i: name for i, name in layer_names(clip).items() if i}
        self._hashes = {i: object_hash(name) for i, name in self._layers.items()}
        self._ranks = min(_MOST_RANKS, max(2, len(self._layers) + len(self._layers) % 2))  # an EXR without any is none
        key = f"cryptomatte/{murmur3(_LAYER.encode()):08x}"[:19]
        self._header = {
            "compression": self._exr.ZIPS_COMPRESSION,
            "type": self._exr.scanlineimage,
            "framesPerSecond": clip.fps,
            f"{key}/name": _LAYER,
            f"{key}/hash": "MurmurHash3_32",
            f"{key}/conversion": "uint32_to_float32",
            f"{key}/manifest": json.dumps({name: f"{self._hashes[i]:08x}" for i, name in self._layers.items()}),
        }

    def write(self, result: Result) -> None:
        covers = {object_id: opacity(result, object_id) for object_id in self._layers}
        channels = {f"{name}.A": covers[i].astype(np.float16) for i, name in self._layers.items()}
        channels.update(self._cryptomatte(list(covers.values())))
        with self._folder.save(f"{file_name(self.clip.name)}.{number_of(self.clip, result):04d}.exr") as part:
            self._exr.File(dict(self._header), channels).write(str(part))

    def _cryptomatte(self, covers: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
        """Ids and coverages by rank, the largest coverage first."""
        stacked = np.stack(covers) if covers else np.zeros((0, *self.clip.size), np.float32)
        ids = np.array([as_float(known) for known in self._hashes.values()], np.float32)
        order = np.argsort(-stacked, axis=0, kind="stable")
        channels = {}
        for rank in range(self._ranks):
            cover = np.zeros(self.clip.size, np.float32)
            found = cover
            if rank < len(covers):
                cover = np.ascontiguousarray(np.take_along_axis(stacked, order[rank : rank + 1], 0)[0])
                found = np.where(cover > 0, ids[order[rank]], np.float32(0))
            names = "rg" if rank % 2 == 0 else "ba"
            channels[f"{_LAYER}{rank // 2:02d}.{names[0]}"] = found
            channels[f"{_LAYER}{rank // 2:02d}.{names[1]}"] = cover
        return channels


def murmur3(data: bytes) -> int:
    """MurmurHash3_32 with seed 0."""

    def mixed(word: int) -> int:
        word = word * 0xCC9E2D51 & 0xFFFFFFFF
        return (word << 15 | word >> 17) * 0x1B873593 & 0xFFFFFFFF

    found, whole = 0, len(data) // 4 * 4
    for start in range(0, whole, 4):
        found ^= mixed(int.from_bytes(data[start : start + 4], "little"))
        found = (found << 13 | found >> 19) & 0xFFFFFFFF
        found = found * 5 + 0xE6546B64 & 0xFFFFFFFF
    if len(data) > whole:
        found ^= mixed(int.from_bytes(data[whole:], "little"))
    found ^= len(data)
    found = (found ^ found >> 16) * 0x85EBCA6B & 0xFFFFFFFF
    found = (found ^ found >> 13) * 0xC2B2AE35 & 0xFFFFFFFF
    return found ^ found >> 16


def object_hash(name: str) -> int:
    """A name's id as Cryptomatte 1.2 has it: never the bits of a float that is no ordinary number."""
    found = murmur3(name.encode())
    return found ^ 1 << 23 if found >> 23 & 255 in (0, 255) else found


def as_float(bits: int) -> float:
    """The 32-bit float of some bits."""
    return float(struct.unpack("<f", struct.pack("<I", bits))[0])


EXR = Format("exr", "exr", ExrSink)
