"""What tests of the page share: a server of it, and a browser."""

import shutil
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from engine_driver import EngineDriver
from page_driver import PageDriver

from mobilevos.errors import RuntimeUnavailable
from mobilevos.web.onnxruntime_web import installed
from mobilevos.web.server import make_server
from mobilevos.web.site import Site

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def site() -> Site:
    """All files of the page."""
    try:
        return Site(installed())
    except RuntimeUnavailable as error:
        pytest.skip(f"the page's runtime is not at hand: {error}")


@pytest.fixture(scope="session")
def address(site: Site) -> Iterator[str]:
    """Where the page is served, with a slash at its end."""
    with make_server(site, port=0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """The system's Chromium, without a window."""
    playwright = pytest.importorskip("playwright.sync_api")
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip(f"there is no browser: none of {', '.join(BROWSERS)} is installed")
    with playwright.sync_playwright() as running:
        options = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--use-fake-device-for-media-stream"]
        opened = running.chromium.launch(executable_path=path, args=options)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def tab(browser: Any, address: str) -> Iterator[PageDriver]:
    """One tab of the page with a loaded engine for many tests; each opens what it needs."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.add_init_script("localStorage.setItem('mobilevos.mode', 'fast')")
    driver = PageDriver(context.new_page(), address)
    driver.visit()
    yield driver
    context.close()


@pytest.fixture(scope="session")
def engine_tab(browser: Any, address: str) -> EngineDriver:
    """A tab with an engine, which takes seconds to load."""
    return EngineDriver(browser, address, mode="fast")


@pytest.fixture
def driver(engine_tab: EngineDriver) -> EngineDriver:
    """An engine without an effect, in mode fast."""
    engine_tab.run([("setEffect", {"name": "none"}), ("setMode", "fast")])
    return engine_tab
