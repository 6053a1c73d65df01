"""What the commands do when all is well, through the real command, on clips cut from the sample."""

import json
import shlex
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from command import mobilevos, save_davis, save_frames
from mobilevos import Tracker, load_mask, open_frames
from mobilevos.cli import app
from mobilevos.engine.modes import MODES
from mobilevos.video.masks import save_palette_png
from mobilevos.video.rle import decode
from mobilevos.video.writer import VideoWriter

FRAMES = 8
FAST = ("--size", "64", "--threads", "1")
VERBS = sorted(name for name in app if not name.startswith("-"))


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory, sample_frames: list[np.ndarray], sample_truth: np.ndarray) -> Path:
    """A folder with a short video, ``clip.mp4``, its mask with ids 3 and 7, and its frames as ``frames/*.png``."""
    folder = tmp_path_factory.mktemp("clip")
    with VideoWriter(folder / "clip.mp4", Fraction(24), sample_truth[0].shape) as writer:
        for frame in sample_frames[:FRAMES]:
            writer.write(frame)
    save_frames(folder / "frames", open_frames(folder / "clip.mp4"))
    save_palette_png(folder / "first.png", np.array([0, 3, 7], np.uint8)[sample_truth[0]])
    return folder


def finished(*arguments: str | Path, cwd: Path | None = None) -> str:
    """Standard output of a command that must succeed and, without a terminal, show no progress bar."""
    done = mobilevos(*arguments, cwd=cwd)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def here(*arguments: str | Path) -> None:
    """Run a command in this process, where PyTorch is loaded already."""
    app([str(argument) for argument in arguments], result_action="return_value", exit_on_error=False)


def one_object(text: str) -> dict[str, Any]:
    """The one JSON object that a text consists of; NaN and infinity are no JSON."""

    def refuse(value: str) -> None:
        raise AssertionError(f"{value} is no JSON")

    parsed = json.loads(text, parse_constant=refuse)
    assert isinstance(parsed, dict)
    return parsed


def masks_in(folder: Path) -> list[np.ndarray]:
    return [
        load_mask(path) if path.stem == "00000" else np.asarray(Image.open(path)) for path in sorted(folder.iterdir())
    ]


def test_segment_video_with_all_outputs(clip: Path, tmp_path: Path) -> None:
    outputs = ("--outputs", "masks", "overlay", "rle", "rgba")
    text = finished("segment", clip / "clip.mp4", "-m", clip / "first.png", "-o", tmp_path / "out", *outputs, *FAST)
    assert text.startswith(f"{FRAMES} frames, 2 objects, ")

    out = tmp_path / "out"
    names = ["masks", "masks.json", "objects.jsonl", "overlay.mp4", "rgba", "summary.json"]
    assert sorted(path.name for path in out.iterdir()) == names
    assert all(str(out / name) in text for name in ("masks", "masks.json", "overlay.mp4", "rgba"))
    masks = masks_in(out / "masks")
    assert len(masks) == FRAMES
    np.testing.assert_array_equal(masks[0], load_mask(clip / "first.png"))
    assert set(np.unique(masks)) == {0, 3, 7}
    assert (masks[-1] > 0).any()

    tracker = Tracker(threads=1, size=64)
    for index, frame in enumerate(open_frames(clip / "clip.mp4")):
        labels = tracker.step(frame) if index else tracker.start(frame, load_mask(clip / "first.png"))
        np.testing.assert_array_equal(labels, masks[index])

    assert sum(1 for _ in open_frames(out / "overlay.mp4")) == FRAMES
    found = json.loads((out / "masks.json").read_text())
    for annotation in found["annotations"]:
        index = [image["id"] for image in found["images"]].index(annotation["image_id"])
        np.testing.assert_array_equal(decode(annotation["segmentation"]) > 0, masks[index] == annotation["category_id"])
    assert {annotation["category_id"] for annotation in found["annotations"]} == {3, 7}
    for index, path in enumerate(sorted((out / "rgba").iterdir())):
        np.testing.assert_array_equal(np.asarray(Image.open(path))[..., 3] > 0, masks[index] > 0)


@pytest.mark.parametrize("mode", MODES)
def test_segment_in_each_mode(clip: Path, tmp_path: Path, mode: str) -> None:
    """The masks are those of a tracker in that mode, and of no other."""
    options = ("--mode", mode, "--threads", "1", "--outputs", "masks")
    here("segment", clip / "clip.mp4", "-m", clip / "first.png", "-o", tmp_path / "out", *options)
    masks = masks_in(tmp_path / "out" / "masks")
    for other in MODES:
        tracker = Tracker(threads=1, mode=other)
        first, *others = list(open_frames(clip / "clip.mp4"))[:4]
        labels = [tracker.start(first, load_mask(clip / "first.png")), *map(tracker.step, others)]
        same = all(np.array_equal(one, two) for one, two in zip(masks, labels, strict=False))
        assert same == (other == mode)


def test_segment_takes_folders_and_patterns(clip: Path, tmp_path: Path) -> None:
    results = []
    for name, source in (("video", "clip.mp4"), ("folder", "frames"), ("pattern", "frames/*.png")):
        out = tmp_path / name
        text = finished(
            "segment", source, "-m", "first.png", "-o", out, "--outputs", "masks", "--json", *FAST, cwd=clip
        )
        report = one_object(text)
        keys = {"frames", "first", "objects", "seconds", "fps", "outputs", "truncated", "message", "warning", "damaged"}
        assert set(report) == {*keys, "states", "video"}
        assert (report["frames"], report["objects"], report["truncated"]) == (FRAMES, [3, 7], False)
        assert report["outputs"] == {"masks": str(out / "masks")}
        assert report["fps"] > 0
        assert set(report["states"]) == {"3", "7"}
        assert set(report["states"].values()) <= {"visible", "occluded", "lost"}
        assert {key: report[key] for key in report if key != "states"} == json.loads((out / "summary.json").read_text())
        assert sorted(path.name for path in (out / "masks").iterdir()) == [f"{i:05d}.png" for i in range(FRAMES)]
        results.append(masks_in(out / "masks"))
    np.testing.assert_array_equal(results[0], results[1])
    np.testing.assert_array_equal(results[0], results[2])


def test_demo(tmp_path: Path) -> None:
    report = one_object(finished("demo", "-o", tmp_path / "demo", "--json"))
    assert (report["frames"], report["objects"]) == (56, [1, 2])
    assert report["JF"] == pytest.approx((report["J"] + report["F"]) / 2)
    assert 50 < report["JF"] <= 100  # noise or the unmoved first mask gives less
    assert len(list((tmp_path / "demo" / "masks").iterdir())) == 56
    assert (tmp_path / "demo" / "overlay.mp4").exists()


@pytest.fixture(scope="module")
def davis(tmp_path_factory: pytest.TempPathFactory, sample_frames: list[np.ndarray], sample_truth: np.ndarray) -> Path:
    """A data set in the DAVIS layout: ``one`` has a binary object as DAVIS-2016, ``two`` has two as DAVIS-2017."""
    root = tmp_path_factory.mktemp("davis")
    binary = np.where(sample_truth == 1, 255, 0).astype(np.uint8)
    frames = sample_frames[:FRAMES]
    save_davis(root, {"one": (frames, binary[:FRAMES]), "two": (frames[:5], sample_truth[:5])})
    return root


def test_evaluate(davis: Path, tmp_path: Path) -> None:
    report = one_object(finished("evaluate", davis, "--model", "lite0", "--json", "-o", tmp_path / "masks", *FAST))
    assert set(report) == {"J", "F", "JF", "fps", "sequences"}
    assert list(report["sequences"]) == ["one", "two"]
    assert report["fps"] > 0
    for scores in (report, *report["sequences"].values()):
        assert {"J", "F", "JF"} <= set(scores)
        assert 0 < scores["J"] <= 100
        assert 0 < scores["F"] <= 100
        assert scores["JF"] == pytest.approx((scores["J"] + scores["F"]) / 2)
    one, two = (report["sequences"][name]["J"] for name in ("one", "two"))
    assert report["J"] == pytest.approx((one + 2 * two) / 3)  # mean over the three objects

    again = one_object(
        finished("evaluate", davis / "Annotations" / "480p", "--predictions", tmp_path / "masks", "--json")
    )
    assert again.pop("fps") is None
    assert again == {key: report[key] for key in again}

    table = finished("evaluate", davis / "Annotations" / "480p", "--predictions", tmp_path / "masks")
    lines = [line.split() for line in table.splitlines()]
    assert [line[0] for line in lines] == ["sequence", "one", "two", "mean"]
    assert lines[-1][1:] == [f"{report[key]:.1f}" for key in ("J", "F", "JF")]


def test_train_export_segment(davis: Path, clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A network that was trained and exported here is a model like any other."""
    pytest.importorskip("torch")
    options = ["--steps", "1", "--batch", "1", "--size", "64", "--workers", "0", "--threads", "1", "--json"]
    here("train", "--data", davis, "-o", tmp_path / "run", *options)
    printed = capsys.readouterr()
    assert printed.err.startswith("1/1 "), "figures are plain lines without a terminal"
    weights = one_object(printed.out)["weights"]
    here("export", weights, "-o", tmp_path / "model", "--json")
    assert one_object(capsys.readouterr().out) == {"model": str(tmp_path / "model")}
    video = (clip / "clip.mp4", "-m", clip / "first.png", "-o", tmp_path / "out")
    here("segment", *video, *FAST, "--outputs", "masks", "--model", tmp_path / "model")
    assert len(masks_in(tmp_path / "out" / "masks")) == FRAMES


def test_preview(davis: Path, tmp_path: Path) -> None:
    pytest.importorskip("cv2")
    path = tmp_path / "clips.png"
    assert one_object(finished("preview", "--data", davis, "-o", path, "--frames", "2", "--json")) == {
        "image": str(path)
    }
    assert Image.open(path).width > 2 * 2 * 256


def test_benchmark() -> None:
    options = ("--frames", "30", "--sizes", "64", "96", "--threads", "1")
    report = one_object(finished("benchmark", *options, "--json"))
    assert set(report) == {"machine", "rows"}
    assert "cores" in report["machine"]
    assert [row["name"] for row in report["rows"]] == ["lite0 64 onnxruntime", "lite0 96 onnxruntime"]
    for row in report["rows"]:
        assert {"name", "median_ms", "p90_ms", "params_m", "peak_mb"} <= set(row)
        assert 0 < row["median_ms"] <= row["p90_ms"]
        assert 0.5 < row["params_m"] < 10
        assert row["peak_mb"] > 50


def test_models() -> None:
    cards = one_object(finished("models", "--json"))["models"]
    assert "lite0" in [card["name"] for card in cards]
    lines = finished("models").splitlines()
    for card in cards:
        assert {"name", "description", "parameters_m", "megabytes", "scores", "licence"} <= set(card)
        assert {"the dev split", "DAVIS-2016 val"} <= set(card["scores"])
        assert card["megabytes"] < 8
        start = f"{card['name']}: {card['parameters_m']:.2f} M parameters, {card['megabytes']:.1f} MB"
        assert any(line.startswith(start) for line in lines)
        assert f"  {card['licence']}" in lines


def test_doctor_on_a_sound_installation() -> None:
    report = one_object(finished("doctor", "--json"))
    assert report["healthy"] is True
    assert report["packages"]["onnxruntime"]
    assert "lite0" in [model["name"] for model in report["models"]]
    for model in report["models"]:
        assert model["error"] is None
        assert model["frame_ms"] > 0


def test_doctor_on_a_broken_installation() -> None:
    done = mobilevos("doctor", without="onnxruntime")
    assert (done.returncode, done.stderr) == (1, "")
    assert [line for line in done.stdout.splitlines() if line.startswith("lite0") and "FAILS" in line]


@pytest.mark.parametrize("verb", VERBS)
def test_help(verb: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    here(verb, "--help")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"Usage: mobilevos {verb} ")
    assert any("--json" in line for line in lines)
    examples = [line.removeprefix("Example: ") for line in lines if line.startswith("Example: ")]
    assert examples
    for example in examples:
        program, *words = shlex.split(example)
        command, bound, _ = app.parse_args(words, exit_on_error=False, print_error=False)
        assert (program, command) == ("mobilevos", app[verb].default_command)
        assert bound.args or bound.kwargs or words == [verb], "the whole example must stand on one line of 80 columns"


def test_examples_of_segment_run_as_they_are(clip: Path, tmp_path: Path) -> None:
    for name in ("clip.mp4", "first.png"):
        (tmp_path / name).symlink_to(clip / name)
    save_frames(tmp_path / "frames", open_frames(clip / "clip.mp4"), ".jpg")
    (tmp_path / "fifth.png").symlink_to(clip / "first.png")
    (tmp_path / "corrections").mkdir()
    (tmp_path / "corrections" / "00002.png").symlink_to(clip / "first.png")
    docstring = app["segment"].help
    examples = [line.strip() for line in docstring.splitlines() if line.strip().startswith("Example: ")]
    assert len(examples) == 7
    for example in examples:
        done = mobilevos(*shlex.split(example.removeprefix("Example: mobilevos ")), *FAST, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert not done.stderr or ("--auto" in example and "not sure" in done.stderr)


def test_overview_and_version() -> None:
    overview = finished()
    assert overview == finished("--help")
    assert all(f" {verb} " in overview for verb in VERBS)
    assert finished("--version") == "0.1.0\n"
