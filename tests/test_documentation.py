"""What the documentation says of the public names is there, and its examples run."""

import doctest
import importlib
import re
from pathlib import Path

import pytest

import mobilevos

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PUBLIC = ["mobilevos", "mobilevos.effects", "mobilevos.evaluation", "mobilevos.losses", "mobilevos.models"]
PUBLIC += ["mobilevos.runtimes", "mobilevos.export", "mobilevos.benchmark"]
NEED_PYTORCH = {"mobilevos.losses", "mobilevos.models"}
WITH_EXAMPLES = ["tracker", "video.reader", "video.masks", "video.overlay", "evaluation.metrics", "effects.blur"]
WITH_EXAMPLES += ["losses.representation"]
PAGES = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))


@pytest.mark.parametrize("module", PUBLIC)
def test_every_public_name_is_documented(module: str) -> None:
    if module in NEED_PYTORCH:
        pytest.importorskip("torch")
    loaded = importlib.import_module(module)
    reference = "".join(path.read_text() for path in (DOCS / "api").glob("*.md"))
    for name in loaded.__all__:
        value = getattr(loaded, name)
        home = f"{getattr(value, '__module__', '')}.{getattr(value, '__name__', '')}"
        if home.startswith("mobilevos."):
            assert value.__doc__, home
            assert f"::: {home}\n" in reference, f"docs/api has no page for {home}"
        else:
            assert f"`{name}`" in reference, f"docs/api does not mention {module}.{name}"


@pytest.mark.parametrize("module", WITH_EXAMPLES)
def test_examples_in_docstrings_run(module: str) -> None:
    if module == "losses.representation":
        pytest.importorskip("torch")
    failed, tried = doctest.testmod(importlib.import_module(f"mobilevos.{module}"))
    assert tried
    assert not failed


def test_no_example_is_left_out() -> None:
    source = ROOT / "src" / "mobilevos"
    there = {path.relative_to(source) for path in source.rglob("*.py") if ">>> " in path.read_text()}
    assert there == {Path(name.replace(".", "/") + ".py") for name in WITH_EXAMPLES}


@pytest.mark.parametrize("page", PAGES)
def test_every_page_can_be_found(page: str) -> None:
    assert f": {page}\n" in (ROOT / "mkdocs.yml").read_text()
    if not page.startswith("api/"):
        assert page.removesuffix(".md") in (DOCS / "llms.txt").read_text()


@pytest.mark.parametrize("page", PAGES)
def test_verbs_of_the_examples_exist(page: str) -> None:
    from mobilevos.commands.app import app

    importlib.import_module("mobilevos.cli")
    verbs = set(app.resolved_commands() if hasattr(app, "resolved_commands") else app)
    for verb in re.findall(r"^\s*mobilevos ([a-z][a-z-]*)", (DOCS / page).read_text(), re.MULTILINE):
        assert verb in verbs, f"{page}: mobilevos {verb}"


def test_pictures_and_links_of_the_readme_exist() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", (ROOT / "README.md").read_text()):
        assert (ROOT / target).exists(), target


def test_the_version_is_documented() -> None:
    assert mobilevos.__version__ in (ROOT / "CHANGELOG.md").read_text()
