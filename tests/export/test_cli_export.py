"""The command `mobilevos export`: a report beside the model, and mistakes in one sentence."""

import json
from pathlib import Path

import pytest

from command import mobilevos

pytest.importorskip("torch")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("--clip clip.mp4", "--clip and --mask belong together"),
        ("--calibrate clips", "--calibrate is for --precision int8"),
        ("--precision fp16", "onnx is exported as fp32 or int8, not fp16"),
        ("--to openvino --size 100x100", "multiples of 16"),
        ("--to executorch --precision fp16", "executorch is exported as fp32 or int8, not fp16"),
        ("--to tflite", "--to"),
    ],
)
def test_mistakes(options: str, words: str, tmp_path: Path) -> None:
    done = mobilevos("export", "lite0", "-o", tmp_path / "model", *options.split())
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "model").exists()


def test_report(tmp_path: Path) -> None:
    pytest.importorskip("openvino")
    out = tmp_path / "model"
    done = mobilevos("export", "lite0", "--to", "openvino", "--size", "64x96", "-o", out, "--json")
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    assert printed.pop("model") == str(out)
    report = json.loads((out / "report.json").read_text())
    assert printed == {key: value for key, value in report.items() if key != "model"}
    assert report["parity"]["frames"] == 50
    assert report["parity"]["iou"] >= 0.99
    assert report["parity"]["median_ms"] > 0
    assert 1 < report["megabytes"] < 8
    assert "cores" in report["machine"]
