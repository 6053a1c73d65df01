"""A first visit: nothing waits for what it does not need."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from page_driver import WAIT_MS, PageDriver
from raw_http import connected

from mobilevos.web import compression
from mobilevos.web.server import make_server
from mobilevos.web.site import LARGEST, Site
from waiting import PATIENCE, wait_until

NEEDED = ("card.json", "modes.json", "read.onnx", "memorise.onnx", "query.onnx", "wasm.bundle.min.mjs", "tracker.js")


class Held:
    """Requests of a page for some files are kept waiting; ``asked`` lists all that it made."""

    def __init__(self, context: Any, *names: str) -> None:
        self.asked: list[str] = []
        self._names = names
        self._waiting: list[Any] = []
        context.route("**/*", self._take)

    def _take(self, route: Any) -> None:
        url = route.request.url
        self.asked.append(url)
        if url.endswith(self._names):
            self._waiting.append(route)
        else:
            route.continue_()

    def release(self) -> None:
        self._names = ()
        for route in self._waiting:
            route.continue_()


@pytest.fixture
def context(browser: Any) -> Iterator[Any]:
    made = browser.new_context()
    made.add_init_script("localStorage.setItem('mobilevos.mode', 'fast')")
    yield made
    made.close()


def test_the_engine_asks_for_all_that_it_needs_at_once(context: Any, address: str) -> None:
    held = Held(context, *NEEDED)
    page = context.new_page()
    page.goto(address, timeout=WAIT_MS)
    until = time.monotonic() + PATIENCE
    while not all(any(url.endswith(name) for url in held.asked) for name in NEEDED):
        assert time.monotonic() < until, held.asked
        page.wait_for_timeout(20)  # lets requests in
    held.release()
    page.wait_for_selector("#modes button", state="attached", timeout=WAIT_MS)


def test_the_engine_and_the_first_screen_begin_before_the_page_is_there(context: Any, address: str) -> None:
    held = Held(context, "app.js")
    page = PageDriver(context.new_page(), address)
    page.page.goto(address, wait_until="commit")
    page.page.wait_for_function("document.querySelector('#hero-video').currentTime > 0")
    page.page.wait_for_function("document.querySelector('#loading').value === 1")
    page.page.click("#open-sample")  # is not lost
    held.release()
    page.page.wait_for_function("globalThis.mobilevos?.project.isMarked")
    assert not page.problems


def test_a_project_that_comes_back_before_the_engine_keeps_its_quality(browser: Any, address: str) -> None:
    context = browser.new_context(service_workers="block")  # everything is asked for again
    page = PageDriver(context.new_page(), address)
    page.visit(engine=False)
    page.page.evaluate("localStorage.setItem('mobilevos.mode', 'balanced')")
    page.page.reload()
    page.open_sample()
    page.page.wait_for_selector("#mode-balanced[aria-checked=true]", state="attached")
    page.page.wait_for_function("mobilevos.keeper.state === 'kept'")
    page.page.evaluate("localStorage.setItem('mobilevos.mode', 'fast')")
    held = Held(context, "query.onnx")
    page.page.reload()
    page.page.wait_for_function("globalThis.mobilevos?.project.isMarked")
    held.release()
    page.page.wait_for_selector("#mode-balanced[aria-checked=true]", state="attached")
    context.close()


@pytest.mark.slow
def test_files_are_kept_for_later_visits_after_the_engine_is_there(context: Any, address: str) -> None:
    held = Held(context, "query.onnx")
    page = PageDriver(context.new_page(), address)
    page.visit(engine=False)
    page.page.click("#open-sample")
    page.page.wait_for_function("globalThis.mobilevos?.project.isMarked")
    assert not [url for url in held.asked if url.endswith(("files.json", "sw.js"))]
    held.release()
    page.page.wait_for_selector("html[data-offline=ready]", state="attached")


def test_small_answers_are_sent_at_once(tmp_path: Path) -> None:
    """Not when the client has acknowledged their head, which takes it 40 ms."""
    with make_server(Site(tmp_path), port=0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with connected(server.server_port) as line:
            line.sendall(b"GET /app.js HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert line.recv(1)
            (ours,) = server._connections
            assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        server.shutdown()


def test_the_largest_file_is_compressed_before_it_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = tmp_path / Path(LARGEST).name
    runtime.write_bytes(tmp_path.name.encode() * 100)
    made: list[bytes] = []
    packed = compression._packed
    monkeypatch.setattr(compression, "_packed", lambda content, *how: made.append(content) or packed(content, *how))
    with make_server(Site(tmp_path), port=0):
        wait_until(lambda: made == [runtime.read_bytes()])


def test_a_file_does_not_wait_until_another_is_compressed(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = threading.Event(), threading.Event()
    packed = compression._packed

    def slow(content: bytes, *how: Any) -> bytes:
        if content == b"large":
            begun.set()
            assert go_on.wait(PATIENCE)
        return packed(content, *how)

    monkeypatch.setattr(compression, "_packed", slow)
    large = threading.Thread(target=compression.compressed_once, args=(b"large", "gzip", "of the large one"))
    large.start()
    assert begun.wait(PATIENCE)
    small = threading.Thread(
        target=compression.compressed_once, args=(b"small", "gzip", "of the small one"), daemon=True
    )
    small.start()
    small.join(PATIENCE / 10)
    is_waiting = small.is_alive()
    go_on.set()
    large.join(PATIENCE)
    assert not is_waiting
