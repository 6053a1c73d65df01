"""No command writes over, or removes, what it reads; an output folder holds one run's results."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from command import mobilevos, save_frames
from mobilevos.effects import Blur, Cutout, Replace
from mobilevos.effects.render import render
from mobilevos.effects.replace import pictures
from mobilevos.errors import InputError
from mobilevos.evaluation import evaluate, find_sequences
from mobilevos.formats.convert import convert
from mobilevos.segment import segment
from mobilevos.video.masks import palette_image, save_palette_png
from mobilevos.video.results import save_result
from mobilevos.video.writer import VideoWriter

HEIGHT, WIDTH, COUNT = 32, 48, 5


class Still:
    """Answers with what it was given."""

    def start(self, frame: np.ndarray, mask: np.ndarray) -> np.ndarray:
        self.labels = mask
        return mask

    def step(self, frame: np.ndarray) -> np.ndarray:
        return self.labels

    def add(self, mask: np.ndarray) -> np.ndarray:
        return self.labels


def labels() -> np.ndarray:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[8:20, 8:20] = 1
    return mask


def frames(count: int = COUNT) -> list[np.ndarray]:
    return [np.full((HEIGHT, WIDTH, 3), 20 * index, np.uint8) for index in range(count)]


def video(path: Path, count: int = COUNT) -> Path:
    path.parent.mkdir(exist_ok=True)
    with VideoWriter(path, 24, (HEIGHT, WIDTH)) as writer:
        for frame in frames(count):
            writer.write(frame)
    return path


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """``frames/``, ``masks/`` of all frames, ``clip.mp4``, ``mask.png`` and ``sea/`` in the working directory."""
    save_frames(tmp_path / "frames", frames())
    save_frames(tmp_path / "sea", frames())
    video(tmp_path / "clip.mp4")
    (tmp_path / "masks").mkdir()
    save_palette_png(tmp_path / "mask.png", labels())
    for index in range(COUNT):
        save_palette_png(tmp_path / "masks" / f"{index:05d}.png", labels())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def snapshot(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def links(folder: str, to: str, make: Callable[[Path, Path], None]) -> None:
    Path(folder).mkdir()
    for path in Path(to).iterdir():
        make(path.resolve(), Path(folder) / path.name)


def soft_link(target: Path, link: Path) -> None:
    link.symlink_to(target)


def hard_link(target: Path, link: Path) -> None:
    os.link(target, link)


SEGMENT = [
    ("masks", "mask.png", ".", ("masks",), None),
    ("frames", "masks", ".", ("masks",), None),
    ("frames", "masks/00003.png", ".", ("masks",), None),
    ("frames", "masks", "sub/..", ("masks",), lambda: Path("sub").mkdir()),
    ("frames", "masks", "there", ("masks",), lambda: Path("there").symlink_to(".")),
    ("frames", "given", ".", ("masks",), lambda: Path("given").symlink_to("masks")),
    ("frames", "given", ".", ("masks",), lambda: links("given", "masks", soft_link)),
    ("frames", "given", ".", ("masks",), lambda: links("given", "masks", hard_link)),
    ("overlay.mp4", "mask.png", ".", ("overlay",), lambda: shutil.copy("clip.mp4", "overlay.mp4")),
    ("clip.mp4", "mask.png", ".", ("overlay",), lambda: Path("overlay.mp4").symlink_to("clip.mp4")),
    ("clip.mp4", "mask.png", ".", ("overlay",), lambda: os.link("clip.mp4", "overlay.mp4")),
    ("Overlay.mp4", "mask.png", ".", ("overlay",), lambda: shutil.copy("clip.mp4", "Overlay.mp4")),
    ("rgba/*.png", "mask.png", ".", ("rgba",), lambda: shutil.copytree("frames", "rgba")),
    (
        "pictures",
        "mask.png",
        ".",
        ("rgba",),
        lambda: (shutil.copytree("frames", "rgba"), links("pictures", "rgba", soft_link)),
    ),
    (
        "clip.mp4",
        "youtube-vos/Annotations/clip",
        ".",
        ("youtube-vos",),
        lambda: shutil.copytree("masks", "youtube-vos/Annotations/clip"),
    ),
    (
        "training/JPEGImages/clip",
        "mask.png",
        ".",
        ("training",),
        lambda: shutil.copytree("frames", "training/JPEGImages/clip"),
    ),
    (
        "clip.mp4",
        "masks",
        ".",
        ("davis2017",),
        lambda: (Path("davis2017").mkdir(), Path("davis2017/clip").symlink_to(Path("masks").resolve())),
    ),
    ("yolo/images/train", "mask.png", ".", ("yolo",), lambda: shutil.copytree("frames", "yolo/images/train")),
    ("mattes/object_1", "mask.png", ".", ("mattes",), lambda: shutil.copytree("frames", "mattes/object_1")),
]


@pytest.mark.parametrize(("source", "mask", "out", "outputs", "prepare"), SEGMENT)
def test_segment(here: Path, source: str, mask: str, out: str, outputs: tuple[str, ...], prepare) -> None:  # type: ignore[no-untyped-def]
    if prepare is not None:
        prepare()
    before = snapshot(here)
    with pytest.raises(InputError, match=r"would overwrite the input .*\.$"):
        segment(source, mask, out, tracker=Still(), outputs=outputs)
    assert snapshot(here) == before


EFFECTS = [
    ("frames", "frames", None),
    ("frames/*.png", "frames", None),
    ("frames/*.png", "./sea/../frames", None),
    ("frames", "there", lambda: Path("there").symlink_to("frames")),
    ("given", "frames", lambda: links("given", "frames", soft_link)),
    ("given/*.png", "frames", lambda: links("given", "frames", hard_link)),
    ("clip.mp4", "clip.mp4", None),
    ("clip.mp4", "CLIP.mp4", None),
    ("clip.mp4", "there/clip.mp4", lambda: Path("there").symlink_to(".")),
    ("given.mp4", "clip.mp4", lambda: Path("given.mp4").symlink_to("clip.mp4")),
    ("clip.mp4", "masks", None),
    ("clip.mp4", "sea", None),
    ("clip.mp4", "sea.mp4", lambda: shutil.copy("clip.mp4", "sea.mp4")),
]


@pytest.mark.parametrize(("source", "out", "prepare"), EFFECTS)
def test_effects(here: Path, source: str, out: str, prepare) -> None:  # type: ignore[no-untyped-def]
    if prepare is not None:
        prepare()
    before = snapshot(here)
    background = "sea.mp4" if out == "sea.mp4" else "sea"
    with pytest.raises(InputError, match="would overwrite the input"):
        render(source, "masks", out, effect=Replace(pictures(background)), tracker=None, also_read=(background,))
    assert snapshot(here) == before


@pytest.mark.parametrize(
    "arguments", ["clip.mp4 --background sea.mp4 -o sea.mp4", "clip.mp4 --background sea/*.png -o sea"]
)
def test_the_background_of_the_command(here: Path, arguments: str) -> None:
    shutil.copy("clip.mp4", "sea.mp4")
    before = snapshot(here)
    result = mobilevos("replace", *arguments.split(), "--masks", "masks", cwd=here)
    assert (result.returncode, result.stderr.count("\n")) == (2, 1), result.stderr
    assert "would overwrite the input sea" in result.stderr
    assert snapshot(here) == before


def test_conversion_to_folders_within_a_folder(here: Path) -> None:
    shutil.copytree("masks", "set/Annotations/clip")
    before = snapshot(here)
    with pytest.raises(InputError, match="would overwrite the input"):
        convert("set/Annotations/clip", "youtube-vos", "set")
    assert snapshot(here) == before
    convert("masks", "youtube-vos", ".")
    assert sorted(Path("Annotations").rglob("*.png"))
    assert snapshot(here).items() >= before.items()


def test_results_that_are_given_as_masks(here: Path) -> None:
    """Of an output folder, ``masks/`` is read; of labelme's, its JSON files."""
    segment("frames", "mask.png", "run", tracker=Still(), outputs=("masks", "overlay"))
    convert("run", "labelme", "pages", video="frames")
    before = snapshot(here)
    for attempt in (
        lambda: convert("run", "masks", "run/masks"),
        lambda: convert("run", "masks"),
        lambda: convert("run/sub/..", "rgba", "run/masks", video="frames"),
        lambda: convert("pages", "coco", "pages/00001.json"),
        lambda: segment("frames", "run", "run", tracker=Still(), outputs=("rle",)),
        lambda: render("frames", "run", "run/masks", effect=Blur(), tracker=None),
    ):
        Path("run/sub").mkdir(exist_ok=True)
        with pytest.raises(InputError, match="would overwrite the input"):
            attempt()
        assert snapshot(here) == before
    for _ in range(2):
        convert("run", "rgba", video="frames")
        convert("run", "coco")
        convert("pages", "coco", "pages.json")


@pytest.mark.parametrize("events", ["jobs.jsonl", "clip.mp4", "mask.png"])
def test_events_of_a_batch(here: Path, events: str) -> None:
    """They are added to those of an earlier run, and to nothing else."""
    Path("jobs.jsonl").write_text('{"id": "a", "video": "clip.mp4", "mask": "mask.png"}\n')
    before = snapshot(here)
    result = mobilevos("batch", "jobs.jsonl", "-o", "out", "--events", events, cwd=here)
    assert (result.returncode, result.stderr.count("\n")) == (2, 1), result.stderr
    assert f"{events} holds something else than events" in result.stderr
    assert snapshot(here) == before


def test_the_list_of_jobs_of_what_is_merged(here: Path) -> None:
    Path("jobs.jsonl").write_text('{"id": "a", "video": "clip.mp4", "mask": "mask.png"}\n')
    Path("out").mkdir()
    Path("out/batch.json").write_text(json.dumps({"jobs": str(here / "jobs.jsonl")}))
    before = snapshot(here)
    result = mobilevos("batch", "merge", "out", "-o", "jobs.jsonl", cwd=here)
    assert (result.returncode, result.stderr.count("\n")) == (2, 1), result.stderr
    assert "would overwrite the input" in result.stderr
    assert snapshot(here) == before


@pytest.mark.parametrize("out", ["set/Annotations/480p", "set/JPEGImages/480p", "there"])
def test_predictions(here: Path, out: str) -> None:
    for kind, given in (("JPEGImages", "frames"), ("Annotations", "masks")):
        shutil.copytree(given, f"set/{kind}/480p/clip")
    Path("there").symlink_to("set/Annotations/480p")
    before = snapshot(here)
    with pytest.raises(InputError, match="would overwrite the input"):
        evaluate(find_sequences("set"), Still, out=out)
    assert snapshot(here) == before


@pytest.mark.parametrize(
    "arguments",
    [
        "live clip.mp4 -m mask.png --no-window -o clip.mp4",
        "visualize frames -m mask.png -o mask.png",
        "benchmark --video clip.mp4 -m mask.png --report mask.png",
        "export lite0 --clip sea -m mask.png -o sea",
        "train --data set --init run/best.safetensors -o run",
        "distill --teacher run/raw.safetensors --data set -o run",
        "preview --data set -o set/masks/00000.png",
        "average run/best.safetensors run/raw.safetensors -o run/raw.safetensors",
        "import-stcn run/best.safetensors -o run/best.safetensors",
    ],
)
def test_other_commands(here: Path, arguments: str) -> None:
    for kind, given in (("images", "frames"), ("masks", "masks")):
        shutil.copytree(given, f"set/{kind}")
    Path("run").mkdir()
    for name in ("best", "raw"):
        Path(f"run/{name}.safetensors").write_bytes(b"weights")
    before = snapshot(here)
    result = mobilevos(*arguments.split(), cwd=here)
    assert (result.returncode, result.stderr.count("\n")) == (2, 1), result.stderr
    assert "would overwrite the input" in result.stderr
    assert snapshot(here) == before


# One run's results


def names(folder: str) -> list[str]:
    return sorted(path.name for path in Path(folder).iterdir())


def test_earlier_results_go(here: Path) -> None:
    segment("frames", "mask.png", "out", tracker=Still(), outputs=("masks", "rgba", "overlay", "rle"))
    Path("out/masks/notes.txt").write_text("mine")
    shutil.copy("out/masks/00004.png", "out/masks/best.png")
    save_palette_png("out/masks/00009.png", labels())
    segment(video(here / "short.mp4", 3), "mask.png", "out", tracker=Still(), outputs=("masks",))
    assert names("out") == ["masks", "objects.jsonl", "summary.json"]
    assert names("out/masks") == ["00000.png", "00001.png", "00002.png", "00009.png", "best.png", "notes.txt"]


def test_earlier_results_stay_if_the_run_is_refused(here: Path) -> None:
    segment("frames", "mask.png", "out", tracker=Still(), outputs=("masks", "rle"))
    before = snapshot(here)
    with pytest.raises(InputError):
        segment("frames", "masks", "out", tracker=Still(), start=2)
    with pytest.raises(InputError, match="would overwrite the input"):
        segment("sea", "out/masks/00003.png", "out", tracker=Still(), outputs=("rle",))
    assert snapshot(here) == before


def test_earlier_pictures_of_effects_go(here: Path) -> None:
    render("frames", "masks", "out", effect=Blur(), tracker=None)
    Path("out/cover.png").write_bytes(Path("out/00001.png").read_bytes())
    render(video(here / "short.mp4", 2), "mask.png", "out", effect=Cutout(), tracker=None)
    assert names("out") == ["00000.png", "00001.png", "cover.png"]
    assert Image.open("out/00001.png").mode == "RGBA"


def test_earlier_predictions_go(here: Path) -> None:
    for clip in "ab":
        for kind, given in (("JPEGImages", "frames"), ("Annotations", "masks")):
            shutil.copytree(given, f"set/{kind}/{clip}")
    evaluate(find_sequences("set"), Still, out="out")
    Path("out/b/mine.png").write_bytes(b"mine")
    for kind in ("JPEGImages", "Annotations"):
        shutil.rmtree(f"set/{kind}/b")
        Path(f"set/{kind}/a/00004.png").unlink()
    evaluate(find_sequences("set"), Still, out="out")
    assert names("out/a") == [f"{index:05d}.png" for index in range(COUNT - 1)]
    assert names("out/b") == ["mine.png"]


def test_a_link_to_a_result_is_not_removed(here: Path) -> None:
    save_result(Path("kept/00008.png"), palette_image(labels()))
    Path("out/masks").mkdir(parents=True)
    Path("out/masks/00008.png").symlink_to(Path("kept/00008.png").resolve())
    segment("frames", "mask.png", "out", tracker=Still(), outputs=("masks",))
    assert Path("out/masks/00008.png").is_symlink()
    assert names("kept") == ["00008.png"]
