"""Drives the page as a user does: by pointer, keys and files."""

import base64
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from waiting import PATIENCE

READY = "mobilevos.player.frame !== null"
WAIT_MS = 1000 * PATIENCE


class PageDriver:
    """The page in one browser tab; problems on the way fail the test.

    Args:
        page: a playwright page.
        address: of the page, with a slash at the end.
    """

    def __init__(self, page, address: str) -> None:
        self.page = page
        self.address = address
        self.problems: list[str] = []
        page.set_default_timeout(WAIT_MS)
        page.on("pageerror", lambda error: self.problems.append(str(error)))

    def visit(self, engine: bool = True) -> None:
        """Open the page and, unless ``engine`` is False, wait until its engine is loaded."""
        self.page.goto(self.address)
        if engine:
            self.page.wait_for_selector("#modes button", state="attached")

    def open_sample(self) -> None:
        self.page.click("#open-sample")
        self.page.wait_for_function("globalThis.mobilevos?.project.isMarked")
        self.settle()

    def open_files(self, *paths: Path, chooser: str = "#video-file") -> None:
        self.page.evaluate("globalThis.mobilevos = undefined")
        self.page.set_input_files(chooser, [str(path) for path in paths])
        self.page.wait_for_function(f"globalThis.mobilevos && {READY}")
        self.settle()

    def settle(self) -> None:
        """Wait until the page has done what it was told."""
        self.page.evaluate(
            """async () => {
                const idle = () => mobilevos.player.alone(() => {});
                await idle(); // what waited for it begins now
                await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
                await idle();
            }"""
        )

    def message(self) -> str:
        self.page.wait_for_selector("#message:not([hidden])")
        return self.page.inner_text("#message > span").strip()

    @property
    def index(self) -> int:
        return self.page.evaluate("mobilevos.player.index")

    def labels(self) -> NDArray[np.uint8]:
        """(H, W) label map that is shown."""
        text, width = self.page.evaluate(
            """() => {
                let bytes = "";
                for (const id of mobilevos.player.labels) bytes += String.fromCharCode(id);
                return [btoa(bytes), mobilevos.source.width];
            }"""
        )
        return np.frombuffer(base64.b64decode(text), np.uint8).reshape(-1, width)

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Where in the window a pixel of the frame is."""
        left, top, scale = self.page.evaluate(
            """() => {
                const {stage} = mobilevos, box = stage.canvas.getBoundingClientRect();
                const corner = stage.toFrame({clientX: box.left, clientY: box.top});
                return [box.left - corner.x * stage.cssScale, box.top - corner.y * stage.cssScale, stage.cssScale];
            }"""
        )
        return left + x * scale, top + y * scale

    def drag(self, *points: tuple[float, float]) -> None:
        """Press at the first point of the frame, go along the others, let go."""
        mouse = self.page.mouse
        mouse.move(*self.place(*points[0]))
        mouse.down()
        for point in points[1:]:
            mouse.move(*self.place(*point), steps=4)
        mouse.up()
        self.settle()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.settle()

    def play_to(self, index: int) -> None:
        """Play until at least so many frames are passed, or the end; then pause."""
        self.page.keyboard.press("Space")
        self.page.wait_for_function(f"mobilevos.player.index >= {index}")
        self.page.evaluate("mobilevos.player.pause()")
        self.settle()

    def export(self, kind: str, folder: Path) -> Path:
        self.page.click("#save")
        with self.page.expect_download() as download:
            self.page.click(f"#save-{kind}")
        path = folder / download.value.suggested_filename
        download.value.save_as(path)
        self.page.wait_for_selector("#save-dialog", state="hidden")
        return path
