"""Frames as film and compositing store them: EXR and DPX, and stacks in TIFF."""

import struct
from pathlib import Path

import numpy as np
import OpenEXR
import pytest
from PIL import Image

from command import mobilevos
from mobilevos.errors import InputError
from mobilevos.video.masks import load_mask, save_palette_png
from mobilevos.video.palette import PALETTE
from mobilevos.video.reader import open_frames

HEIGHT, WIDTH = 48, 64


def picture(index: int) -> np.ndarray:
    """(H, W, 3) uint8 sRGB with every code, and a square that moves."""
    frame = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    frame[..., 0] = np.arange(WIDTH) * 255 // (WIDTH - 1)
    frame[..., 1] = np.arange(HEIGHT)[:, None] * 255 // (HEIGHT - 1)
    frame[..., 2] = 70
    frame[10:30, 5 + 4 * index : 25 + 4 * index] = (230, 60, 40)
    return frame


def light(frame: np.ndarray) -> np.ndarray:
    """Linear light of sRGB."""
    code = frame / 255
    return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)


def save_exr(path: Path, channels: dict[str, np.ndarray], compression: str = "ZIP", **header: object) -> Path:
    kind = {"compression": getattr(OpenEXR, f"{compression}_COMPRESSION"), "type": OpenEXR.scanlineimage}
    OpenEXR.File({**kind, **header}, channels).write(str(path))
    return path


def save_dpx(path: Path, codes: np.ndarray, transfer: int, order: str = ">") -> Path:
    """10 bits, filled to 32 (method A), of (H, W, 3) codes 0..1023."""
    height, width = codes.shape[:2]
    head = bytearray(2048)
    struct.pack_into(f"{order}II8sI", head, 0, 0x53445058, 2048, b"V1.0", 2048 + 4 * height * width)
    struct.pack_into(f"{order}HHII", head, 768, 0, 1, width, height)
    struct.pack_into(f"{order}BBBBHHI", head, 800, 50, transfer, transfer, 10, 1, 0, 2048)
    words = codes.astype(np.uint32) @ np.array([1 << 22, 1 << 12, 1 << 2], np.uint32)
    path.write_bytes(bytes(head) + words.astype(f"{order}u4").tobytes())
    return path


def only(path: Path) -> np.ndarray:
    return next(iter(open_frames(str(path.parent / f"*{path.suffix}"))))


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize("compression", ["NO", "RLE", "ZIPS", "ZIP", "PIZ", "PXR24", "B44", "DWAA", "DWAB"])
def test_light_is_shown_as_srgb(tmp_path: Path, compression: str, dtype: type) -> None:
    lossy = compression in ("B44", "DWAA", "DWAB")
    path = save_exr(tmp_path / "a.exr", {"RGB": light(picture(0)).astype(dtype)}, compression)
    assert np.abs(only(path).astype(int) - picture(0)).mean() < (2 if lossy else 0.1)


def test_other_channels_and_windows(tmp_path: Path) -> None:
    shown = light(picture(0)).astype(np.float32)
    grey, alpha = shown[..., 0], np.full((HEIGHT, WIDTH), 0.5, np.float32)
    for dtype in (np.float16, np.float32):
        for number, channels in enumerate(({"RGBA": np.dstack([shown, alpha])}, {"Y": grey}, {"Y": grey, "A": alpha})):
            folder = tmp_path / f"{np.dtype(dtype)}{number}"
            folder.mkdir()
            path = save_exr(folder / "a.exr", {name: values.astype(dtype) for name, values in channels.items()})
            expected = picture(0) if "RGBA" in channels else np.repeat(picture(0)[..., :1], 3, 2)
            assert np.abs(only(path).astype(int) - expected).max() <= 1
    path = save_exr(
        tmp_path / "window.exr",
        {"RGB": shown},
        dataWindow=(np.array([4, 2], np.int32), np.array([WIDTH + 3, HEIGHT + 1], np.int32)),
        displayWindow=(np.array([0, 0], np.int32), np.array([WIDTH + 9, HEIGHT + 7], np.int32)),
    )
    frame = only(path)
    assert frame.shape == (HEIGHT + 8, WIDTH + 10, 3)
    assert np.abs(frame[2 : HEIGHT + 2, 4 : WIDTH + 4].astype(int) - picture(0)).max() <= 1


def test_light_beyond_white_and_what_is_no_number(tmp_path: Path) -> None:
    values = np.full((HEIGHT, WIDTH, 3), 7.5, np.float32)
    values[0, :4] = [[-1] * 3, [np.nan] * 3, [np.inf] * 3, [1e6] * 3]
    frame = only(save_exr(tmp_path / "a.exr", {"RGB": values}))
    assert frame[0, :4, 0].tolist() == [0, 0, 255, 255]
    assert (frame[1:] == 255).all()


@pytest.mark.parametrize("order", ["<", ">"])
def test_dpx_as_it_is_and_along_cineons_curve(tmp_path: Path, order: str) -> None:
    codes = picture(0).astype(np.uint16) * 4
    for transfer in (0, 2, 6):
        frame = only(save_dpx(tmp_path / "a.dpx", codes, transfer, order))
        assert np.abs(frame.astype(int) - picture(0)).max() <= 1
    codes[:] = 685
    codes[0, :3] = [[95] * 3, [0] * 3, [445] * 3]
    for transfer in (1, 3):
        source = open_frames(str(save_dpx(tmp_path / "a.dpx", codes, transfer, order).parent / "*.dpx"))
        frame = next(iter(source))
        assert source.warning == "a.dpx says that it holds density; the frames were shown along Cineon's curve."
        assert (frame[1:] == 255).all()
        assert frame[0, :2].max() == 0
        assert abs(int(frame[0, 2, 0]) - 108) <= 1  # Cineon's grey: 0.149 of light


def test_frames_are_named_as_editors_name_them(tmp_path: Path) -> None:
    for index in range(4):
        save_exr(tmp_path / f"shot.{1001 + index}.exr", {"RGB": light(picture(index)).astype(np.float16)})
    save_exr(tmp_path / "shot.12.exr", {"RGB": light(picture(9)).astype(np.float16)})
    for pattern in ("shot.%04d.exr", "shot.####.exr", "shot.1*.exr"):
        source = open_frames(str(tmp_path / pattern))
        assert source.frame_count == (5 if "*" in pattern else 4)
    assert open_frames(str(tmp_path / "shot.%d.exr")).frame_count == 5
    assert source.size == (HEIGHT, WIDTH)
    save_palette_png(tmp_path / "mask.png", (picture(0)[..., 0] == 230).astype(np.uint8))
    done = mobilevos(
        "segment", "shot.####.exr", "-m", "mask.png", "-o", "out", "--outputs", "masks", "rgba", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (tmp_path / "out/masks").iterdir()) == [
        f"shot.{1001 + i}.png" for i in range(4)
    ]


def test_a_name_with_a_number_sign_is_a_name(tmp_path: Path) -> None:
    (tmp_path / "take #2").mkdir()
    Image.fromarray(picture(0)).save(tmp_path / "take #2/0.png")
    assert open_frames(tmp_path / "take #2").frame_count == 1


@pytest.mark.parametrize("suffix", [".exr", ".dpx"])
@pytest.mark.parametrize("kind", ["text", "cut", "empty", "layers"])
def test_what_cannot_be_read_is_one_sentence(tmp_path: Path, suffix: str, kind: str) -> None:
    path = tmp_path / f"a{suffix}"
    if kind == "layers":
        save_exr(path, {"a.A": np.zeros((HEIGHT, WIDTH), np.float32)})
    else:
        whole = save_exr(path, {"RGB": light(picture(0)).astype(np.float32)}).read_bytes()
        path.write_bytes({"text": b"no image at all", "cut": whole[:300], "empty": b""}[kind])
    with pytest.raises(InputError, match=r"a\.(exr|dpx) is no image that can be read: .*\.$"):
        only(path)


# Stacks


def save_stack(path: Path, pages: list[np.ndarray]) -> Path:
    images = [Image.fromarray(page) for page in pages]
    images[0].save(path, save_all=True, append_images=images[1:])
    return path


@pytest.mark.parametrize("kind", ["rgb", "grey", "grey16", "float", "palette"])
def test_pages_of_a_stack_are_frames(tmp_path: Path, kind: str) -> None:
    shown = [picture(index) for index in range(4)]
    pages = {
        "rgb": shown,
        "palette": shown,
        "grey": [frame[..., 0] for frame in shown],
        "grey16": [frame[..., 0].astype(np.uint16) * 16 for frame in shown],
        "float": [(frame[..., 0] / 255).astype(np.float32) for frame in shown],
    }[kind]
    if kind == "palette":
        images = [Image.fromarray(page).quantize(255) for page in pages]
        images[0].save(tmp_path / "stack.tif", save_all=True, append_images=images[1:])
        source = open_frames(tmp_path / "stack.tif")
    else:
        source = open_frames(save_stack(tmp_path / "stack.tif", pages))
    assert (source.frame_count, source.size, source.fps, source.name) == (4, (HEIGHT, WIDTH), 24, "stack")
    frames = list(source)
    for frame, expected in zip(frames, shown, strict=True):
        expected = expected if kind in ("rgb", "palette") else np.repeat(expected[..., :1], 3, 2)
        assert np.abs(frame.astype(int) - expected).mean() < (6 if kind == "palette" else 2)
    for frame, other in zip(source.backward(2), frames[2::-1], strict=True):
        np.testing.assert_array_equal(frame, other)


def test_a_stack_goes_through_the_commands(tmp_path: Path) -> None:
    save_stack(tmp_path / "stack.tif", [picture(index) for index in range(4)])
    save_palette_png(tmp_path / "mask.png", (picture(0)[..., 0] == 230).astype(np.uint8))
    for arguments in (("segment", "-o", "out"), ("blur", "-o", "out.mp4")):
        command, *options = arguments
        done = mobilevos(command, "stack.tif", "-m", "mask.png", *options, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "out/masks").iterdir())) == 4


def test_pages_of_several_sizes_are_refused(tmp_path: Path) -> None:
    path = save_stack(tmp_path / "stack.tif", [picture(0), picture(1)[::2, ::2]])
    with pytest.raises(InputError, match=r"page 1 of .*stack\.tif is 32x24 but the first one is 64x48; .*\.$"):
        open_frames(path)
    cut = path.read_bytes()
    path.write_bytes(cut[: len(cut) // 2])
    with pytest.raises(InputError, match=r"stack\.tif is "):
        list(open_frames(path))


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_masks(tmp_path: Path, dtype: type) -> None:
    labels = np.zeros((HEIGHT, WIDTH), np.uint8)
    labels[5:20, 5:30], labels[25:40, 30:60] = 1, 3
    colours = (PALETTE[labels] / 255).astype(dtype)
    white = (labels > 0).astype(dtype)
    for name, channels, expected in (
        ("ids", {"Y": labels.astype(dtype)}, labels),
        ("matte", {"Y": white}, labels > 0),
        ("grey", {"RGB": np.dstack([white] * 3)}, labels > 0),
        ("alpha", {"RGBA": np.dstack([*[white] * 3, white])}, labels > 0),
        ("colours", {"RGB": colours}, labels),
    ):
        path = save_exr(tmp_path / f"{name}.exr", channels)
        assert np.array_equal(load_mask(path), expected), name
    codes = np.where(labels > 0, 1023, 0)[..., None].repeat(3, axis=2)
    assert np.array_equal(load_mask(save_dpx(tmp_path / "matte.dpx", codes, 6)), labels > 0)
    soft = np.clip(np.linspace(-3, 4, WIDTH), 0, 1).astype(dtype) * np.ones((HEIGHT, 1), dtype)
    path = save_exr(tmp_path / "soft.exr", {"Y": soft})
    with pytest.raises(InputError, match=r"^soft\.exr has \d+ colours and looks anti-aliased"):
        load_mask(path)
    assert (load_mask(path, snap=True) != (soft >= 0.5)).mean() < 0.03
