"""What tests of the page share: a server of it, and a browser."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from browsing import chromium, served
from engine_driver import EngineDriver
from page_driver import PageDriver
from raw_http import serving

from at_hand import missing
from mobilevos.errors import RuntimeUnavailable
from mobilevos.web.onnxruntime_web import installed
from mobilevos.web.server import write_site
from mobilevos.web.site import Site


@pytest.fixture(scope="session")
def site() -> Site:
    """All files of the page."""
    try:
        return Site(installed())
    except RuntimeUnavailable as error:
        missing(f"the page's runtime is not at hand: {error}")


@pytest.fixture(scope="session")
def written_site(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the page for a static host; compressing takes a while."""
    folder = tmp_path_factory.mktemp("host") / "page"
    assert write_site(site, folder) == len(list(site.paths()))
    return folder


@pytest.fixture(scope="session")
def address(site: Site) -> Iterator[str]:
    """Where the page is served, with a slash at its end."""
    with served(site) as served_at:
        yield served_at


@pytest.fixture(scope="session")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Of a server of the page without its runtime."""
    with serving(tmp_path_factory.mktemp("ort")) as found:
        yield found


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A Chromium without a window."""
    with ExitStack() as stack:
        try:
            opened = stack.enter_context(chromium())
        except RuntimeUnavailable as error:
            missing(f"there is nothing to open the page in: {error}")
        yield opened


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
