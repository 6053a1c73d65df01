"""What goes into the page and comes out of it as files."""

import io
import json
import zipfile
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from mobilevos import sample
from mobilevos.video import rle
from mobilevos.video.palette import PALETTE
from mobilevos.video.reader import open_frames


@pytest.fixture
def page(tab):
    tab.problems.clear()
    yield tab
    assert not tab.problems


def write_numbered(path: Path, codec: str, frames: int, options: dict[str, str]) -> None:
    """A video whose frame n is grey of brightness 16 + 6 n."""
    with av.open(path, "w") as container:
        stream = container.add_stream(codec, rate=Fraction(30000, 1001))
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.options = options
        for index in range(frames):
            picture = np.full((48, 64, 3), 16 + 6 * index, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def brightness(page, index: int) -> float:
    return page.page.evaluate(
        """async (index) => {
            const frame = await mobilevos.source.frame(index);
            const context = new OffscreenCanvas(64, 48).getContext("2d");
            context.drawImage(frame, 0, 0);
            frame.close();
            return context.getImageData(32, 24, 1, 1).data[1];
        }""",
        index,
    )


@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [
        ("b-frames.mp4", "libx264", {"bf": "3", "g": "12", "crf": "12"}),
        ("fast-start.mov", "libx264", {"bf": "2", "g": "8", "crf": "12"}),
        ("clip.webm", "libvpx-vp9", {"g": "10", "crf": "12", "b": "0"}),
        ("clip.mkv", "libx264", {"bf": "3", "g": "12", "crf": "12"}),
    ],
)
def test_every_frame_is_exact_forward_and_by_jumps(page, tmp_path, name, codec, options):
    path = tmp_path / name
    write_numbered(path, codec, 30, options)
    page.open_files(path)
    assert page.page.evaluate("[mobilevos.source.exact, mobilevos.source.count]") == [True, 30]
    assert page.page.evaluate("mobilevos.source.fps") == pytest.approx(29.97, abs=0.05)
    for index in (*range(30), 3, 29, 28, 0, 17, 18, 5, 11, 12):
        assert brightness(page, index) == pytest.approx(16 + 6 * index, abs=2.9), index


def test_pictures_are_taken_in_their_order(page, tmp_path):
    paths = [tmp_path / f"frame{number}.png" for number in (10, 9, 2)]
    for path, grey in zip(paths, (90, 60, 30), strict=True):
        Image.new("RGB", (64, 48), (grey, grey, grey)).save(path)
    page.open_files(*paths, chooser="#image-files")
    assert [brightness(page, index) for index in range(3)] == [30, 60, 90]


def test_a_picture_of_another_size_is_named(page, tmp_path):
    for number, size in enumerate([(64, 48), (60, 48)]):
        Image.new("RGB", size).save(tmp_path / f"{number}.png")
    page.open_files(tmp_path / "0.png", tmp_path / "1.png", chooser="#image-files")
    page.press("End")
    assert page.message() == "1.png is 60 × 48 pixels, but the first picture is 64 × 48; all must agree."


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "broken.mp4 is empty"),
        (b"no video at all" * 99, "broken.mp4 is not a video that this browser can play"),
        (sample.clip_path().read_bytes()[:40_000], "broken.mp4 is not a video that this browser can play"),
    ],
    ids=["empty", "words", "beginning"],
)
def test_a_corrupt_file_is_one_clear_sentence(page, tmp_path, content, sentence):
    path = tmp_path / "broken.mp4"
    path.write_bytes(content)
    page.page.evaluate("document.getElementById('message').hidden = true")  # what another test was told
    page.page.set_input_files("#video-file", str(path))
    assert page.message().startswith(sentence)


def test_a_file_that_breaks_off_keeps_what_it_has(page, tmp_path):
    path = tmp_path / "short.webm"
    write_numbered(path, "libvpx-vp9", 30, {"g": "10", "crf": "12", "b": "0"})
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])
    page.open_files(path)
    assert 5 < page.page.evaluate("mobilevos.source.count") < 30
    page.press("End")
    assert page.index > 4


def test_exports_open_again_and_equal_what_is_shown(page, tmp_path):
    page.page.evaluate("globalThis.mobilevos = undefined; document.getElementById('open-sample').click()")
    page.page.wait_for_function("globalThis.mobilevos?.project.isMarked")
    page.settle()
    page.play_to(3)
    count = page.page.evaluate("mobilevos.project.frames.length")
    shown = []
    for index in range(count):
        page.page.evaluate(f"mobilevos.player.seek({index})")
        shown.append(page.labels())
    assert all((labels > 0).any() for labels in shown)

    with zipfile.ZipFile(page.export("zip", tmp_path)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [f"masks/{index:05d}.png" for index in range(count)]
        for name, labels in zip(archive.namelist(), shown, strict=True):
            image = Image.open(io.BytesIO(archive.read(name)))
            assert image.mode == "P"
            assert np.array_equal(np.array(image), labels)
            assert bytes(image.getpalette()) == PALETTE.tobytes()

    saved = json.loads(page.export("json", tmp_path).read_text())
    assert [image["id"] for image in saved["images"]] == list(range(count))
    assert {category["id"] for category in saved["categories"]} == {1, 2}
    assert len(saved["annotations"]) == sum(len(np.unique(labels)) - 1 for labels in shown)
    for annotation in saved["annotations"]:
        mask = shown[annotation["image_id"]] == annotation["category_id"]
        assert annotation["segmentation"] == rle.encode(mask)
        assert annotation["area"] == np.count_nonzero(mask)
        rows, columns = np.nonzero(mask)
        box = [columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1]
        assert annotation["bbox"] == box

    overlay = list(open_frames(page.export("overlay", tmp_path)))
    frames = list(open_frames(sample.clip_path()))
    assert len(overlay) == count
    for drawn, frame, labels in zip(overlay, frames, shown, strict=False):
        change = np.abs(drawn.astype(int) - frame).mean(2)
        assert change[labels > 0].mean() > 4 * change[labels == 0].mean()

    with av.open(page.export("cutout", tmp_path)) as container:
        stream = container.streams.video[0]
        assert stream.metadata["alpha_mode"] == "1"
        decoder = av.CodecContext.create("libvpx-vp9", "r")
        pictures = [picture for packet in container.demux(stream) if packet.size for picture in decoder.decode(packet)]
    assert len(pictures) == count
    for picture, labels in zip(pictures, shown, strict=True):
        opaque = picture.to_ndarray(format="rgba")[..., 3] > 127
        assert np.mean(opaque == (labels > 0)) > 0.995
