"""What becomes of workers on this machine, as their parent hears of it."""

import multiprocessing
from pathlib import Path

import pytest
from batch_scene import make_moody

from mobilevos.batch.engine import Died, Ended, Ready
from mobilevos.batch.local import LocalEngine, _Process
from mobilevos.batch.names import host
from mobilevos.batch.options import Options
from mobilevos.batch.outcome import Outcome
from mobilevos.batch.store import LocalStore
from mobilevos.batch.work import Setup


class Dead:
    """A process that was killed."""

    pid, exitcode = 7, -9

    def join(self) -> None:
        pass


@pytest.mark.parametrize("said", [["ready"], ["ready", Outcome("done", frames=3)]])
def test_who_dies_at_once_after_it_has_spoken_is_heard_first_and_still_has_its_name(
    said: list[object], tmp_path: Path
) -> None:
    """Both come with one look at its pipe."""
    engine = LocalEngine(Setup(Options(), LocalStore(tmp_path / "out"), tmp_path / "scratch", make_moody), None)
    ours, theirs = multiprocessing.Pipe()
    engine._workers[0] = _Process(Dead(), ours)  # type: ignore[arg-type]
    for each in said:
        theirs.send(each)
    theirs.close()
    name = f"{host()}.7"
    ready, *ended, died = engine.wait(5)
    assert ready == Ready(0)
    assert ended == [Ended(0, Outcome("done", frames=3), name)] * (len(said) - 1)
    assert died == Died(0, name, "crash", "Its worker died (SIGKILL).", ready=True)
    assert not engine._workers
