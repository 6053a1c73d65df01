"""How the page looks: every button can be read in every state, in both themes, and axe finds nothing."""

import base64
import hashlib
import io
import os
import tarfile
from urllib.request import urlopen

import pytest
from page_driver import WAIT_MS, PageDriver

from at_hand import missing
from mobilevos.machine.cache import cache_folder
from mobilevos.web.onnxruntime_web import REGISTRY

AXE = "4.14.1"
AXE_INTEGRITY = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="

_CONTRAST = """(selector) => {
  const parse = (text) => {
    const context = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
    context.fillStyle = text;
    context.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
    return {rgb: [r, g, b], alpha: a / 255};
  };
  const over = (top, ground) => top.rgb.map((value, at) => value * top.alpha + ground[at] * (1 - top.alpha));
  const groundOf = (element) => {
    const below = element.parentElement ? groundOf(element.parentElement) : [255, 255, 255];
    return over(parse(getComputedStyle(element).backgroundColor), below);
  };
  const luminance = (rgb) => {
    const linear = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = rgb.map((value) => linear(value / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const button = document.querySelector(selector);
  const ground = groundOf(button);
  const results = [];
  for (const part of [button, ...button.querySelectorAll("*")]) {
    const hasText = [...part.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    const isPicture = part.matches("svg");
    if (!hasText && !isPicture) continue;
    const style = getComputedStyle(part);
    if (style.filter !== "none") results.push([part.tagName, 0, 21]);
    const colour = over(parse(style.color), groundOf(part));
    const [light, dark] = [luminance(colour), luminance(groundOf(part))].sort((a, b) => b - a);
    results.push([part.textContent.trim() || part.tagName, (light + 0.05) / (dark + 0.05), isPicture ? 3 : 4.5]);
  }
  return results;
}"""


def unreadable(page, where: str) -> list[str]:
    """Buttons, with their state, whose text or picture has less contrast than WCAG AA asks for."""
    selectors = page.evaluate(
        """(where) => [...document.querySelectorAll(`${where} button`)].flatMap((button, at) => {
            button.dataset.test = at;
            return button.offsetParent && !button.disabled ? [`${where} [data-test="${at}"]`] : [];
        })""",
        where,
    )
    assert selectors, where
    poor = []
    for selector in selectors:
        for state in ("at rest", "under the pointer", "pressed", "focused"):
            if state == "at rest":
                page.mouse.move(0, 0)
            elif state == "under the pointer":
                page.locator(selector).first.hover(force=True)
            elif state == "pressed":
                page.mouse.down()
            else:
                page.mouse.move(0, 0)
                page.mouse.up()
                page.locator(selector).first.focus()
            for text, ratio, least in page.evaluate(_CONTRAST, selector):
                if ratio < least:
                    poor.append(f"{text} {state}: {ratio:.1f}")
    return poor


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_button_can_be_read_in_every_state(browser, address, theme):
    context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme=theme, reduced_motion="reduce")
    page = PageDriver(context.new_page(), address)
    page.visit()
    poor = unreadable(page.page, "header") + unreadable(page.page, "#welcome")
    page.open_sample()
    poor += unreadable(page.page, "header") + unreadable(page.page, "#work")
    for button, dialog in (("#save", "#save-dialog"), ("#help", "#help-dialog")):
        page.page.click(button)
        poor += unreadable(page.page, dialog)
        page.page.keyboard.press("Escape")
    context.close()
    assert poor == []
    assert page.problems == []


@pytest.fixture(scope="session")
def axe() -> str:
    """Source of axe-core, fetched once from the npm registry."""
    kept = cache_folder() / f"axe-core-{AXE}.min.js"
    if not kept.is_file():
        registry = (os.environ.get("npm_config_registry") or REGISTRY).rstrip("/")  # noqa: SIM112 (npm spells it like this)
        try:
            with urlopen(f"{registry}/axe-core/-/axe-core-{AXE}.tgz", timeout=30) as answer:
                package = answer.read()
        except OSError as error:
            missing(f"axe-core is not at hand: {error}")
        assert hashlib.sha512(package).digest() == base64.b64decode(AXE_INTEGRITY)
        with tarfile.open(fileobj=io.BytesIO(package), mode="r:gz") as archive:
            member = archive.extractfile("package/axe.min.js")
            assert member is not None
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(member.read())
    return kept.read_text()


def violations(page, where: str) -> list[str]:
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [f"{where}: {each['id']} {[node['html'][:90] for node in each['nodes']]}" for each in found]


OUTSIDE = """() => [...document.querySelectorAll("header button, .tools button, .transport button")]
    .filter((each) => each.offsetParent)
    .filter((each) => {
        const {left, top, right, bottom} = each.getBoundingClientRect();
        return left < -0.5 || top < -0.5 || right > innerWidth + 0.5 || bottom > innerHeight + 0.5;
    }).map((each) => `${innerWidth} ${each.id}`)"""
"""Buttons that cannot be reached."""


@pytest.mark.slow
def test_axe_finds_nothing_in_any_state_on_any_screen(browser, address, axe):
    context = browser.new_context(reduced_motion="reduce")
    page = PageDriver(context.new_page(), address)
    page.visit()
    page.page.evaluate(axe)
    found, outside = [], []

    def look(state: str, screens=((1440, 900), (1024, 768), (390, 844), (844, 390), (320, 640))) -> None:
        for width, height in screens:
            page.page.set_viewport_size({"width": width, "height": height})
            for theme in ("light", "dark"):
                page.page.emulate_media(color_scheme=theme)
                found.extend(violations(page.page, f"{state} {theme} {width}"))
            outside.extend(page.page.evaluate(OUTSIDE))
        assert page.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.page.set_viewport_size({"width": 1440, "height": 900})

    look("welcome")
    page.open_sample()
    look("work")
    page.page.evaluate("mobilevos.project.addObject()")
    page.page.evaluate("document.querySelector('.side').classList.add('open')")
    page.page.evaluate("document.querySelector('.replacement').hidden = false")
    look("all options")
    for button, name in (("#save", "save"), ("#help", "help")):
        page.page.click(button)
        look(name, ((1440, 900), (390, 844)))
        page.page.keyboard.press("Escape")
    context.close()
    assert found == []
    assert outside == []
    assert page.problems == []


def test_words_to_the_user_lie_over_no_button_and_over_no_other_words(browser, address):
    """The message, the tool's options, the hint and what is being done, on every screen."""
    context = browser.new_context()
    page = PageDriver(context.new_page(), address)
    page.visit(engine=False)
    page.open_sample()
    for width, height in ((1440, 900), (1024, 768), (390, 844), (844, 390), (320, 640)):
        page.page.set_viewport_size({"width": width, "height": height})
        for tool in ("select", "brush"):
            page.page.click(f"#tool-{tool}")
            overlapping = page.page.evaluate(
                """async () => {
                    const {tellNotice} = await import(new URL("ui/messages.js", location).href);
                    tellNotice("Your work on this video is back.", {label: "Begin anew", run() {}});
                    for (const id of ["hint", "busy"]) document.getElementById(id).hidden = false;
                    const shown = ["message", "options", "hint", "busy"].map((id) => document.getElementById(id));
                    const boxes = shown.filter((each) => each.checkVisibility())
                        .map((each) => [each.id, each.getBoundingClientRect()]);
                    const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
                    return boxes.flatMap(([one, box], at) =>
                        boxes.slice(at + 1).filter(([, other]) => meet(box, other)).map(([two]) => `${one} ${two}`));
                }"""
            )
            assert overlapping == [], (width, height, tool)
    context.close()
    assert not page.problems


@pytest.mark.slow
def test_the_security_policy_blocks_nothing_of_the_page(browser, address):
    """The page with its policy in force: engine, sample, tracking, effect, sound and export."""
    context = browser.new_context(bypass_csp=False)
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    blocked: list[str] = []
    page.on("console", lambda line: blocked.append(line.text) if "Content Security Policy" in line.text else None)
    page.goto(address)
    page.wait_for_selector("#modes button", state="attached")
    page.click("#open-sample")
    page.wait_for_selector("#kept:not(:empty)")
    page.click("#forward")
    page.wait_for_selector("#position b >> text=2")
    page.click("#effect-blur")
    page.wait_for_selector("#busy", state="hidden")
    page.click("#save")
    with page.expect_download():
        page.click("#save-overlay")
    context.close()
    assert blocked == []
