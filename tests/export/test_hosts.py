"""The example hosts that run on Linux, run: their masks are those of PyTorch in the same loop."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("torch")

from mobilevos.evaluation import jaccard
from mobilevos.export.clip import Clip
from mobilevos.export.manifest import View
from mobilevos.export.model import export_fixed
from mobilevos.export.stream import stream
from mobilevos.models import load_weights
from mobilevos.runtimes import load_runtime
from mobilevos.video.masks import save_palette_png
from mobilevos.weights.store import model_folder
from waiting import PATIENCE

EXAMPLES = Path(__file__).parents[2] / "examples"
VIEW = View(144, 256)
FRAMES = 8


class Film:
    """Some frames of the sample at the network's size, as files for hosts, and PyTorch's masks of them."""

    def __init__(self, folder: Path) -> None:
        clip = Clip.load(None, None, FRAMES)
        size = (VIEW.width, VIEW.height)
        self.frames = [np.asarray(Image.fromarray(f).resize(size, Image.Resampling.BILINEAR)) for f in clip.frames()]
        mask = Image.fromarray((clip.labels == 1).astype(np.uint8)).resize(size, Image.Resampling.NEAREST)
        self.mask = np.asarray(mask)
        (folder / "frames.rgb").write_bytes(b"".join(frame.tobytes() for frame in self.frames))
        (folder / "mask.gray").write_bytes((self.mask * np.uint8(255)).tobytes())
        (folder / "frames").mkdir()
        for index, frame in enumerate(self.frames):
            Image.fromarray(frame).save(folder / "frames" / f"{index:05d}.png")
        save_palette_png(folder / "mask.png", self.mask)
        self.folder = folder

    def expected(self) -> list[np.ndarray]:
        runtime = load_runtime("lite0", "torch", 1)
        masks = stream(runtime, self.frames, self.mask[None].astype(np.float32), VIEW)
        return [probabilities[0] > 0.5 for probabilities in masks]

    def check(self, found: Sequence[np.ndarray]) -> None:
        expected = self.expected()
        assert len(found) == len(expected) == FRAMES
        assert 0.005 < np.mean(expected[-1]) < 0.5
        # Hosts shrink the first mask in ways of their own.
        assert np.mean([jaccard(a, b) for a, b in zip(found, expected, strict=True)]) > 0.97

    def check_gray(self) -> None:
        found = np.fromfile(self.folder / "out.gray", np.uint8).reshape(-1, *VIEW.grid)
        assert set(np.unique(found)) == {0, 255}
        self.check(list(found > 0))


@pytest.fixture
def film(tmp_path: Path) -> Film:
    return Film(tmp_path)


def finished(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run([*map(str, command)], cwd=cwd, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def needs(*modules: str) -> None:
    for module in modules:
        if not find_spec(module):
            pytest.skip(f"{module} is not installed")


@pytest.mark.parametrize("target", ["openvino", "mnn", "ncnn"])
def test_python(target: str, film: Film) -> None:
    needs(*{"openvino": ["openvino"], "mnn": ["MNN", "onnx"], "ncnn": ["ncnn", "pnnx"]}[target])
    export_fixed(load_weights("lite0"), film.folder / "model", target=target, view=VIEW)
    host = EXAMPLES / "python" / "host.py"
    finished(sys.executable, host, "model", "frames", "mask.png", "out", cwd=film.folder)
    paths = sorted((film.folder / "out").iterdir())
    assert len(paths) == FRAMES
    small = VIEW.grid[::-1]
    film.check([np.asarray(Image.open(path).resize(small, Image.Resampling.BOX)) > 127 for path in paths])


def test_javascript(film: Film) -> None:
    """With onnxruntime-node, where `npm install onnxruntime-node` put it for all projects or in NODE_PATH."""
    node = shutil.which("node")
    if (
        not node
        or subprocess.run([node, "-e", "require('onnxruntime-node')"], capture_output=True, check=False).returncode
    ):
        pytest.skip("Node.js does not find onnxruntime-node: npm install -g onnxruntime-node, or set NODE_PATH")
    arguments = ("frames.rgb", VIEW.height, VIEW.width, "mask.gray", "out.gray")
    printed = finished(
        node, EXAMPLES / "javascript" / "host.mjs", model_folder("lite0"), *map(str, arguments), cwd=film.folder
    )
    assert printed.startswith(f"{FRAMES} frames, median ")
    film.check_gray()


@pytest.mark.slow
def test_cpp(film: Film) -> None:
    """Compiled against what the OpenVINO wheel brings along."""
    needs("openvino")
    compiler = shutil.which("g++")
    import openvino

    home = Path(openvino.__file__).parent
    libraries = sorted((home / "libs").glob("libopenvino.so.*"))
    if not compiler or not libraries or not (home / "include").is_dir():
        pytest.skip("no g++, or an OpenVINO without headers")
    library = home / "libs"
    link = [f"-L{library}", f"-l:{libraries[0].name}", f"-Wl,-rpath,{library}"]
    options = ["-std=c++17", "-Wall", f"-I{home / 'include'}"]
    finished(compiler, *options, EXAMPLES / "cpp" / "host.cpp", *link, "-o", "host", cwd=film.folder)
    export_fixed(load_weights("lite0"), film.folder / "model", target="openvino", view=VIEW)
    finished("./host", "model", "frames.rgb", "mask.gray", "out.gray", cwd=film.folder)
    film.check_gray()
