"""Pictures of what networks have learned, with real networks of random weights on the sample clip."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch")

from command import mobilevos, save_frames  # noqa: E402
from mobilevos.cli import main  # noqa: E402
from mobilevos.engine import search  # noqa: E402
from mobilevos.engine.modes import MODES  # noqa: E402
from mobilevos.engine.region import whole_frame  # noqa: E402
from mobilevos.looking.feature_figure import EDGE, HEAD, ROW_HEAD, TILE_WIDTH, Row, draw, pca_colours  # noqa: E402
from mobilevos.looking.features import Point, Watcher, correlation, inner_point, key_affinity, visualize  # noqa: E402
from mobilevos.models.checkpoint import save_network  # noqa: E402
from mobilevos.models.network import beside_others  # noqa: E402
from mobilevos.models.target_model import solve  # noqa: E402
from mobilevos.video.masks import save_palette_png  # noqa: E402

FRAMES = 3
REFRESH_EVERY = MODES["best"].refresh
TILE_HEIGHT = round(270 * TILE_WIDTH / 480)
GIVEN = {"": "frames", "--mask": "first.png", "--models": "a.safetensors", "--frame": "1", "--out": "out/features.png"}


@pytest.fixture(scope="module", autouse=True)
def _leaps_are_believed() -> Iterator[None]:
    """Masks of random weights leap, and parts of them lie far away."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "has_leapt", lambda *_: False)
        patch.setattr(search, "without_far_parts", lambda mask, *_: mask)
        yield


@pytest.fixture(scope="module")
def folder(
    tmp_path_factory: pytest.TempPathFactory,
    sample_frames: list[np.ndarray],
    sample_truth: np.ndarray,
    lively_network: Callable[[str], Any],
) -> Path:
    """Three frames with masks of objects 3 and 7, and weights of two networks; the commands run in it."""
    folder = tmp_path_factory.mktemp("visualize")
    save_frames(folder / "frames", sample_frames[:FRAMES])
    ids = np.array([0, 3, 7], np.uint8)
    save_palette_png(folder / "first.png", ids[sample_truth[0]])
    save_palette_png(folder / "last.png", ids[sample_truth[FRAMES - 1]])
    save_palette_png(folder / "only3.png", ids[sample_truth[0]] * (sample_truth[0] == 1))
    save_palette_png(folder / "other_size.png", np.ones((272, 480), np.uint8))
    save_network(lively_network("lite0"), folder / "a.safetensors")
    save_network(lively_network("mobilenetv2"), folder / "b.safetensors")
    (folder / "cut.safetensors").write_bytes((folder / "a.safetensors").read_bytes()[:1000])
    (folder / "text.mp4").write_text("This is no video.\n" * 100)
    return folder


@pytest.fixture(scope="module")
def watcher(sample_frames: list[np.ndarray], sample_truth: np.ndarray, lively_network: Callable[[str], Any]) -> Watcher:
    """Has seen the frames; not to be changed."""
    watcher = Watcher(lively_network("lite0"))
    watcher.start(sample_frames[0], sample_truth[0])
    for frame in sample_frames[1:FRAMES]:
        watcher.step(frame)
    return watcher


def inside(labels: np.ndarray, object_id: int) -> Point:
    """A pixel well within an object."""
    return inner_point(np.where(labels == object_id, labels, 0).astype(np.uint8))


def test_the_command_draws_networks_and_prints_their_figures(folder: Path, sample_truth: np.ndarray) -> None:
    point = inside(sample_truth[0], 2)
    options = ("--point", str(point.x), str(point.y), "--truth", "last.png", "-o", "new/both.png", "--json")
    models = ("--models", "a.safetensors", "b.safetensors")
    done = mobilevos("visualize", "frames", "-m", "first.png", *models, "--frame", "2", *options, cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    networks = report.pop("networks")
    assert report == {
        "image": "new/both.png",
        "frame": 2,
        "point": [point.x, point.y],
        "object_id": 7,
        "object_from": "truth",
    }
    assert [network.pop("model") for network in networks] == ["a.safetensors", "b.safetensors"]
    for network in networks:
        assert network["object_area"] == pytest.approx((sample_truth[2] == 2).mean(), abs=2e-3)
        assert -1 < network["correlation_background"] < 1
        assert -1 < network["correlation_object"] < 1
        assert 0 <= network["affinity_object"] <= 1
    assert networks[0] != networks[1]
    assert [path.name for path in (folder / "new").iterdir()] == ["both.png"]
    with Image.open(folder / "new" / "both.png") as image:
        picture = np.array(image.convert("RGB"))
    assert picture.shape[1] == 8 * TILE_WIDTH + 3 * 6 + 4 * 22 + 2 * EDGE
    rows = [HEAD + ROW_HEAD, HEAD + ROW_HEAD + TILE_HEIGHT + 8 + ROW_HEAD]
    for top in rows:  # tiles begin and end where they should, on white
        tiles = picture[top : top + TILE_HEIGHT, EDGE + TILE_WIDTH + 22 :]
        assert (picture[top - 1, EDGE + TILE_WIDTH + 22 :] == 255).all()
        assert (picture[top + TILE_HEIGHT, EDGE + TILE_WIDTH + 22 :] == 255).all()
        assert (tiles[:, :TILE_WIDTH] < 255).any(-1).mean() > 0.9
        assert (tiles[:, -TILE_WIDTH - EDGE : -EDGE] < 255).any(-1).mean() > 0.5


def test_by_default_the_figures_are_of_the_prediction(
    folder: Path, watcher: Watcher, sample_truth: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And they agree with maps made apart from them."""
    monkeypatch.chdir(folder)
    seen = []
    report = visualize(
        "frames", "first.png", ["a.safetensors"], "one.png", frame=2, progress=lambda *done: seen.append(done)
    )
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert report.object_from == "prediction"
    assert report.point == inner_point(sample_truth[0])
    object_id = int(sample_truth[0][report.point[::-1]])
    assert report.object_id == (3, 7)[object_id - 1]
    (figures,) = report.networks
    area = (watcher.labels == object_id).mean()
    assert 0.02 < area < 0.98
    assert figures.object_area == pytest.approx(area, abs=0.02)  # of weights that are kept as float16
    cosine = correlation(watcher.pixels(object_id), report.point, (270, 480))
    mean = area * figures.correlation_object + (1 - area) * figures.correlation_background
    assert mean == pytest.approx(float(cosine.mean()), abs=0.03)
    assert "correlation" in figures.in_words()


@pytest.mark.parametrize(("frames", "ghosts"), [(REFRESH_EVERY + 1, True), (REFRESH_EVERY + 2, False)])
def test_a_watcher_sees_what_the_networks_decoder_sees(
    sample_frames: list[np.ndarray],
    sample_truth: np.ndarray,
    lively_network: Callable[[str], Any],
    monkeypatch: pytest.MonkeyPatch,
    frames: int,
    ghosts: bool,
) -> None:
    """Against the network stepped by hand, with the first frame in its memory, and then the newest that was memorised.

    In the last frame of the first case the tracker also looks for ghosts, without a prior: that is not to be seen.
    """
    monkeypatch.setitem(MODES, "best", replace(MODES["best"], ghosts=ghosts))
    seen = sample_frames[:frames]
    watcher = Watcher(lively_network("lite0"))
    watcher.start(seen[0], sample_truth[0])
    for frame in seen[1:]:
        watcher.step(frame)
    network, region = lively_network("lite0"), whole_frame((270, 480), MODES["best"].size, MODES["best"].enlarged)
    masks = torch.from_numpy(region.view_masks(np.stack([sample_truth[0] == i for i in (1, 2)]).astype(np.float32)))
    memory: list[tuple[Any, Any]] = []
    with torch.inference_mode():
        for number, frame in enumerate(seen):
            features = network.query(torch.tensor(region.view(frame)).permute(2, 0, 1)[None])
            key = features["key"].flatten(2)
            if number == 0:
                memory = [(key, network.memorise(features, masks))]
                classifier = solve(network.evidence(features, masks)) if network.target else None
                scores = network.scores(features, classifier)
                pixels = [network.embed(features, key, memory[0][1], beside_others(masks), scores)]
                keys = [features["key"]]
                continue
            known = torch.cat([k for k, _ in memory], 2), torch.cat([v for _, v in memory], 2)
            last = network.embed(features, *known, beside_others(masks), network.scores(features, classifier))
            masks = network.read(features, *known, masks, classifier)
            if number % REFRESH_EVERY == 0:
                memory[1:] = [(key, network.memorise(features, masks))]
    pixels.append(last)
    keys.append(features["key"])
    for object_id in (1, 2):
        expected = torch.stack([both[object_id - 1] for both in pixels])
        expected = expected / expected.square().sum(1, keepdim=True).sqrt()
        found = watcher.pixels(object_id)
        assert found.shape == (2, network.decoder.width, region.height // 4, region.width // 4)
        np.testing.assert_allclose(found, expected, atol=2e-3)
    assert not np.allclose(watcher.pixels(1), watcher.pixels(2), atol=2e-2)
    np.testing.assert_allclose(watcher.keys(), torch.cat(keys), atol=1e-3)


def test_a_point_correlates_fully_with_itself(
    sample_frames: list[np.ndarray], sample_truth: np.ndarray, lively_network: Callable[[str], Any]
) -> None:
    watcher = Watcher(lively_network("lite0"))
    watcher.start(sample_frames[0], sample_truth[0])
    point = inner_point(sample_truth[0])
    pixels, keys = watcher.pixels(int(sample_truth[0][point[::-1]])), watcher.keys()
    np.testing.assert_array_equal(pixels[0], pixels[1])
    cosine = correlation(pixels, point, (270, 480))
    height, width = cosine.shape
    assert cosine[point.y * height // 270, point.x * width // 480] == pytest.approx(1, abs=1e-6)
    assert cosine.max() <= 1 + 1e-6
    assert cosine.min() < 0.9
    distance, share = key_affinity(keys, point, (270, 480))
    assert distance.shape == share.shape == (height // 4, width // 4)
    own = point.y * height // 4 // 270, point.x * width // 4 // 480
    assert distance[own] == 0
    assert share[own] == share.max()
    assert share.sum() == pytest.approx(1, abs=1e-5)


def test_similarities_of_known_features() -> None:
    pixels = np.zeros((2, 2, 2, 3), np.float32)
    pixels[0, 0] = 1
    pixels[0, :, 1, 2] = (0.6, 0.8)
    pixels[1, 1] = 1
    pixels[1, :, 0, 0] = (-0.6, -0.8)
    found = correlation(pixels, Point(29, 10), (20, 30))
    np.testing.assert_allclose(found, [[-1, 0.8, 0.8], [0.8, 0.8, 0.8]], atol=1e-6)
    np.testing.assert_allclose(correlation(pixels, Point(19, 19), (20, 30)), [[-0.6, 0, 0], [0, 0, 0]], atol=1e-6)

    distance, share = key_affinity(2 * pixels, Point(29, 10), (20, 30))
    np.testing.assert_allclose(distance, [[16, 1.6, 1.6], [1.6, 1.6, 1.6]], atol=1e-5)
    weights = np.exp(-distance / np.sqrt(2))
    np.testing.assert_allclose(share, weights / weights.sum(), rtol=1e-4)


def test_equal_features_have_equal_colours() -> None:
    rng = np.random.default_rng(0)
    palette = rng.normal(size=(6, 5)).astype(np.float32)
    kinds = rng.integers(0, 6, (2, 8, 9))
    colours = pca_colours(np.moveaxis(palette[kinds], -1, 1))
    assert colours.shape == (2, 8, 9, 3)
    assert colours.dtype == np.uint8
    shown = [np.unique(colours[kinds == kind], axis=0) for kind in range(6)]
    assert [len(rows) for rows in shown] == [1] * 6  # in both frames
    assert len(np.unique(np.concatenate(shown), axis=0)) == 6
    np.testing.assert_array_equal(pca_colours(np.moveaxis(palette[kinds[:, ::-1]], -1, 1)), colours[:, ::-1])


def test_colours_of_features_without_any_difference() -> None:
    assert (np.ptp(pca_colours(np.ones((2, 32, 4, 4), np.float32)), axis=(0, 1, 2)) == 0).all()


@pytest.mark.parametrize(
    ("height", "width", "title"), [(270, 480, "a"), (480, 270, "a"), (30, 900, "a"), (90, 160, "long" * 100)]
)
def test_layout(height: int, width: int, title: str) -> None:
    """One row more is one tile higher; the mark is where the point is; nothing is cut off."""
    rng = np.random.default_rng(0)
    first, later = (np.full((height, width, 3), level, np.uint8) for level in (40, 90))
    labels = np.zeros((height, width), np.uint8)
    labels[: height // 2] = 1
    features = [rng.normal(size=(2, 8, 16 * f, 16 * f)).astype(np.float32) for f in (4, 1)]
    maps = rng.uniform(-1, 1, (64, 64)), rng.uniform(0, 9, (16, 16))
    row = Row(title, "note", *features, *maps, labels)
    point = (width // 3, height // 4)
    one, two = (draw([row] * n, first, later, labels, point, 7) for n in (1, 2))
    scale = TILE_WIDTH / width
    assert one.width == two.width
    assert two.height - one.height == ROW_HEAD + round(height * scale) + 8
    assert one.getpixel((EDGE + round(point[0] * scale), HEAD + ROW_HEAD + round(point[1] * scale))) == (255,) * 3
    assert (np.asarray(one)[:, -EDGE:] == 255).all()
    assert (np.asarray(one)[:, -EDGE - 4 : -EDGE] < 255).any()


@pytest.mark.parametrize(
    ("box", "expected"),
    [((2, 9, 3, 12), (7, 5)), ((0, 5, 0, 5), (2, 2)), ((4, 5, 7, 8), (7, 4))],
    ids=["inside", "at the frame's corner", "one pixel"],
)
def test_inner_point(box: tuple[int, int, int, int], expected: tuple[int, int]) -> None:
    top, bottom, left, right = box
    labels = np.zeros((12, 14), np.uint8)
    labels[top:bottom, left:right] = 5
    x, y = inner_point(labels)
    assert abs(x - expected[0]) <= 1  # all of a wide object's middle is equally deep
    assert y == expected[1]


def test_an_inner_point_keeps_away_from_other_objects() -> None:
    labels = np.ones((21, 60), np.uint8)
    labels[:, 30:] = 2
    x, _ = inner_point(labels)
    assert min(abs(x - 29), abs(x - 30)) > 8


MISTAKES = [
    ({"--frame": "3"}, "frames has no frame 3; its frames are 0 to 2"),
    ({"--frame": "-1"}, "--frame"),
    ({"--point": "480 10"}, "The point 480 10 lies outside of the 480x270 frame"),
    ({"--point": "10 -1"}, "The point 10 -1 lies outside of the 480x270 frame"),
    ({"--point": "0 0"}, "The point 0 0 lies on no object of the mask"),
    ({"--models": "a.safetensors lite9"}, "no trained weights of 'lite9'"),
    ({"--models": "cut.safetensors"}, "cut.safetensors is damaged"),
    ({"--models": "none.safetensors"}, "none.safetensors does not exist"),
    ({"--mask": "other_size.png"}, "other_size.png is 480x272 but the frames are 480x270"),
    ({"--mask": "none.png"}, "none.png does not exist"),
    ({"--truth": "only3.png", "--point": "{7}"}, "only3.png lacks object 7"),
    ({"": "text.mp4"}, "text.mp4 cannot be read as a video"),
    ({"": "none.mp4"}, "none.mp4 does not exist"),
    ({"--out": "features.jpg"}, "features.jpg does not end in .png"),
    ({"--out": "first.png"}, "would overwrite the input first.png"),
    ({"--out": "text.mp4/features.png"}, "text.mp4"),
]


def command_line(change: dict[str, str], truth: np.ndarray) -> list[str]:
    """A command that would succeed, but for the change."""
    options = {**GIVEN, **change}
    text = " ".join(f"{option} {value}" for option, value in options.items())
    x, y = inside(truth, 2)
    return text.replace("{7}", f"{x} {y}").split()


def assert_mistake(told: str, expected: str) -> None:
    assert re.fullmatch(r"mobilevos: [^\n]+\.\n", told), told
    assert not re.search(r"[.?!] [A-Z]", told), "more than one sentence"
    assert expected in told


@pytest.mark.filterwarnings("ignore:Cyclopts application invoked without tokens")  # `main` reads them from sys.argv
@pytest.mark.parametrize(("change", "expected"), MISTAKES)
def test_a_mistake_is_one_sentence(
    folder: Path,
    sample_truth: np.ndarray,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    change: dict[str, str],
    expected: str,
) -> None:
    """In this process, where PyTorch is loaded already."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr("sys.argv", ["mobilevos", "visualize", *command_line(change, sample_truth[0])])
    before = (folder / "first.png").read_bytes()
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert_mistake(told.err, expected)
    assert (folder / "first.png").read_bytes() == before
    assert not list(folder.glob("out/*"))


def test_a_mistake_in_a_process_of_its_own(folder: Path, sample_truth: np.ndarray) -> None:
    done = mobilevos("visualize", *command_line({"--point": "0 0"}, sample_truth[0]), cwd=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert_mistake(done.stderr, "The point 0 0 lies on no object")


def test_without_the_train_extra_it_says_what_to_install(folder: Path, sample_truth: np.ndarray) -> None:
    done = mobilevos("visualize", *command_line({}, sample_truth[0]), cwd=folder, without="torch")
    assert (done.returncode, done.stdout) == (2, "")
    assert_mistake(done.stderr, "pip install 'mobilevos[train]'")
