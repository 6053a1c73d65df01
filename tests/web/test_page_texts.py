"""What the page says stands in one file, and another language is one more file."""

import re
from pathlib import Path

import pytest
from page_driver import PageDriver

from mobilevos import web

PAGE = Path(web.__file__).parent
ENGLISH = PAGE / "texts" / "en.js"
PARTS = ("ui", "project", "source", "export", "engine", "effects")
SOURCES = [path for part in PARTS for path in sorted((PAGE / part).rglob("*.js"))]
SOURCES.append(PAGE / "app.js")
_LITERAL = re.compile(r'"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`')
_COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"])//[^\n]*", re.DOTALL)
_SAID = re.compile(r"\b[A-Z]?[a-z]+[,:;]? [a-z]+\b|^.[A-Z][a-z]+([ ….!?]|.$)")
"""Two words in a row, or one that begins like a sentence."""
NOT_SAID = re.compile(
    r"className|querySelector|matches\(|[Cc]ontains\(|getContext|CompositeOperation|key ===|event\.key|codec"
    r"|mobilevos project|Style\s*=|import |from \"|prefers-|FORMAT|another format"
)
"""Lines whose words are for programs: names of classes, of keys, of colours."""
KEYS = {"Space", "Enter", "Escape", "Esc", "Home", "End", "Delete", "Backspace", "Shift", "Ctrl Z", "Ctrl S"}
PROGRAMS = {"HEVC (H.265)", "ProRes", "everything is kept", "keep everything", "take over"}
"""Names, and what the page and its service worker say to each other."""


def strays(path: Path) -> list[str]:
    """Literals of a module that look like something to be read."""
    found = []
    for line in _COMMENT.sub(lambda match: "\n" * match.group().count("\n"), path.read_text()).splitlines():
        if NOT_SAID.search(line):
            continue
        for literal in _LITERAL.findall(line):
            words = re.sub(r"\$\{[^}]*\}", "", literal)
            if _SAID.search(words) and words[1:-1] not in KEYS | PROGRAMS:
                found.append(f"{path.name}: {literal}")
    return found


def test_no_module_says_anything_by_itself(tmp_path):
    assert [stray for path in SOURCES for stray in strays(path)] == []
    trap = tmp_path / "trap.js"
    trap.write_text('tell("Something went wrong.");\nmake("b", { title: `Colour of ${name}` });\n tell("not here");')
    assert len(strays(trap)) == 3


def test_every_text_is_used_and_every_used_text_is_there():
    known = set(re.findall(r"^  (\w+): ", ENGLISH.read_text(), re.MULTILINE))
    assert len(known) > 150
    code = "\n".join(path.read_text() for path in SOURCES)
    markup = (PAGE / "index.html").read_text()
    called = set(re.findall(r'\b(?:t|InputError)\("(\w+)"', code))
    marked = set(re.findall(r'data-(?:t|label|tip)="(\w+)"', markup))
    chosen = {key for key in known if re.search(rf'"{key}"', code)}  # by a name that is looked up first
    assert called | marked <= known
    assert known - called - marked - chosen == set()


def test_the_page_itself_holds_no_text():
    body = (PAGE / "index.html").read_text().partition("<header")[2]
    body = re.sub(r"<noscript>.*?</noscript>", "", body)
    said = [text.strip() for text in re.findall(r">([^<>]+)<", body) if re.search(r"[A-Za-z]{2}", text)]
    assert said == ["MobileVOS"]
    assert re.findall(r'\b(?:aria-label|title|placeholder|alt)="', body) == []


GERMAN = """export default {
  chooseVideo: "Video wählen",
  trackKey: "Masken aller Bilder finden (T)",
  objectNumber: "Objekt {id}",
  noneFollowed: "Ein Objekt {id} gibt es nicht.",
  otherQuality: { one: "{count} Bild ist von anderer Güte.", other: "{count} Bilder sind von anderer Güte." },
};"""


@pytest.mark.parametrize("languages", [["de-CH", "en"], ["fr", "de"], ["fr"], ["en-GB", "de"]])
def test_another_language_is_one_more_file(browser, address, languages):
    """What it leaves out is English; so is the page for whom no language is there."""
    context = browser.new_context(locale=languages[0])
    context.add_init_script(
        f"Object.defineProperty(navigator, 'languages', {{value: {languages}}});"
        "localStorage.setItem('mobilevos.mode', 'fast')"
    )
    context.route("**/texts/languages.json", lambda route: route.fulfill(json=["de", "en"]))
    german = {"content_type": "text/javascript; charset=utf-8", "body": GERMAN}
    context.route("**/texts/de.js", lambda route: route.fulfill(**german))
    page = PageDriver(context.new_page(), address)
    page.visit(engine=False)
    is_german = languages in (["de-CH", "en"], ["fr", "de"])
    page.page.wait_for_selector("#open-camera b:not(:empty)")
    assert page.page.inner_text("#open-video b") == ("Video wählen" if is_german else "Choose a video")
    assert page.page.inner_text("#open-camera b") == "Use the camera"
    assert page.page.evaluate("document.documentElement.lang") == ("de" if is_german else "en")
    page.open_sample()
    assert page.page.inner_text(".chip .word >> nth=0") == ("Objekt 1" if is_german else "Object 1")
    told = page.page.evaluate(
        """async () => {
            const {t} = await import(new URL("texts/texts.js", location).href);
            return [1, 5].map((count) => t("otherQuality", {count}));
        }"""
    )
    if is_german:
        assert told == ["1 Bild ist von anderer Güte.", "5 Bilder sind von anderer Güte."]
    else:
        assert told == ["1 frame was tracked in another quality.", "5 frames were tracked in another quality."]
    refused = page.page.evaluate("mobilevos.engine.then((engine) => engine.remove(7)).catch(({message}) => message)")
    assert refused == ("Ein Objekt 7 gibt es nicht." if is_german else "There is no object 7; none is followed.")
    context.close()
    assert not page.problems
