"""The page on devices: the camera, fingers, no network, a plain static host."""

import functools
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from clips import times_of
from page_driver import PageDriver

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}


@pytest.fixture
def visit(browser):
    """A page in a context of its own: visit(address, **options of the context); the engine is loaded or not awaited."""
    contexts = []

    def visit(address: str, engine: bool = True, **options) -> PageDriver:
        context = browser.new_context(**options)
        contexts.append(context)
        context.add_init_script("localStorage.setItem('mobilevos.mode', 'fast')")
        driver = PageDriver(context.new_page(), address)
        driver.visit(engine)
        return driver

    yield visit
    for context in contexts:
        context.close()


@pytest.mark.slow
def test_works_offline_after_the_first_visit(visit, address):
    page = visit(address)
    page.page.wait_for_selector("html[data-offline=ready]", state="attached")
    page.page.context.set_offline(True)
    page.page.reload()
    page.page.wait_for_selector("#modes button", state="attached")
    page.open_sample()
    page.press("ArrowRight")
    assert page.index == 1
    assert (page.labels() > 0).any()
    assert not page.problems


def test_a_plain_static_host_gets_threads_from_the_service_worker(visit, written_site):
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(written_site))
    handler.log_message = lambda *_: None
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = visit(f"http://localhost:{server.server_port}/", engine=False)
        page.page.wait_for_function("crossOriginIsolated")
        server.shutdown()


def test_a_denied_camera_says_what_to_do(visit, address):
    page = visit(address, engine=False, permissions=[])
    page.page.click("#open-camera")
    assert page.message().startswith(("The camera was not allowed", "There is no camera"))
    assert page.page.is_visible("#open-sample")


def test_camera_and_its_own_times(visit, address, tmp_path):
    page = visit(address, permissions=["camera"])
    page.page.click("#open-camera")
    page.page.wait_for_function("globalThis.mobilevos?.player.frame")
    page.press("b")
    page.drag((200, 200), (300, 220))
    page.play_to(5)
    count = page.page.evaluate("mobilevos.source.count")
    assert count >= 6
    page.press("Home", "ArrowRight")
    assert page.index == 1
    assert page.labels().shape == (480, 640)
    page.press("End")
    page.drag((100, 100), (150, 120))
    page.play_to(count + 1)
    assert page.page.evaluate("mobilevos.project.marked.length") == 2
    times = page.page.evaluate(
        "Array.from({length: mobilevos.source.count}, (_, index) => mobilevos.source.time(index))"
    )
    written, _ = times_of(page.export("overlay", tmp_path))
    assert np.allclose(np.diff(written), np.diff(times[: len(written)]), atol=0.002)
    page.page.click("#home")
    assert "not kept" in page.page.inner_text("#ask-dialog")
    page.page.click("#ask-dialog >> text=Cancel")
    assert page.page.is_visible("#work")
    assert not page.problems


def test_touch_paints_and_two_fingers_zoom(visit, address):
    page = visit(address, engine=False, **PHONE)
    page.page.tap("#open-sample")
    page.page.wait_for_function("globalThis.mobilevos?.project.isMarked")
    page.settle()
    page.page.tap("#tool-brush")
    touch = page.page.context.new_cdp_session(page.page)

    def fingers(kind: str, *points: tuple[float, float]) -> None:
        at = [dict(zip("xy", page.place(*point), strict=True)) for point in points]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    before = page.labels()
    fingers("touchStart", (30, 20))
    fingers("touchMove", (60, 25))
    fingers("touchMove", (90, 30))
    fingers("touchEnd")
    page.settle()
    painted = page.labels()
    assert np.count_nonzero(painted != before) > 500

    scale = page.page.evaluate("mobilevos.stage.scale")
    fingers("touchStart", (200, 130))
    fingers("touchStart", (200, 130), (260, 130))
    fingers("touchMove", (180, 130), (300, 130))
    fingers("touchEnd")
    page.settle()
    assert page.page.evaluate("mobilevos.stage.scale") > 1.3 * scale
    assert np.array_equal(page.labels(), painted)
    width = page.page.evaluate("document.documentElement.scrollWidth")
    assert width == 390


def test_nothing_is_cut_off_on_a_phone(visit, address):
    page = visit(address, **PHONE)
    page.open_sample()
    outside = page.page.evaluate(
        """() => [...document.querySelectorAll("header button, .tools button, .transport button, #modes button")]
            .filter((each) => each.offsetParent && each.getBoundingClientRect().right > innerWidth + 0.5)
            .map((each) => each.id)"""
    )
    assert outside == []
    small = page.page.evaluate(
        """() => [...document.querySelectorAll(".tools button, .transport button")]
            .filter((each) => each.offsetParent && Math.min(each.offsetWidth, each.offsetHeight) < 40)
            .map((each) => each.id)"""
    )
    assert small == []
