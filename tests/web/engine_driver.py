"""Drives the page's engine in a browser tab, without the visible page, and Python's tracker in the same way."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from mobilevos.tracker import Tracker
from waiting import PATIENCE

_HELPERS = """
globalThis.picture = async (name) => createImageBitmap(
  await (await fetch(`/given/${name}`)).blob(), {colorSpaceConversion: "none", premultiplyAlpha: "none"});
globalThis.pixels = (bitmap) => {
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, bitmap.width, bitmap.height).data;
};
globalThis.mask = async (name) => (await picture(name).then(pixels)).filter((_, i) => i % 4 === 0);
globalThis.labels = async (name) => new Uint8Array(await mask(name));
globalThis.text = (bytes) => {
  let out = "";
  for (let i = 0; i < bytes.length; i += 32768) out += String.fromCharCode(...bytes.subarray(i, i + 32768));
  return btoa(out);
};
"""
_RUN = """async (calls) => {
  const answers = [];
  for (const [name, ...given] of calls) {
    const values = await Promise.all(given.map(async (value) => {
      if (value?.coming) {
        const coming = value.coming.map(async ({frame, labels: given, ahead}) => (
          {frame: await picture(frame.frame), labels: await labels(given.mask), ahead}));
        return Promise.all(coming);
      }
      if (value?.frame !== undefined) return picture(value.frame);
      return value?.mask !== undefined ? labels(value.mask) : value;
    }));
    try {
      const answer = await engine[name](...values);
      if (!answer) answers.push(null);
      else if (answer instanceof Uint8Array) answers.push({labels: text(answer)});
      else answers.push({...answer, labels: text(answer.labels), image: answer.image && text(pixels(answer.image))});
    } catch (error) {
      answers.push({error: error.message});
    }
  }
  return answers;
}"""


@dataclass
class Answer:
    """What a call gave."""

    labels: np.ndarray | None = None
    states: dict[int, str] | None = None
    image: np.ndarray | None = None
    """(H, W, 4) RGBA with the effect."""
    error: str | None = None


class EngineDriver:
    """A browser tab with an engine in it.

    Args:
        browser: of playwright.
        address: of the page's files, with a slash at its end.
        options: of ``Engine.create``.
    """

    def __init__(self, browser: Any, address: str, **options: Any) -> None:
        self._given: list[bytes] = []
        self.page = browser.new_page()
        self.page.set_default_timeout(1000 * PATIENCE)
        self.page.route("**/given/*", self._give)
        self.page.goto(f"{address}models/lite0/card.json")  # any file will do: only the address counts
        self.page.evaluate(f"() => {{ {_HELPERS} }}")
        self.create(**options)

    def create(self, **options: Any) -> dict[str, Any]:
        """Open an engine in place of the one before; its backend, threads and modes, or the error."""
        return self.page.evaluate(
            """async (options) => {
              globalThis.engine?.close();
              const { Engine } = await import(new URL("../../engine/client.js", location).href);
              try { globalThis.engine = await Engine.create(options); }
              catch (error) { return {error: error.message}; }
              return {backend: engine.backend, threads: engine.threads, modes: engine.modes};
            }""",
            options,
        )

    def run(self, calls: Sequence[tuple[Any, ...]]) -> list[Answer]:
        """Make calls, each a method's name and its arguments; arrays (H, W, 3) are frames and (H, W) masks."""
        self._given.clear()
        shape = next((value.shape[:2] for call in calls for value in call[1:] if isinstance(value, np.ndarray)), (0, 0))
        answers = self.page.evaluate(_RUN, [[call[0], *map(self._sent, call[1:])] for call in calls])
        return [_answer(answer, shape) for answer in answers]

    def foresee(self, coming: Sequence[tuple[np.ndarray, np.ndarray, int]]) -> Answer:
        """``Engine.foresee`` of frames, their label maps, and how many frames they are ahead."""
        return self.run([("foresee", [list(each) for each in coming])])[0]

    def _sent(self, value: Any) -> Any:
        if isinstance(value, list):
            names = ("frame", "labels", "ahead")
            return {"coming": [dict(zip(names, map(self._sent, each), strict=True)) for each in value]}
        if not isinstance(value, np.ndarray):
            return value
        file = io.BytesIO()
        Image.fromarray(value).save(file, "PNG", compress_level=1)
        self._given.append(file.getvalue())
        return {"frame" if value.ndim == 3 else "mask": str(len(self._given) - 1)}

    def _give(self, route: Any) -> None:
        route.fulfill(body=self._given[int(route.request.url.rpartition("/")[2])], content_type="image/png")


def _answer(answer: dict[str, Any] | None, shape: tuple[int, int]) -> Answer:
    if answer is None:
        return Answer()
    if "error" in answer:
        return Answer(error=answer["error"])
    shape = (answer["height"], answer["width"]) if "height" in answer else shape
    image = answer.get("image")
    return Answer(
        np.frombuffer(base64.b64decode(answer["labels"]), np.uint8).reshape(shape),
        {each["id"]: each["state"] for each in answer.get("objects", [])},
        np.frombuffer(base64.b64decode(image), np.uint8).reshape(*shape, 4) if image else None,
    )


def run_in_python(tracker: Tracker, calls: Sequence[tuple[Any, ...]]) -> list[Answer]:
    """The same calls on a `Tracker`."""
    answers = []
    for name, *given in calls:
        labels = getattr(tracker, name)(*given)
        answers.append(Answer(labels, {i: state.state for i, state in tracker.objects.items()}))
    return answers
