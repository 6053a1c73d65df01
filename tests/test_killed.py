"""kill -9 at any moment: nothing half-written looks whole, and the second start ends as if nothing had happened."""

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest
from PIL import Image

from command import environment, save_frames
from mobilevos import sample
from mobilevos.batch.store import MANIFESTS
from mobilevos.video.reader import open_frames
from scale import WHOLE
from waiting import PATIENCE

torch = pytest.importorskip("torch")

SMALL = "--size 64 --batch 1 --frames 2 --real-fraction 0 --workers 0 --steps 4 --threads 1"
COMMANDS = {
    "segment": "segment {in}/clip --mask {in}/mask.png --size 64 --outputs masks overlay rle rgba coco -o {out}",
    "inpaint": "inpaint {in}/clip --mask {in}/mask.png --size 64 --look-ahead 2 -o {out}/clean.mp4",
    "train": "train --data {in}/data --init lite0 --dev {in}/dev -o {out} " + SMALL,
    "distill": "distill --teacher lite0 --data {in}/data --init lite0 -o {out} " + SMALL,
    "export": "export lite0 -o {out}",
    "batch": "batch {in}/jobs.jsonl --jobs 1 --threads 1 --mode fast --outputs rle masks -o {out}",
}
HUNDRED = {"segment": 22, "inpaint": 22, "train": 16, "distill": 16, "export": 12, "batch": 12}
KILLS = HUNDRED if WHOLE else dict.fromkeys(COMMANDS, 4)
CHANGES = {"seconds", "fps", "seconds_per_step", "outputs"}
"""Times, rates and paths."""

# Importing PyTorch takes longer than most of these commands: they are children of a process that has done it.
PARENT = """
import json, os, signal, sys, time
import av, onnx, onnxruntime, torch, torch.onnx, mobilevos.training.loop as loop, mobilevos.export.job
from mobilevos.cli import main
loop.train.__wrapped__.__kwdefaults__.update(save_every=1, evaluate_every=2)
loop.LOG_EVERY = 1
for line in sys.stdin:
    arguments, seconds = json.loads(line)
    begin = time.monotonic()
    child = os.fork()
    if not child:
        sys.argv = ["mobilevos", *arguments]
        main()
        os._exit(0)
    ended = 0
    while not ended and time.monotonic() < begin + seconds:
        ended, status = os.waitpid(child, os.WNOHANG)
        time.sleep(0.001)
    if not ended:
        os.kill(child, signal.SIGKILL)
        status = os.waitpid(child, 0)[1]
    print(json.dumps([os.waitstatus_to_exitcode(status), time.monotonic() - begin]), flush=True)
"""


class Commands:
    """Runs commands one after another, each to its end or for some seconds."""

    def __init__(self) -> None:
        self._parent = subprocess.Popen(
            [sys.executable, "-c", PARENT],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, command: str, seconds: float = PATIENCE) -> tuple[int, float]:
        """Its exit code, -9 if it was killed, and how long it took."""
        stdin, stdout = self._parent.stdin, self._parent.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps([[*command.split(), "--json"], seconds]) + "\n")
        stdin.flush()
        while not (line := stdout.readline()).startswith("["):  # what the commands print
            assert line
        code, took = json.loads(line)
        return code, took

    def close(self) -> None:
        self._parent.communicate(timeout=PATIENCE)


@pytest.fixture(scope="module")
def commands() -> Iterator[Commands]:
    made = Commands()
    yield made
    made.close()


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short clip and its mask, stills to train on, and a sequence to judge on."""
    root = tmp_path_factory.mktemp("inputs")
    frames = [frame[::3, ::3] for frame, _ in zip(open_frames(sample.clip_path()), range(12), strict=False)]
    save_frames(root / "clip", frames)
    masks = [np.uint8(255) * (labels[::3, ::3] == 1) for labels in sample.truth()]
    Image.fromarray(masks[0]).save(root / "mask.png")
    for number in range(3):
        for kind, picture in (("images", frames[number]), ("masks", masks[number] // 255)):
            (root / "data" / "set" / kind).mkdir(parents=True, exist_ok=True)
            Image.fromarray(picture).save(root / "data" / "set" / kind / f"{number}.png")
            folder = {"images": "JPEGImages", "masks": "Annotations"}[kind]
            (root / "dev" / folder / "480p" / "fish").mkdir(parents=True, exist_ok=True)
            name = f"{number:05d}{'.jpg' if kind == 'images' else '.png'}"
            Image.fromarray(picture if kind == "images" else picture * 255).save(
                root / "dev" / folder / "480p" / "fish" / name
            )
    jobs = [{"id": f"from{start}", "video": "clip", "mask": "mask.png", "start": start} for start in range(3)]
    (root / "jobs.jsonl").write_text("".join(json.dumps(job) + "\n" for job in jobs))
    return root


def without_times(value: Any) -> Any:
    """The same less what differs from run to run."""
    if isinstance(value, dict):
        return {key: without_times(each) for key, each in value.items() if key not in CHANGES}
    return [without_times(each) for each in value] if isinstance(value, list) else value


def content(out: Path) -> dict[str, Any]:
    """Every file, hidden ones too: its bytes, or for summaries and logs what they say; and how jobs ended."""
    found: dict[str, Any] = {}
    for path in sorted(path for path in out.rglob("*") if path.is_file()):
        name = str(path.relative_to(out))
        if path.parent.name == MANIFESTS:  # named by the process that wrote it
            found |= {entry["id"]: entry["status"] for entry in map(json.loads, _texts(path))}
        elif path.name in ("summary.json", "log.jsonl"):
            found[name] = [without_times(json.loads(line)) for line in _texts(path)]
        elif path.suffix == ".pt":
            found[name] = _plain(torch.load(path, weights_only=True))
        else:
            found[name] = path.read_bytes()
    return found


def _plain(value: Any) -> Any:
    """What a state holds: its bytes also depend on which equal texts in it are one object."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, torch.Tensor):
        return value.dtype, value.shape, value.numpy().tobytes()
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


def _texts(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.suffix == ".jsonl" else [path.read_text()]


def in_sight(out: Path) -> list[Path]:
    """Files that are hidden neither by their own name nor by that of a folder."""
    return [path for path in out.rglob("[!.]*") if path.is_file() and "/." not in f"/{path.relative_to(out)}"]


def assert_whole(out: Path) -> None:
    """What has a final name opens."""
    import onnx

    from mobilevos.models import load_weights

    for path in in_sight(out):
        if path.parent.name == MANIFESTS:
            continue  # grows by lines, of which the last may be half written
        if path.suffix == ".png":
            with Image.open(path) as image:
                image.load()
        elif path.suffix in (".json", ".jsonl"):
            [json.loads(text) for text in _texts(path)]
        elif path.suffix == ".mp4":
            assert len(list(open_frames(path))) == 12
        elif path.suffix == ".safetensors":
            load_weights(str(path))
        elif path.suffix == ".onnx":
            onnx.checker.check_model(onnx.load(path))
        elif path.suffix == ".pt":
            torch.load(path, weights_only=True)
        elif path.suffix == ".zip":
            assert ZipFile(path).testzip() is None
        else:
            assert path.name in ("CARD.md",), f"{path} is not expected"


@pytest.mark.slow
@pytest.mark.parametrize("verb", COMMANDS)
def test_kill_at_a_random_moment(commands: Commands, inputs: Path, tmp_path: Path, verb: str) -> None:
    def command(out: Path) -> str:
        return COMMANDS[verb].format(**{"in": inputs, "out": out})

    out = tmp_path / "out"
    assert commands.run(command(out))[0] == 0  # with cold caches
    out.rename(tmp_path / "first")
    code, lasts = commands.run(command(out))
    assert code == 0
    expected = content(out)
    assert expected == content(tmp_path / "first")
    out.rename(tmp_path / "undisturbed")
    dice = random.Random(verb)
    killed = 0
    while killed < KILLS[verb]:
        code, took = commands.run(command(out), dice.random() * lasts)
        if code == -9:
            killed += 1
            assert_whole(out)
            for summary in (path for path in in_sight(out) if path.name == "summary.json"):
                place = str(summary.parent.relative_to(out))
                assert content(summary.parent) == content(tmp_path / "undisturbed" / place)
            code, _ = commands.run(command(out))
        else:
            lasts = took
        assert code == 0
        found = content(out)
        assert found.keys() == expected.keys(), f"after kill {killed}"
        assert [name for name in expected if found[name] != expected[name]] == [], f"after kill {killed}"
        rmtree(out)
