"""The page's modes: it reads the same table as Python, and a change of mode forgets nothing."""

import json

from engine_driver import EngineDriver

from mobilevos.engine import modes
from mobilevos.web.site import Site

_REMEMBERED = """async () => {
  const load = (name) => import(new URL(`../../engine/${name}.js`, location).href);
  const [{ Tracker }, { Clock }, { modesOf }] = await Promise.all(["tracker", "clock", "modes"].map(load));
  let remembered;
  const network = {  // finds what was there before; keys are the frames' colour
    query: async (pixels, height, width) => {
      return { key: { data: new Float32Array((height * width) / 256).fill(pixels[0]) } };
    },
    read: async (features, { key }, prior) => {
      remembered = [...new Set(key)];
      return prior.slice();
    },
    memorise: async (features, masks, count) => new Float32Array(count * features.key.data.length),
  };
  const [width, height] = [96, 64];
  const frame = (colour) => ({ width, height, crop: (left, top, right, bottom) => ({
    data: new Uint8ClampedArray(width * height * 4).fill(colour), start: 0, step: 4, stride: width * 4,
    width: right - left, height: bottom - top }) });
  const labels = new Uint8Array(width * height).fill(1, 2000, 4000);
  const modes = await modesOf("lite0");
  const tracker = new Tracker(network, modes.fast, new Clock());
  await tracker.start(frame(10), labels);
  for (const colour of [20, 30]) {
    await tracker.step(frame(colour));
    await tracker.add(labels);
  }
  await tracker.step(frame(40));
  for (const name of ["best", "fast", "balanced", "best"]) await tracker.setMode(modes[name], labels);
  await tracker.step(frame(50));
  return remembered;
}"""


def test_both_read_one_table(site: Site) -> None:
    assert site.find("engine/modes.json") == modes.FILE.read_bytes()
    offline = json.loads(site.find("files.json") or b"")
    assert "engine/modes.json" in offline["files"]


def test_a_change_of_mode_evicts_no_correction(driver: EngineDriver) -> None:
    """Of the frames 10 to 50 the first three were marked, and 40 is seen anew in each mode."""
    assert driver.page.evaluate(_REMEMBERED) == [10, 20, 30, 40]
