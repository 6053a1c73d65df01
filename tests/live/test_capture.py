"""Real sources: a file at its own speed, a web server, an X server's screen; and those that are not there."""

import re
import socket
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from scenes import HEIGHT, WIDTH, number_of, save_clip

from mobilevos.errors import InputError
from mobilevos.live import capture
from mobilevos.live.capture import open_capture
from waiting import PATIENCE


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Of a web server for ``tmp_path``."""

    class Silent(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=tmp_path)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def assert_at_its_own_speed(source: str, count: int, fps: int) -> None:
    opened = open_capture(source)
    assert opened.fps == fps
    began = time.perf_counter()
    shots = list(opened.shots)
    assert [number_of(shot.image) for shot in shots] == list(range(count))
    assert shots[0].image.shape == (HEIGHT, WIDTH, 3)
    assert time.perf_counter() - began > (count - 1) / fps - 0.01
    assert all(shot.at >= began + index / fps - 0.01 for index, shot in enumerate(shots))


def test_a_file_plays_at_its_own_speed(tmp_path: Path) -> None:
    assert_at_its_own_speed(str(save_clip(tmp_path / "clip.mp4", 20, 50)), 20, 50)


def test_a_recording_behind_an_address_does_too(tmp_path: Path, address: str) -> None:
    save_clip(tmp_path / "clip.mp4", 20, 50)
    assert_at_its_own_speed(f"{address}/clip.mp4", 20, 50)


def test_the_screen(display: str) -> None:
    opened = open_capture("screen")
    shots = [next(opened.shots) for _ in range(3)]
    opened.shots.close()
    assert all(shot.image.shape == (600, 800, 3) for shot in shots)
    assert all(0 < time.perf_counter() - shot.at < PATIENCE for shot in shots)
    assert np.diff([shot.at for shot in shots]).min() > 0


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address on this machine at which nobody listens, nor will."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"rtsp://127.0.0.1:{taken.getsockname()[1]}"


@pytest.mark.usefixtures("no_display")
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("87", "there is no camera /dev/video87; the cameras here are: "),
        ("/dev/nothing", "there is no camera /dev/nothing"),
        ("NOBODY/stream", "/stream cannot be opened: Connection refused"),
        ("none.mp4", "none.mp4 is no camera, address or file"),
        ("none/*.png", "holds no frames"),
        ("screen", "there is no display"),
        ("mail://somewhere", "mail://somewhere cannot be opened: Protocol not found"),
    ],
)
def test_what_is_not_there_is_one_sentence(nobody: str, source: str, expected: str) -> None:
    with pytest.raises(InputError) as caught:
        open_capture(source.replace("NOBODY", nobody))
    assert expected in str(caught.value)
    assert re.fullmatch(r"[^\n]+\.", str(caught.value))


def test_a_page_is_no_video(tmp_path: Path, address: str) -> None:
    (tmp_path / "page.html").write_text("<p>hello</p>" * 100)
    with pytest.raises(InputError, match=r"page\.html cannot be opened: Invalid data|page\.html has no video"):
        open_capture(f"{address}/page.html")


def test_a_server_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture, "OPEN_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(InputError, match="cannot be opened"):
        open_capture(f"rtsp://127.0.0.1:{server.getsockname()[1]}/stream")
