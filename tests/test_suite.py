"""The suite itself: it neither hides what it could not run nor depends on how it was started."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from waiting import PATIENCE

ROOT = Path(__file__).parent.parent


def pytest_run(*arguments: str, ignoring: bool = False, **variables: str) -> subprocess.CompletedProcess[str]:
    """Some tests in a process of their own, which may have inherited that Ctrl-C is ignored."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rs", *arguments],
        cwd=ROOT,
        env={**{name: value for name, value in os.environ.items() if name != "CI"}, **variables},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        preexec_fn=(lambda: signal.signal(signal.SIGINT, signal.SIG_IGN)) if ignoring else None,
    )


def test_an_interrupt_that_is_ignored_around_the_tests() -> None:
    done = pytest_run("tests/video/test_pipeline.py", "tests/live/test_session.py", "-k", "interrupt", ignoring=True)
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout


@pytest.mark.parametrize(("variables", "code"), [({}, 0), ({"CI": "true"}, 1)])
def test_a_missing_browser_is_an_error_where_nobody_looks(variables: dict[str, str], code: int) -> None:
    """There is none without a PATH and without Playwright's own."""
    hidden = {"PATH": "", "PLAYWRIGHT_BROWSERS_PATH": "/nowhere"}
    done = pytest_run("tests/web/test_page.py", "-x", **hidden, **variables)
    assert done.returncode == code, done.stdout
    assert "there is nothing to open the page in" in done.stdout or "runtime is not at hand" in done.stdout


@pytest.mark.parametrize(("variables", "code"), [({}, 0), ({"CI": "true"}, 1)])
def test_a_missing_node_is_an_error_where_nobody_looks(tmp_path: Path, variables: dict[str, str], code: int) -> None:
    """There is none without a PATH and with a Playwright that brings none."""
    (tmp_path / "playwright.py").touch()
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = pytest_run("tests/golden", "-x", "-k", "page_answers", PATH="", PYTHONPATH=path, **variables)
    assert done.returncode == code, done.stdout
    assert "there is no Node to run the page's engine in" in done.stdout
