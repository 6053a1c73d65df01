"""Pictures of the page in each of its states, on screens of four sizes, in both themes: small references in docs/page.

    python benchmarks/page_pictures.py

writes them anew; do so when the page is meant to look otherwise, and look at them. `tests/web/test_page_pictures.py`
compares the page with them. Needs Playwright and a Chromium.
"""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from browsing import chromium, served
from PIL import Image
from script import run

from mobilevos.web.onnxruntime_web import installed
from mobilevos.web.site import Site

FOLDER = Path(__file__).parent.parent / "docs" / "page"
SCREENS = ((1440, 900), (1024, 768), (390, 844), (844, 390))
THEMES = ("light", "dark")
PATIENCE_MS = 600_000
_QUALITY = 55
_SETTLE = """async () => {
  await document.fonts.ready;
  for (let count = 0; count < 3; count++) await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
}"""
_COMPLETE = "!globalThis.mobilevos || mobilevos.timeline.thumbnails.isComplete"
_QUIET = "#meter, #kept, #message, .kept-project small { visibility: hidden } * { caret-color: transparent !important }"
"""What is another each time is not shown."""


def small(picture: Image.Image) -> Image.Image:
    """Half as wide and high, as references are kept."""
    return picture.convert("RGB").resize((picture.width // 2, picture.height // 2), Image.Resampling.BOX)


def pictures(browser: Any, address: str) -> Iterator[tuple[str, Image.Image]]:
    """Name of each reference, and the page as it looks now, in its size."""
    context = browser.new_context(reduced_motion="reduce", locale="en-GB", viewport={"width": 1440, "height": 900})
    context.add_init_script("localStorage.setItem('mobilevos.mode', 'fast')")
    tab = context.new_page()
    tab.set_default_timeout(PATIENCE_MS)

    def shown(state: str) -> Iterator[tuple[str, Image.Image]]:
        tab.add_style_tag(content=_QUIET)
        for width, height in SCREENS:
            tab.set_viewport_size({"width": width, "height": height})
            for theme in THEMES:
                tab.emulate_media(color_scheme=theme)
                tab.mouse.move(0, 0)
                tab.evaluate(_SETTLE)
                tab.wait_for_function(_COMPLETE)
                tab.evaluate(_SETTLE)
                name = f"{state}-{width}x{height}-{theme}"
                yield name, small(Image.open(io.BytesIO(tab.screenshot())))

    tab.goto(address)
    tab.wait_for_selector("#modes button", state="attached")
    tab.wait_for_function("document.querySelector('#hero-masks').width > 300")
    yield from shown("welcome")
    tab.click("#open-sample")
    tab.wait_for_function("globalThis.mobilevos?.project.isMarked")
    tab.evaluate("mobilevos.player.alone(() => {})")
    yield from shown("marked")
    tab.evaluate("mobilevos.project.setRange([0, 11]); mobilevos.player.track()")
    tab.wait_for_function("mobilevos.project.frames.length === 12 && !mobilevos.player.tracking")
    tab.evaluate("mobilevos.player.seek(6); mobilevos.project.setOwnEffect(2, 'remove')")
    tab.wait_for_function("mobilevos.player.index === 6 && mobilevos.player.image")
    tab.evaluate("document.querySelector('.side').classList.add('open')")
    tab.evaluate("mobilevos.player.alone(() => {})")
    yield from shown("effects")
    for button, state in (("#save", "export"), ("#help", "help")):
        tab.set_viewport_size({"width": 1440, "height": 900})
        tab.click(button)
        yield from shown(state)
        tab.keyboard.press("Escape")
    tab.set_viewport_size({"width": 1440, "height": 900})
    tab.click("#home")
    tab.wait_for_selector(".kept-project")
    yield from shown("again")
    context.close()


def main(*, browser: Path | None = None) -> None:
    """Write all references."""
    FOLDER.mkdir(exist_ok=True)
    with served(Site(installed())) as address, chromium(browser) as opened:
        for name, picture in pictures(opened, address):
            picture.save(FOLDER / f"{name}.jpg", quality=_QUALITY, optimize=True, progressive=True)
            print(name)


if __name__ == "__main__":
    run(main)
