"""The server of the page, the folder for static hosts, and the fetched runtime."""

import base64
import gzip
import hashlib
import io
import json
import shutil
import socket
import subprocess
import sys
import tarfile
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from engine_driver import EngineDriver
from PIL import Image

from command import mobilevos
from mobilevos import sample
from mobilevos.errors import InputError, OutputError, RuntimeUnavailable
from mobilevos.video.reader import open_frames
from mobilevos.web import onnxruntime_web
from mobilevos.web.compression import CODINGS, COMPRESSIBLE, compressed
from mobilevos.web.server import POLICY, make_server
from mobilevos.web.site import Site
from mobilevos.weights.store import model_folder, shipped_models
from waiting import PATIENCE


def get(url: str, **headers: str) -> Any:
    return urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=PATIENCE)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("engine/client.js", "text/javascript; charset=utf-8"),
        ("ort/ort-wasm-simd-threaded.wasm", "application/wasm"),
        ("ort/ort.wasm.bundle.min.mjs", "text/javascript; charset=utf-8"),
        ("models/lite0/query.onnx", "application/octet-stream"),
        ("models/lite0/card.json", "application/json"),
        ("sample/clip.webm", "video/webm"),
        ("sample/mask.png?x=1", "image/png"),
    ],
)
def test_files_come_with_what_threads_need(address: str, path: str, kind: str) -> None:
    with get(address + path) as answer:
        assert answer.headers["Content-Type"] == kind
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert answer.headers["Cross-Origin-Embedder-Policy"] == "require-corp"
        assert len(answer.read()) == int(answer.headers["Content-Length"]) > 100


@pytest.mark.parametrize("path", ["", "ort/ort-wasm-simd-threaded.wasm", "models/lite0/query.onnx", "app.js"])
def test_files_come_compressed_where_the_browser_takes_it(address: str, site: Site, path: str) -> None:
    with get(address + path, **{"Accept-Encoding": "gzip, deflate"}) as answer:
        packed = answer.read()
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert len(packed) == int(answer.headers["Content-Length"])
        tag = answer.headers["ETag"]
    content = site.find(path or "index.html")
    assert content is not None
    assert gzip.decompress(packed) == content
    assert len(packed) < len(content)
    for accepted in ("identity", "gzip;q=0", ""):
        with get(address + path, **{"Accept-Encoding": accepted}) as answer:
            assert answer.headers["Content-Encoding"] is None
            assert answer.headers["ETag"] != tag
            assert answer.read() == content
    with get(f"{address}sample/clip.webm", **{"Accept-Encoding": "gzip"}) as answer:
        assert answer.headers["Content-Encoding"] is None


def test_a_first_visit_is_small(site: Site) -> None:
    listed = json.loads(site.find("files.json") or b"{}")["files"]
    files = {path: site.find(path) or b"" for path in listed}
    whole = sum(len(content) for path, content in files.items() if not path.endswith("prompt.onnx"))
    sent = sum(
        len(compressed(content, "gzip")) if Path(path).suffix in COMPRESSIBLE else len(content)
        for path, content in files.items()
    )
    assert whole < 17_000_000
    assert sent < 8_000_000


def test_nothing_inline_or_foreign_runs(address: str) -> None:
    with get(address) as answer:
        policy = answer.headers["Content-Security-Policy"]
        page = answer.read().decode()
    assert "unsafe-inline" not in policy
    assert "'unsafe-eval'" not in policy
    assert f'content="{POLICY}"' in page
    assert policy.startswith(POLICY)
    assert "style=" not in page
    assert "<script>" not in page


def test_a_written_site_has_compressed_files_beside_the_others(written_site: Path) -> None:
    assert gzip.decompress((written_site / "app.js.gz").read_bytes()) == (written_site / "app.js").read_bytes()
    assert (written_site / "ort" / "ort-wasm-simd-threaded.wasm.gz").is_file()
    assert not (written_site / "icons" / "icon-192.png.gz").exists()


def test_a_file_is_sent_again_only_if_it_changed(address: str) -> None:
    with get(f"{address}models/lite0/query.onnx") as answer:
        assert answer.headers["Cache-Control"] == "no-cache"
        tag = answer.headers["ETag"]
        assert answer.read() == (model_folder("lite0") / "query.onnx").read_bytes()
    with pytest.raises(urllib.error.HTTPError) as caught:
        get(f"{address}models/lite0/query.onnx", **{"If-None-Match": tag})
    assert caught.value.code == 304


@pytest.mark.parametrize(
    "path",
    [
        "../../pyproject.toml",
        "/etc/passwd",
        "%2e%2e/errors.py",
        "engine/..%2f..%2ferrors.py",
        "server.py",
        "__pycache__",
        "engine",
        "models/lite0/network.json",
        "a%00b",
    ],
)
def test_only_the_page_is_served(address: str, path: str) -> None:
    port = int(address.rstrip("/").rpartition(":")[2])
    with socket.create_connection(
        ("127.0.0.1", port), timeout=PATIENCE
    ) as line:  # as it is: clients would tidy up the path
        line.sendall(f"GET /{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        assert line.makefile("rb").readline().split()[1] == b"404"


def test_only_reading_is_possible(address: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(urllib.request.Request(address, method="DELETE", data=b"x"), timeout=PATIENCE)
    assert caught.value.code == 501


def test_the_sample_plays(site: Site, tmp_path: Path, sample_frames: list[np.ndarray]) -> None:
    (tmp_path / "clip.webm").write_bytes(site.find("sample/clip.webm"))
    frames = list(open_frames(tmp_path / "clip.webm"))
    assert len(frames) == len(sample_frames)
    assert np.abs(frames[30].astype(int) - sample_frames[30]).mean() < 4
    assert np.array_equal(Image.open(io.BytesIO(site.find("sample/mask.png"))), Image.open(sample.mask_path()))


def test_a_port_that_is_taken(site: Site) -> None:
    with make_server(site, port=0) as server, pytest.raises(OutputError, match=r"cannot be used .* choose another"):
        make_server(site, port=server.server_port)


# --- on a static host


@pytest.fixture(scope="module")
def static_host(written_site: Path) -> Iterator[str]:
    """The address of the written page in a subfolder."""
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"]
    host = subprocess.Popen(
        [*command, "--directory", written_site.parent], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    said = host.stdout.readline().split()
    assert said[0] == b"Serving"
    port = int(said[said.index(b"port") + 1])
    yield f"http://127.0.0.1:{port}/{written_site.name}/"
    host.terminate()
    host.wait()


def test_written_files_are_the_served_ones(site: Site, written_site: Path) -> None:
    folder = written_site
    paths = list(site.paths())
    assert {f"models/{name}/read.onnx" for name in shipped_models()} < set(paths)
    assert {"engine/client.js", "ort/ort-wasm-simd-threaded.wasm", "sample/clip.webm"} < set(paths)
    written = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    smaller = {path + ending for path in paths if Path(path).suffix in COMPRESSIBLE for ending in CODINGS.values()}
    assert written == {*paths, *smaller}
    assert (folder / "engine/worker.js").read_bytes() == site.find("engine/worker.js")


def test_the_engine_runs_on_a_static_host(
    browser: Any, static_host: str, sample_frames: list[np.ndarray], sample_truth: np.ndarray
) -> None:
    """In a subfolder, and without the headers that threads need."""
    driver = EngineDriver(browser, static_host, mode="fast")
    assert driver.create(mode="fast")["threads"] == 1
    answers = driver.run([("start", sample_frames[0], sample_truth[0]), ("step", sample_frames[1])])
    assert answers[1].states == {1: "visible", 2: "visible"}
    driver.page.close()


# --- the runtime from the registry


@pytest.fixture
def no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "mobilevos"


@pytest.fixture
def registry() -> Iterator[Callable[[bytes], str]]:
    """Makes a registry that answers every request with the same bytes; its address."""
    servers = []

    def start(content: bytes) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *arguments: object) -> None:
                pass

        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_without_a_network(no_cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    finished = mobilevos("serve", "--write", tmp_path / "site")
    assert finished.returncode == 2
    assert finished.stderr.count("\n") == 1
    assert "http://127.0.0.1:9/onnxruntime-web/-/onnxruntime-web-1.26.0.tgz cannot be reached" in finished.stderr
    assert "--ort" in finished.stderr
    assert not (tmp_path / "site").exists()


def test_a_package_that_was_tampered_with(
    no_cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, registry: Callable[[bytes], str]
) -> None:
    monkeypatch.setenv("npm_config_registry", registry(b"something else"))
    with pytest.raises(RuntimeUnavailable, match=r"is not onnxruntime-web 1\.26\.0"):
        onnxruntime_web.installed()
    assert not no_cache.exists()


def test_the_package_is_unpacked_once(
    no_cache: Path, monkeypatch: pytest.MonkeyPatch, site: Site, registry: Callable[[bytes], str]
) -> None:
    """A package of the same form, with its own checksum."""
    package = io.BytesIO()
    with tarfile.open(fileobj=package, mode="w:gz", compresslevel=1) as archive:
        for name in (*onnxruntime_web.FILES, "ort.js"):
            content = (site.ort / name).read_bytes()[:4096] if name in onnxruntime_web.FILES else b"not needed"
            member = tarfile.TarInfo(f"package/dist/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    checksum = hashlib.sha512(package.getvalue()).digest()
    monkeypatch.setattr(onnxruntime_web, "INTEGRITY", base64.b64encode(checksum).decode())
    monkeypatch.setenv("npm_config_registry", registry(package.getvalue()))
    seen: list[tuple[int, int | None]] = []
    folder = onnxruntime_web.installed(progress=lambda done, total: seen.append((done, total)))
    assert folder == no_cache / "onnxruntime-web-1.26.0"
    assert sorted(path.name for path in folder.iterdir()) == sorted(onnxruntime_web.FILES)
    assert [path.name for path in no_cache.iterdir()] == [folder.name]  # nothing half-done is left
    assert seen
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    assert onnxruntime_web.installed() == folder


def test_an_unpacked_copy(site: Site, tmp_path: Path) -> None:
    shutil.copytree(site.ort, tmp_path / "package" / "dist")
    assert onnxruntime_web.installed(tmp_path) == tmp_path / "package" / "dist"
    with pytest.raises(InputError, match=r"is no copy of onnxruntime-web 1\.26\.0; it must contain ort\.wasm"):
        onnxruntime_web.installed(tmp_path / "nowhere")
