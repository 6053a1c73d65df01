"""What the page consists of: which file or bytes stand behind each path of its address."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path

import numpy as np

from mobilevos import sample
from mobilevos.engine import modes
from mobilevos.web.offline import LIST, offline_list
from mobilevos.web.onnxruntime_web import FILES, PROCESSOR
from mobilevos.weights.store import GRAPHS, PROMPT, shipped_folder, shipped_models

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".wasm": "application/wasm",
    ".onnx": "application/octet-stream",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".webm": "video/webm",
    ".txt": "text/plain; charset=utf-8",
}
"""MIME type by suffix; files of another kind are not part of the page."""
LARGEST = f"ort/{PROCESSOR}"
"""Path of the largest file that every visitor needs."""
_PAGE = Path(__file__).parent


@dataclass(frozen=True)
class Site:
    """All files of the page, by the path behind the address.

    Args:
        ort: folder with onnxruntime-web (`mobilevos.web.onnxruntime_web.installed`).
    """

    ort: Path

    def find(self, path: str) -> bytes | None:
        """Content behind a path as ``paths`` gives it, or None. Only known paths lead to files."""
        source = self._sources.get(path)
        if source is None:
            return None
        try:
            return _read(source)
        except FileNotFoundError:  # removed meanwhile
            return None

    def paths(self) -> Iterator[str]:
        """Every path, relative and with slashes."""
        yield from self._sources

    @cached_property
    def _sources(self) -> dict[str, Path | Callable[[], bytes]]:
        files = {path.relative_to(_PAGE).as_posix(): path for path in sorted(_PAGE.rglob("*")) if path.suffix in TYPES}
        models = {
            f"models/{name}/{file}": shipped_folder(name) / file
            for name in shipped_models()
            for file in (*(f"{graph}.onnx" for graph in GRAPHS), PROMPT, "card.json")
            if (shipped_folder(name) / file).is_file()
        }
        ort = {f"ort/{name}": self.ort / name for name in FILES}
        given = {"sample/mask.png": sample.mask_path(), "engine/modes.json": modes.FILE}
        page: dict[str, Path | Callable[[], bytes]] = {**files, **models, **ort, **given}
        page["sample/tracked.json"] = sample_masks
        page["texts/languages.json"] = languages
        return {**page, LIST: lambda: offline_list((path, _read(source)) for path, source in page.items())}


def _read(source: Path | Callable[[], bytes]) -> bytes:
    if not isinstance(source, Path):
        return source()
    at = source.stat()
    return _content(source, at.st_size, at.st_mtime_ns)


@lru_cache(maxsize=512)
def _content(path: Path, size: int, time: int) -> bytes:
    """Of a file as it was then: once in memory, however many ask for it."""
    return path.read_bytes()


@cache
def languages() -> bytes:
    """JSON with the codes of the languages that the page speaks: each is a file of texts, called by its code."""
    return json.dumps(sorted(path.stem for path in (_PAGE / "texts").glob("??.js"))).encode()


@cache
def sample_masks() -> bytes:
    """JSON with the masks of all frames of the sample: for each, the run lengths and ids of its label map in turn."""
    frames = []
    for labels in sample.tracked():
        flat = labels.ravel()
        starts = np.flatnonzero(np.diff(flat, prepend=np.int16(-1)))
        lengths = np.diff(np.append(starts, flat.size))
        frames.append(np.stack([lengths, flat[starts]], axis=1).ravel().tolist())
    return json.dumps(frames, separators=(",", ":")).encode()
