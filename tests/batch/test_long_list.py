"""A hundred thousand lines: the parent stays small and starts soon."""

import json
import subprocess
import sys
from pathlib import Path

from command import environment

LINES, WAITING = 100_000, 300
_RUN = """
import sys, time
began = time.process_time()
import mobilevos.cli
from pathlib import Path
from mobilevos.batch import batch
from mobilevos.batch.batch import How, Options, run_batch
from mobilevos.batch.engine import Ended, Ready
from mobilevos.batch.outcome import Outcome
from mobilevos.batch.report import Report

given = []

class Nothing:
    ready = False

    def want(self, wanted):
        pass

    def give(self, worker, job):
        given.append(job)

    def wait(self, seconds):
        if not self.ready:
            self.ready = True
            print("start", time.process_time() - began)
            return [Ready(0)]
        return [Ended(0, Outcome("done", frames=1), "nobody")]

    def close(self):
        pass

batch._engine = lambda *about: Nothing()
with Report(quiet=True) as report:
    counts = run_batch(Path(sys.argv[1]), sys.argv[2], Options(), How(), report)
print("done", counts.done, len(given))
print("ordered", [job.frames for job in given] == sorted((job.frames for job in given), reverse=True))
print("megabytes", next(int(l.split()[1]) / 1024 for l in open("/proc/self/status") if l.startswith("VmHWM")))
"""


def test_memory_and_time(tmp_path: Path) -> None:
    path, out = tmp_path / "jobs.jsonl", tmp_path / "out"
    with path.open("w") as file:
        for number in range(LINES):
            line = {"id": f"video-{number}", "video": f"videos/{number}.mp4", "mask": f"masks/{number}.png"}
            print(json.dumps({**line, "frames": number * 7919 % LINES + 1}), file=file)
    (out / "manifest").mkdir(parents=True)
    with (out / "manifest" / "0-of-1.elsewhere.1.jsonl").open("w") as file:
        for number in range(LINES - WAITING):
            entry = {"id": f"video-{number}", "status": "done", "kind": None, "reason": None, "attempt": 1, "time": 1.0}
            print(json.dumps({**entry, "frames": 240, "objects": 1, "seconds": 8.0, "fps": 30.0}), file=file)
    done = subprocess.run(
        [sys.executable, "-c", _RUN, path, out], capture_output=True, text=True, env=environment(), check=True
    )
    told = dict(line.split(" ", 1) for line in done.stdout.splitlines())
    assert told["done"] == f"{LINES} {WAITING}"
    assert told["ordered"] == "True"
    assert float(told["megabytes"]) < 200
    assert float(told["start"]) < 10
    print(told)
