"""The list from which the service worker keeps what the page needs without a network."""

import hashlib
import json
from collections.abc import Iterable

LIST = "files.json"
"""Path of the list in the page's address."""
_MODEL = "models/lite0/"
_LEFT_OUT = ("ort/ort.webgpu", "ort/ort-wasm-simd-threaded.asyncify")
"""Large, and only for machines with WebGPU: kept once they are used."""


def offline_list(files: Iterable[tuple[str, bytes]]) -> bytes:
    """JSON of ``{"version": hash of everything, "files": {path: hash}}``.

    Args:
        files: path and content of each file of the page; of the models only the page's own is listed.
    """
    hashes = {
        path: hashlib.sha256(content).hexdigest()[:16]
        for path, content in files
        if path.startswith(_MODEL) or not path.startswith(("models/", "sw.js", *_LEFT_OUT))
    }
    version = hashlib.sha256(json.dumps(hashes, sort_keys=True).encode()).hexdigest()[:16]
    return json.dumps({"version": version, "files": hashes}, indent=1).encode()
