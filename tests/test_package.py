"""The package as it is installed and shipped."""

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

import mobilevos
from command import environment
from waiting import PATIENCE

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "mobilevos"
ONE_CLICK = ("pip install . && mobilevos demo", 'pip install -e ".[dev]" && pytest')


def python(code: str) -> str:
    """Standard output of a fresh interpreter."""
    return subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, timeout=PATIENCE, check=True
    ).stdout


def test_import_is_fast_and_light() -> None:
    """In processor time, which other programs do not lengthen."""
    code = (
        "import sys, time; begin = time.process_time(); import mobilevos; print(time.process_time() - begin);"
        "print({'torch', 'cv2', 'timm', 'onnxruntime', 'av', 'rich', 'numpy'} & set(sys.modules))"
    )
    times = []
    for _ in range(3):
        seconds, loaded = python(code).splitlines()
        assert loaded == "set()"
        times.append(float(seconds))
    assert min(times) < 0.5


def test_the_tracker_is_fast_to_import_and_needs_no_training_packages() -> None:
    code = (
        "import sys, time; begin = time.process_time(); import mobilevos; mobilevos.Tracker, mobilevos.open_frames;"
        "print(time.process_time() - begin); print({'torch', 'cv2', 'timm'} & set(sys.modules))"
    )
    times = []
    for _ in range(3):
        seconds, loaded = python(code).splitlines()
        assert loaded == "set()"
        times.append(float(seconds))
    assert min(times) < 1.0


def test_help_is_fast() -> None:
    code = (
        "import sys, time; begin = time.process_time(); sys.argv = ['mobilevos', '--help']\n"
        "from mobilevos.cli import main\n"
        "main(); print(time.process_time() - begin)\n"
        "print({'torch', 'cv2', 'timm', 'onnxruntime', 'av', 'numpy', 'PIL'} & set(sys.modules))"
    )
    times = []
    for _ in range(3):
        *_, seconds, loaded = python(code).splitlines()
        assert loaded == "set()"
        times.append(float(seconds))
    assert min(times) < 1.0


def test_public_names() -> None:
    assert {"Tracker", "open_frames", "load_mask", "overlay", "MobileVOSError"} <= set(mobilevos.__all__)
    for name in mobilevos.__all__:
        assert getattr(mobilevos, name) is not None
        assert name in dir(mobilevos)
    assert mobilevos.sample.clip_path().is_file()
    assert callable(mobilevos.evaluation.jaccard)
    with pytest.raises(AttributeError, match="'mobilevos' has no attribute 'Trakcer'"):
        _ = mobilevos.Trakcer


@pytest.mark.parametrize("name", ["segment", "engine", "effects", "errors", "tracker", "video", "weights", "cli"])
def test_every_part_is_there_after_a_plain_import(name: str) -> None:
    assert python(f"import mobilevos; print(mobilevos.{name}.__name__)") == f"mobilevos.{name}\n"
    assert name in dir(mobilevos)


def test_segment_is_a_module_whichever_way_it_comes() -> None:
    code = "import mobilevos; print(mobilevos.segment.segment.__name__, mobilevos.segment.Summary.__name__)"
    for before in (
        "",
        "from mobilevos.segment import segment; ",
        "mobilevos.Tracker; ",
        "from mobilevos import segment; ",
    ):
        assert python(f"import mobilevos; {before}{code}") == "segment Summary\n"
    assert python("from mobilevos import segment, Tracker; print(segment.segment.__name__)") == "segment\n"


def test_training_names() -> None:
    pytest.importorskip("torch")
    assert callable(mobilevos.models.build)
    assert callable(mobilevos.losses.segmentation_loss)


def test_the_version_stands_in_one_place() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert "version" in project["project"]["dynamic"]
    assert (ROOT / project["tool"]["hatch"]["version"]["path"]).read_text().count(f'"{mobilevos.__version__}"') == 1
    assert f"\nversion: {mobilevos.__version__}\n" in (ROOT / "CITATION.cff").read_text()


def test_installed_command() -> None:
    script = Path(sys.executable).parent / ("mobilevos.exe" if sys.platform == "win32" else "mobilevos")
    if not script.exists():
        pytest.skip("the package is not installed here")
    done = subprocess.run([script, "--version"], capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, mobilevos.__version__)


def test_wheel(tmp_path: Path) -> None:
    """Holds models, sample and type marker; no checkpoints; small, as the base install is to stay below 300 MB."""
    pytest.importorskip("pip")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", str(tmp_path), str(ROOT)]
    if find_spec("hatchling"):  # else pip gets it for the build alone
        command.append("--no-build-isolation")
    subprocess.run(command, check=True, timeout=PATIENCE, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        largest = max(archive.infolist(), key=lambda item: item.file_size)
    graphs = [f"weights/lite0/{graph}.onnx" for graph in ("query", "read", "memorise")]
    sample = [f"sample/{name}" for name in ("clip.mp4", "mask.png", "truth.npz")]
    for name in (*graphs, "weights/lite0/network.json", *sample, "py.typed", "cli.py", "__main__.py"):
        assert f"mobilevos/{name}" in names
    assert not [name for name in names if name.endswith((".pth", ".pt", ".pyc"))]
    assert all(name.startswith(("mobilevos/", f"mobilevos-{mobilevos.__version__}.dist-info/")) for name in names)
    for licence in ("LICENSE", "src/mobilevos/weights/DATA.md"):
        assert f"mobilevos-{mobilevos.__version__}.dist-info/licenses/{licence}" in names
    assert largest.file_size < 8 * 2**20
    assert wheel.stat().st_size < 14 * 2**20


def test_source_files_are_short() -> None:
    files = list(PACKAGE.rglob("*.py"))
    assert len(files) > 50
    too_long = {path.name: lines for path in files if (lines := len(path.read_text().splitlines())) > 400}
    assert too_long == {}


def test_ci_runs_the_commands_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text().splitlines()
    ci = (ROOT / ".ci" / "run").read_text().splitlines()
    for command in ONE_CLICK:
        assert command in readme
        assert [line for line in ci if line == command or line.startswith(f"{command} ")]
    assert ci[-3:] == [".ci/lint", ".ci/types", ".ci/slow"]


def test_every_job_calls_a_script_that_anybody_can_call() -> None:
    scripts = {path.name for path in (ROOT / ".ci").iterdir()}
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    hooks = (ROOT / ".pre-commit-config.yaml").read_text()
    called = set(re.findall(r"\.ci/(\w+)", workflow + hooks)) | set(
        re.findall(r"script: \[(.+)\]", workflow)[0].split(", ")
    )
    assert called <= scripts
    assert scripts - called == {"run"}
    assert all(os.access(ROOT / ".ci" / name, os.X_OK) for name in scripts - {"run"})
