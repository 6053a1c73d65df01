"""A name is a name, whatever it looks like; and one that the console cannot show ends no command."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from command import environment, mobilevos, save_davis, save_frames
from mobilevos.effects.cutout import Cutout
from mobilevos.effects.render import render
from mobilevos.effects.replace import Replace, pictures
from mobilevos.errors import InputError, OutputError
from mobilevos.formats.registry import FORMATS
from mobilevos.segment import segment
from mobilevos.video.address import existing_path, local_path
from mobilevos.video.masks import save_palette_png
from mobilevos.video.reader import open_frames
from mobilevos.video.writer import VideoWriter
from talkie import look, save_talkie
from waiting import PATIENCE

HEIGHT, WIDTH, COUNT = 48, 64, 4
FAST = ("--size", "64", "--threads", "1")
ODD = ["2026-01-05T10:30:00", "http:", "pipe:1", "concat:a|b", "file:x", "data:,a", "-", "100% %d [a]"]


@pytest.fixture
def folder(tmp_path: Path, sample_frames: list[np.ndarray]) -> Path:
    """A short clip with sound, and its mask."""
    save_talkie(tmp_path / "clip.mp4", times=[index / 24 for index in range(COUNT)], sounds=(0.0, 0.5))
    labels = np.zeros((HEIGHT, WIDTH), np.uint8)
    labels[10:30, 10:40] = 1
    save_palette_png(tmp_path / "mask.png", labels)
    return tmp_path


class Whole:
    """Everything is the object."""

    def start(self, frame: np.ndarray, mask: np.ndarray) -> np.ndarray:
        return self.step(frame)

    add = step = lambda self, frame: np.ones(frame.shape[:2], np.uint8)


@pytest.mark.parametrize("name", ODD)
def test_names_that_look_like_something_else(folder: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Videos, masks, backgrounds and every output, by relative names."""
    monkeypatch.chdir(folder)
    shutil.copy("clip.mp4", f"{name}.mp4")
    shutil.copy("mask.png", f"{name}.png")
    segment(f"{name}.mp4", f"{name}.png", name, tracker=Whole(), outputs=("masks", "overlay"))
    assert len(list((Path(name) / "masks").iterdir())) == COUNT
    assert len(list(open_frames(Path(name) / "overlay.mp4"))) == COUNT
    for made in (f"{name}.webm", f"{name}.mov"):
        render(f"{name}.mp4", f"{name}/masks", made, effect=Cutout(), tracker=None)
        assert look(Path(made).absolute()).codec is not None
        assert len(list(open_frames(made))) == COUNT
    for background in (f"{name}.mp4", f"{name}.png"):
        effect = Replace(pictures(background))
        render(f"{name}.mp4", f"{name}/masks", f"{name} new.mp4", effect=effect, tracker=None)
        assert len(list(open_frames(f"{name} new.mp4"))) == COUNT


def test_file_addresses(folder: Path) -> None:
    (folder / "a b#c.mp4").write_bytes((folder / "clip.mp4").read_bytes())
    for address in (
        f"file://{folder}/a%20b%23c.mp4",
        f"file://localhost{folder}/a b#c.mp4",
        f"FILE://{folder}/clip.mp4",
    ):
        assert len(list(open_frames(address))) == COUNT
    save_frames(folder / "frames", [np.zeros((8, 8, 3), np.uint8)] * 3)
    assert len(list(open_frames(f"file://{folder}/frames"))) == 3
    assert len(list(open_frames(f"file://{folder}/frames/*.png"))) == 3
    done = mobilevos(
        "segment", f"file://{folder}/clip.mp4", "-m", f"file://{folder}/mask.png", "-o", f"file://{folder}/out", *FAST
    )
    assert done.returncode == 0, done.stderr
    assert len(list((folder / "out" / "masks").iterdir())) == COUNT


@pytest.mark.parametrize("address", ["https://video.invalid/a b.mp4?x=1", "s3://bucket/a.mp4", "file://server/a.mp4"])
def test_addresses_of_something_elsewhere_are_refused_as_typed(address: str) -> None:
    fetched = address.startswith("https:")
    for read in (local_path, existing_path) if fetched else (open_frames, local_path, existing_path):
        with pytest.raises(InputError) as caught:
            read(address)
        assert str(caught.value).startswith(f"{address} is an address")


@pytest.mark.parametrize(
    "arguments",
    [
        ("segment", "{}", "-m", "mask.png"),
        ("segment", "clip.mp4", "-m", "{}"),
        ("segment", "clip.mp4", "-m", "mask.png", "-o", "{}"),
        ("blur", "{}", "-m", "mask.png"),
        ("blur", "clip.mp4", "--masks", "{}"),
        ("inpaint", "clip.mp4", "-m", "mask.png", "-o", "{}"),
        ("replace", "clip.mp4", "-m", "mask.png", "--background", "{}"),
        ("evaluate", "{}"),
        ("evaluate", "frames", "--predictions", "{}"),
        ("live", "clip.mp4", "-m", "{}", "--no-window"),
        ("live", "clip.mp4", "-m", "mask.png", "--no-window", "-o", "{}"),
    ],
    ids=lambda arguments: " ".join(arguments),
)
def test_every_command_names_the_address_as_typed(folder: Path, arguments: tuple[str, ...]) -> None:
    address = "https://video.invalid/a.mp4" if "-o" in arguments else "file:///nowhere/a.mp4"
    done = mobilevos(*(argument.format(address) for argument in arguments), cwd=folder)
    assert done.returncode == 2
    assert address in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_a_path_that_looks_like_an_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("http:/a").mkdir(parents=True)
    with VideoWriter("http:/a/clip.mp4", 24, (HEIGHT, WIDTH)) as writer:  # type: ignore[arg-type]
        writer.write(np.zeros((HEIGHT, WIDTH, 3), np.uint8))
    assert len(list(open_frames("http://a/clip.mp4"))) == 1


@pytest.mark.parametrize("kind", sorted(name for name, known in FORMATS.items() if known.write and name != "exr"))
def test_names_that_are_no_text(tmp_path: Path, kind: str) -> None:
    """Of folders and frames, in every format; twice, as the second run removes what the first one wrote."""
    odd = os.fsdecode(b"\xff\n\xc3\xa9")
    frames, out = tmp_path / f"f{odd}", tmp_path / f"out{odd}"
    save_frames(frames, [np.zeros((HEIGHT, WIDTH, 3), np.uint8)] * 2)
    for path in list(frames.iterdir()):
        path.rename(frames / f"a{odd}{path.name}")
    save_palette_png(tmp_path / "mask.png", np.eye(HEIGHT, WIDTH, dtype=np.uint8))
    segment(frames, tmp_path / "mask.png", out, tracker=Whole(), outputs=(kind,))
    assert len([path for path in out.rglob("*") if path.is_file()]) >= 3
    (frames / f"a{odd}00001.png").unlink()
    segment(frames, tmp_path / "mask.png", out, tracker=Whole(), outputs=(kind,))
    assert not list(out.rglob("a*00001.*"))


def test_a_folder_that_openexr_cannot_name(tmp_path: Path) -> None:
    save_frames(tmp_path / "frames", [np.zeros((HEIGHT, WIDTH, 3), np.uint8)] * 2)
    save_palette_png(tmp_path / "mask.png", np.eye(HEIGHT, WIDTH, dtype=np.uint8))
    out = tmp_path / os.fsdecode(b"\xff")
    with pytest.raises(OutputError, match="is no text in UTF-8, as OpenEXR needs it"):
        segment(tmp_path / "frames", tmp_path / "mask.png", out, tracker=Whole(), outputs=("exr",))


def shown(*arguments: str | bytes, cwd: Path, encoding: str = "cp1252") -> subprocess.CompletedProcess[bytes]:
    """Run a command whose output goes to a file or log of an encoding."""
    return subprocess.run(
        [sys.executable, "-m", "mobilevos", *arguments],
        cwd=cwd,
        env={**environment(), "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )


@pytest.mark.parametrize(
    ("name", "encoding"),
    [("魚", "cp1252"), ("é", "ascii"), (os.fsdecode(b"\xff\xfe"), "utf-8"), ("[red] :fish:", "utf-8")],
)
def test_names_that_the_console_cannot_show(folder: Path, name: str, encoding: str) -> None:
    shutil.copy(folder / "clip.mp4", folder / f"{name}.mp4")
    save_davis(folder / "davis", {name: ([np.zeros((HEIGHT, WIDTH, 3), np.uint8)] * 3, [np.eye(HEIGHT, WIDTH)] * 3)})
    (folder / "davis" / "Annotations").rename(folder / "truth")
    truth = "truth/480p"
    for arguments in (
        ("segment", f"{name}.mp4", "-m", "mask.png", "-o", f"out {name}", *FAST),
        ("evaluate", truth, "--predictions", truth),
    ):
        done = shown(*arguments, cwd=folder, encoding=encoding)
        assert done.returncode == 0, done.stderr
        assert done.stderr == b""
        told = done.stdout.decode(encoding)
        if name.isascii():
            assert name in told
    done = shown("segment", f"{name} none.mp4", "-m", "mask.png", cwd=folder, encoding=encoding)
    assert done.returncode == 2
    assert done.stderr.startswith(b"mobilevos: ")
    assert done.stderr.count(b"\n") == 1
