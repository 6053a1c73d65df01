"""The whole job of the verbs for effects, from files to files."""

import json
import warnings
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from moving_camera import HEIGHT, WIDTH, clip
from PIL import Image

from colour_runtime import ColourRuntime
from command import mobilevos, save_frames
from mobilevos import sample
from mobilevos.effects import Blur, Cutout, Inpaint, Replace
from mobilevos.effects.render import render
from mobilevos.effects.replace import colour
from mobilevos.errors import Advice, InputError, OutputError, TruncatedVideo
from mobilevos.tracker import Tracker
from mobilevos.video.alpha_video import AlphaWriter
from mobilevos.video.masks import save_palette_png
from mobilevos.video.reader import open_frames
from mobilevos.video.writer import VideoWriter
from stage_threads import stage_threads

COUNT = 12


@pytest.fixture(autouse=True)
def _no_thread_outlives_the_call() -> Iterator[None]:
    yield
    assert stage_threads() == []


@pytest.fixture
def video(tmp_path: Path) -> Path:
    frames, _, masks = clip(COUNT)
    (tmp_path / "masks").mkdir()
    with VideoWriter(tmp_path / "clip.mp4", Fraction(24), (HEIGHT, WIDTH)) as writer:
        for index, (frame, mask) in enumerate(zip(frames, masks, strict=True)):
            writer.write(frame)
            save_palette_png(tmp_path / "masks" / f"{index:05d}.png", (mask > 0.5).astype(np.uint8))
    return tmp_path / "clip.mp4"


def pictures(path: Path, codec: str | None = None) -> list[np.ndarray]:
    """RGBA frames of a video; FFmpeg's own VP9 decoder drops alpha."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        decoder = stream.codec_context if codec is None else av.CodecContext.create(codec, "r")
        return [f.to_ndarray(format="rgba") for packet in container.demux(stream) for f in decoder.decode(packet)]


def test_a_video_and_its_masks_become_a_video(video: Path) -> None:
    out = video.parent / "deep" / "clean.mp4"
    seen: list[tuple[int, int | None]] = []
    summary = render(
        video, video.parent / "masks", out, effect=Inpaint(4), tracker=None, progress=lambda *at: seen.append(at)
    )
    results = list(open_frames(out))
    assert len(results) == summary.frames == COUNT
    assert seen[-1] == (COUNT, COUNT)
    assert summary.objects == [1]
    assert summary.outputs == {"video": str(out)}
    given, _, masks = clip(COUNT)
    for result, frame, mask in zip(results, given, masks, strict=True):
        assert (result[mask > 0.9][:, 0] > 170).mean() < 0.2 < (frame[mask > 0.9][:, 0] > 170).mean()
    assert sorted(path.name for path in out.parent.iterdir()) == ["clean.mp4"]


def test_the_first_mask_is_tracked(video: Path) -> None:
    out = video.parent / "green"
    tracker = Tracker(runtime=ColourRuntime(), size=128)
    first = video.parent / "masks" / "00000.png"
    render(video, first, out, effect=Replace(colour("lime")), tracker=tracker)
    names = [f"{index:05d}.png" for index in range(COUNT)]
    assert sorted(path.name for path in out.iterdir()) == names
    for name, mask in zip(names, clip(COUNT)[2], strict=True):
        result = np.asarray(Image.open(out / name))
        assert (result[mask < 0.01] == (0, 255, 0)).all(1).mean() > 0.97
        assert (result[mask > 0.99] == (0, 255, 0)).all(1).mean() < 0.05


@pytest.mark.parametrize(("suffix", "codec"), [(".webm", "libvpx-vp9"), (".mov", None), ("", None)])
def test_transparency_opens_again(video: Path, suffix: str, codec: str | None) -> None:
    out = video.parent / f"cut{suffix}"
    summary = render(video, video.parent / "masks", out, effect=Cutout(), tracker=None)
    if suffix:
        results = pictures(out, codec)
    else:
        results = [np.asarray(Image.open(path)) for path in sorted(out.iterdir())]
        assert summary.outputs == {"frames": str(out)}
    assert len(results) == COUNT
    for result, mask in zip(results, clip(COUNT)[2], strict=True):
        assert result.shape == (HEIGHT, WIDTH, 4)
        assert (result[..., 3][mask > 0.99] > 230).mean() > 0.97
        assert (result[..., 3][mask < 0.01] < 20).mean() > 0.97


def test_frames_before_the_first_mask_are_left_alone(video: Path) -> None:
    only = video.parent / "masks"
    for index in range(6):
        (only / f"{index:05d}.png").unlink()
    out = video.parent / "frames"
    render(video, only, out, effect=Inpaint(3), tracker=Tracker(runtime=ColourRuntime(), size=128))
    for index, frame in enumerate(open_frames(video)):
        same = (np.asarray(Image.open(out / f"{index:05d}.png")) == frame).all()
        assert same == (index < 6)


def test_a_broken_video_leaves_what_was_finished(video: Path) -> None:
    data = video.read_bytes()
    broken = video.with_name("cut.mp4")
    broken.write_bytes(data[: int(len(data) * 0.7)])
    out = video.parent / "out.mp4"
    with pytest.raises(TruncatedVideo) as error:
        render(broken, video.parent / "masks", out, effect=Inpaint(5), tracker=None)
    assert 0 < error.value.frames_read == len(list(open_frames(out))) < COUNT


def test_an_effect_that_fails_leaves_what_was_finished(video: Path) -> None:
    class Failing(Blur):
        calls = 0

        def __call__(self, frame: np.ndarray, soft: np.ndarray) -> np.ndarray:
            self.calls += 1
            if self.calls == 5:
                raise RuntimeError("stop")
            return super().__call__(frame, soft)

    out = video.parent / "out.mp4"
    with pytest.raises(RuntimeError, match="stop"):
        render(video, video.parent / "masks", out, effect=Failing(), tracker=None)
    assert len(list(open_frames(out))) == 4


@pytest.mark.parametrize(
    ("name", "transparent", "message"),
    [
        ("out.mp4", True, "cannot be transparent"),
        ("out.webm", False, "no .mp4, .mkv, .avi or .gif file"),
        ("out.gif", True, "cannot be transparent"),
        ("out.txt", True, "no .webm or .mov file"),
        ("clip.mp4", False, "overwrite the input"),
    ],
)
def test_outputs_that_cannot_be(video: Path, name: str, transparent: bool, message: str) -> None:
    before = sorted(video.parent.iterdir())
    effect = Cutout() if transparent else Blur()
    with pytest.raises(InputError, match=message):
        render(video, video.parent / "masks", video.parent / name, effect=effect, tracker=None)
    assert sorted(video.parent.iterdir()) == before


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_every_container_opens_again(video: Path, suffix: str) -> None:
    out = video.parent / f"clean{suffix}"
    render(video, video.parent / "masks", out, effect=Blur(), tracker=None)
    with av.open(str(out)) as container:
        assert container.streams.video[0].codec_context.name == "h264"
    assert len(list(open_frames(out))) == COUNT


@pytest.mark.parametrize("gone", [[], [4], [2, 7, 11]])
def test_masks_that_lack_frames_are_told(video: Path, gone: list[int]) -> None:
    masks = video.parent / "masks"
    save_palette_png(masks / "00001.png", np.zeros((HEIGHT, WIDTH), np.uint8))  # nothing in sight is no gap
    for index in gone:
        (masks / f"{index:05d}.png").unlink()
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        render(video, masks, video.parent / "blur.mp4", effect=Blur(), tracker=None)
    said = [str(warning.message) for warning in told if issubclass(warning.category, Advice)]
    assert len(said) == bool(gone)
    if gone:
        number = "1 frame has" if len(gone) == 1 else f"{len(gone)} frames have"
        assert said[0].startswith(f"{number} no mask in {masks}, the first one being {gone[0]}")


def test_masks_beyond_the_end_are_told(video: Path) -> None:
    """As where they are numbered from 1."""
    masks = video.parent / "masks"
    last = max(masks.iterdir())
    last.rename(masks / "00999.png")
    with pytest.warns(Advice, match=f"has no frame 999, to which a mask in {masks} belongs"):
        render(video, masks, video.parent / "blur.mp4", effect=Blur(), tracker=None)


@pytest.mark.parametrize("suffix", [".webm", ".mov"])
def test_alpha_video_of_odd_size_or_none(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    with AlphaWriter(path, Fraction(30000, 1001), (33, 47)) as writer:
        writer.write(np.full((33, 47, 4), 200, np.uint8))
        with pytest.raises(OutputError, match="takes RGBA frames of 47x33"):
            writer.write(np.zeros((33, 47, 3), np.uint8))
    assert next(iter(open_frames(path))).shape == (34, 48, 3)
    with AlphaWriter(tmp_path / f"none{suffix}", Fraction(24), (32, 32)):
        pass
    with pytest.raises(OutputError):
        AlphaWriter(tmp_path / "missing" / f"a{suffix}", Fraction(24), (32, 32))
    assert list(tmp_path.iterdir()) == [path]


# --- the commands


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight frames of the sample as images."""
    folder = tmp_path_factory.mktemp("short")
    save_frames(folder / "frames", [frame for frame, _ in zip(open_frames(sample.clip_path()), range(8), strict=False)])
    return folder


@pytest.mark.parametrize(
    ("arguments", "name", "frames"),
    [
        ("inpaint --look-ahead 3", "a.mp4", 8),
        ("cutout", "cutout.webm", 8),
        ("cutout --background green", "cutout.mp4", 8),
        ("blur --strength 4", "blur.mp4", 8),
        ("replace --background frames", "replace.mp4", 8),
    ],
)
def test_commands(short: Path, arguments: str, name: str, frames: int) -> None:
    verb, *rest = arguments.split()
    given = ["-o", name] if name == "a.mp4" else []
    result = mobilevos(
        verb, "frames", "-m", sample.mask_path(), *rest, *given, "--size", "64", "--threads", "1", "--json", cwd=short
    )
    assert result.returncode == 0, result.stderr
    summary = json.loads(result.stdout)
    assert summary["frames"] == frames
    assert summary["objects"] == [1, 2]
    assert summary["outputs"] == {"video": name}
    assert len(list(open_frames(short / name))) == frames


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("inpaint frames", "--mask FIRST.png or by --masks FOLDER"),
        ("inpaint frames --masks first.png", "is one mask; give a folder"),
        ("blur frames --masks frames --strength 90", "percent"),
        ("cutout frames --masks frames --background grun", "no colour 'grun'"),
        ("cutout frames --masks frames -o a.mp4", "cannot be transparent"),
        ("replace frames --masks frames --background none.jpg", "none.jpg does not exist"),
        ("inpaint none.mp4 --masks frames", "none.mp4 does not exist"),
    ],
)
def test_mistakes_are_one_sentence(short: Path, arguments: str, message: str) -> None:
    result = mobilevos(*arguments.split(), cwd=short)
    assert result.returncode == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.stderr
