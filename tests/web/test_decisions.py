"""The page decides for a frame what Python decides, and reads the same table of modes."""

import json
from typing import Any

import numpy as np
from engine_driver import EngineDriver

from mobilevos.engine import modes
from mobilevos.engine.attention import Attention
from mobilevos.engine.modes import MODES
from mobilevos.engine.region import Region
from mobilevos.web.site import Site

_DECIDE = """async (cases) => {
  const load = (name) => import(new URL(`../../engine/${name}.js`, location).href);
  const [{ Attention }, { Region }, { modesOf }] = await Promise.all(["attention", "region", "modes"].map(load));
  const modes = await modesOf("lite0");
  const values = ({ left, top, right, bottom, height, width }) => [left, top, right, bottom, height, width];
  return cases.map(({ mode, width, height, bounds, missing, before, unremembered }) => {
    const attention = new Attention(modes[mode], width, height);
    const region = new Region(...before);
    const { region: planned, search, remember } = attention.plan(bounds, missing, region, unremembered);
    return [values(planned), search, remember, values(attention.changed(bounds, region))];
  });
}"""

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


def case(rng: np.random.Generator) -> dict[str, Any]:
    """Some objects in sight and some not, in frames of any size."""
    height, width = (int(side) for side in rng.integers(1, 1200, 2))
    mode = str(rng.choice(list(MODES)))

    def box() -> tuple[float, float, float, float]:
        x, y = (np.sort(rng.random(2) ** 2 * side) for side in (width, height))
        return float(x[0]), float(y[0]), float(x[1]) + 0.5, float(y[1]) + 0.5

    bounds = [box() if rng.random() < 0.9 else None for _ in range(rng.integers(0, 4))]
    missing = [0] * len(bounds) + [int(frames) for frames in rng.integers(1, 12, rng.integers(not bounds, 3))]
    near = Attention(MODES[mode], (height, width)).region([*bounds, box()][: rng.integers(1, 5)])
    before = list(vars(near).values())
    return {
        "mode": mode,
        "width": width,
        "height": height,
        "bounds": bounds,
        "missing": missing,
        "before": before,
        "unremembered": int(rng.integers(0, 4)),
    }


def decided(given: dict[str, Any]) -> list[Any]:
    attention = Attention(MODES[given["mode"]], (given["height"], given["width"]))
    before = Region(*given["before"])
    plan = attention.plan(given["bounds"], given["missing"], before, given["unremembered"])
    regions = [list(vars(region).values()) for region in (plan.region, attention.changed(given["bounds"], before))]
    return [regions[0], plan.search, plan.remember, regions[1]]


def test_the_page_decides_as_python_does(driver: EngineDriver) -> None:
    rng = np.random.default_rng(0)
    cases = [case(rng) for _ in range(400)]
    found = driver.page.evaluate(_DECIDE, cases)
    for given, ours in zip(cases, found, strict=True):
        assert ours == decided(given), given


def test_both_read_one_table(site: Site) -> None:
    assert site.find("engine/modes.json") == modes.FILE.read_bytes()
    offline = json.loads(site.find("files.json") or b"")
    assert "engine/modes.json" in offline["files"]


def test_a_change_of_mode_evicts_no_correction(driver: EngineDriver) -> None:
    """Of the frames 10 to 50 the first three were marked, and 40 is seen anew in each mode."""
    assert driver.page.evaluate(_REMEMBERED) == [10, 20, 30, 40]
