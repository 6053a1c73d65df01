"""A server of the page and a browser to open it in, as the page's benchmark and its tests share them."""

import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from mobilevos.errors import RuntimeUnavailable
from mobilevos.web.server import make_server
from mobilevos.web.site import Site

NAMES = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--use-fake-device-for-media-stream")


@contextmanager
def served(site: Site) -> Iterator[str]:
    """Serve the page on a free port while the block runs; its address, with a slash at the end."""
    with make_server(site, port=0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://localhost:{server.server_port}/"
        finally:
            server.shutdown()


@contextmanager
def chromium(path: Path | None = None) -> Iterator[Any]:
    """Playwright's browser without a window, closed when the block ends: ``path``, the system's, or Playwright's own.

    Raises:
        RuntimeUnavailable: Playwright or the browser is not installed.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError as error:
        raise RuntimeUnavailable("Playwright is not installed; add it with pip install 'mobilevos[dev]'.") from error
    with sync_playwright() as running:
        known = (path, *map(shutil.which, NAMES), running.chromium.executable_path)
        found = next((each for each in known if each and Path(each).is_file()), None)
        if found is None or (path and found != path):
            raise RuntimeUnavailable(
                f"There is no browser {path or ' or '.join(NAMES)}; install one, or run `playwright install chromium`."
            )
        browser = running.chromium.launch(executable_path=found, args=list(OPTIONS))
        # Playwright waits by evaluating text in the page, which the page's security policy forbids to everybody.
        browser.new_context = partial(browser.new_context, bypass_csp=True)  # type: ignore[method-assign]
        browser.new_page = partial(browser.new_page, bypass_csp=True)  # type: ignore[method-assign]
        try:
            yield browser
        finally:
            browser.close()


def processor_seconds(browser: Any) -> float:
    """Processor time of all of a browser's processes so far; others' work does not lengthen it."""
    session = browser.new_browser_cdp_session()
    found = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return float(sum(each["cpuTime"] for each in found))


def start_trace(browser: Any, tab: Any) -> None:
    """Record what a tab's threads do, until ``main_thread_tasks``."""
    browser.start_tracing(page=tab, categories=["toplevel"])


def main_thread_tasks(browser: Any) -> list[float]:
    """Processor time, ms, of each task of the main threads since ``start_trace``; others' work does not lengthen it."""
    events = json.loads(browser.stop_tracing())["traceEvents"]
    mains = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    return [event["tdur"] / 1000 for event in events if "tdur" in event and (event["pid"], event["tid"]) in mains]
