"""How the page looks: every button can be read in every state, in both themes."""

import pytest
from page_driver import PageDriver

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
    const [r, g, b] = rgb.map((value) => value / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
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


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_button_can_be_read_in_every_state(browser, address, theme):
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, color_scheme=theme, reduced_motion="reduce"
    )
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
