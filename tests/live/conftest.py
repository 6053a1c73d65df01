"""What tests of live video share: no thread that outlives its session, and a display without a screen."""

import shutil
import subprocess
import threading
from collections.abc import Iterator

import pytest

from waiting import wait_until


@pytest.fixture(autouse=True)
def _no_thread_outlives_the_session() -> Iterator[None]:
    yield
    wait_until(lambda: not [each for each in threading.enumerate() if each.name in ("capture", "write-behind")])


@pytest.fixture(scope="session")
def x_server() -> Iterator[str]:
    """The name of a display of 800 x 600 that nobody sees."""
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed")
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "800x600x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        yield f":{server.stdout.readline().strip()}"
        server.terminate()


@pytest.fixture
def display(x_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DISPLAY", x_server)
    return x_server


@pytest.fixture
def no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
