"""Videos by their addresses, from a server on this machine."""

import socket
import threading
from collections.abc import Iterator
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest

from command import mobilevos
from mobilevos import sample
from mobilevos.video.masks import load_mask, save_palette_png
from mobilevos.video.writer import VideoWriter


class Handler(BaseHTTPRequestHandler):
    """Serves a folder; ``/breaks/`` closes connections after a third of what is left, ``/whole/`` knows no ranges."""

    folder: Path
    ranges: list[str | None]

    def do_GET(self) -> None:
        mode, _, name = unquote(urlsplit(self.path).path).removeprefix("/").partition("/")
        if mode == "moved":
            self.send_response(302)
            self.send_header("Location", f"/plain/{name}")
            self.end_headers()
            return
        path = self.folder / name
        if not path.is_file():
            self.send_error(404)
            return
        asked = self.headers.get("Range")
        self.ranges.append(asked)
        data, begin = path.read_bytes(), 0
        if asked and mode != "whole":
            begin = int(asked.removeprefix("bytes=").removesuffix("-"))
        self.send_response(206 if begin else 200)
        self.send_header("Content-Type", "text/html" if name.endswith(".html") else "application/octet-stream")
        self.send_header("Content-Length", str(len(data) - begin))
        self.end_headers()
        breaks = mode == "always" or (mode in ("breaks", "whole") and len(self.ranges) < 3)
        self.wfile.write(data[begin : begin + (len(data) - begin) // 3] if breaks else data[begin:])

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def address(tmp_path: Path, sample_frames: list[np.ndarray]) -> Iterator[str]:
    served = tmp_path / "served"
    served.mkdir()
    with VideoWriter(served / "a clip.mp4", Fraction(25), (270, 480)) as writer:
        for frame in sample_frames[:3]:
            writer.write(frame)
    (served / "page.html").write_text("<html>no video</html>")
    (served / "text.mp4").write_text("no video")
    (served / "cut.mp4").write_bytes((served / "a clip.mp4").read_bytes()[:9_000])
    handler = type("Here", (Handler,), {"folder": served, "ranges": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    save_palette_png(tmp_path / "mask.png", load_mask(sample.mask_path()))
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("mode", ["plain", "moved", "breaks", "whole"])
def test_a_video_is_read_from_its_address(tmp_path: Path, address: str, mode: str) -> None:
    url = f"{address}/{mode}/a%20clip.mp4?token=secret"
    done = mobilevos("segment", url, "-m", "mask.png", "-o", "out", "--outputs", "masks", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "out/masks").iterdir())) == 3
    assert '"name": "a clip"' in done.stdout


def test_first_masks_and_effects_take_addresses(tmp_path: Path, address: str) -> None:
    done = mobilevos("mask", f"{address}/plain/a clip.mp4", "--click", "240,135", "-o", "made.png", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    done = mobilevos("blur", f"{address}/plain/a clip.mp4", "-m", "mask.png", "-o", "blurred.mp4", cwd=tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("plain/none.mp4", "/plain/none.mp4 cannot be fetched: the server says 404 Not Found."),
        ("plain/page.html", "/plain/page.html is a web page and not a video;"),
        ("plain/text.mp4", "/plain/text.mp4 cannot be read as a video: "),
        ("plain/cut.mp4", "/plain/cut.mp4 "),
        ("always/a%20clip.mp4?token=secret", "a%20clip.mp4 cannot be fetched: the connection broke off after 0."),
    ],
)
def test_what_is_no_video_there_is_one_sentence(tmp_path: Path, address: str, path: str, expected: str) -> None:
    done = mobilevos("segment", f"{address}/{path}", "-m", "mask.png", "-o", "out", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert address in done.stderr
    assert expected in done.stderr
    assert "secret" not in done.stderr
    assert "/tmp" not in done.stderr


def test_no_way_there_is_one_sentence(tmp_path: Path) -> None:
    save_palette_png(tmp_path / "mask.png", load_mask(sample.mask_path()))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for url, why in (
        (f"http://127.0.0.1:{port}/a.mp4", "Connection refused"),
        ("https://video.invalid/a.mp4", "its host is not found, or there is no network"),
    ):
        done = mobilevos("segment", url, "-m", "mask.png", "-o", "out", cwd=tmp_path)
        assert (done.returncode, done.stderr) == (2, f"mobilevos: {url} cannot be fetched: {why}.\n")
    for url in ("ftp://video.invalid/a.mp4", "rtmp://video.invalid/a"):
        done = mobilevos("segment", url, "-m", "mask.png", "-o", "out", cwd=tmp_path)
        assert done.returncode == 2
        assert f"{url} is an address and not a path" in done.stderr
