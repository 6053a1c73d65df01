"""The examples for ROS 2 and OBS, with messages and an interface made here: neither is a package of Python's."""

import importlib.util
import json
import os
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]


def loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Still:
    """Repeats its mask, one pixel further to the right at every step."""

    def start(self, frame: np.ndarray, mask: np.ndarray) -> np.ndarray:
        self.labels = mask
        return mask

    def step(self, frame: np.ndarray) -> np.ndarray:
        self.seen = frame
        self.labels = np.roll(self.labels, 1, axis=1)
        return self.labels

    @property
    def objects(self) -> dict[int, object]:
        return {2: SimpleNamespace(state="visible", score=0.5, area=int((self.labels == 2).sum()))}


def image(second: int, pixels: np.ndarray, encoding: str, padding: int = 0) -> SimpleNamespace:
    """As sensor_msgs/Image has it."""
    rows = np.pad(pixels.reshape(len(pixels), -1), ((0, 0), (0, padding)))
    header = SimpleNamespace(stamp=SimpleNamespace(sec=second, nanosec=7), frame_id="camera")
    return SimpleNamespace(
        header=header,
        height=pixels.shape[0],
        width=pixels.shape[1],
        encoding=encoding,
        step=rows.shape[1],
        data=rows.tobytes(),
    )


def test_the_node_begins_where_the_mask_was_drawn_and_catches_up() -> None:
    node = loaded(ROOT / "integrations" / "ros2" / "mobilevos_node.py")
    labels, states, warnings = [], [], []
    tracker = Still()
    follower = node.Follower(tracker, SimpleNamespace, labels.append, states.append, warnings.append)
    picture = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
    mask = np.zeros((4, 5), np.uint8)
    mask[1:3, 0:2] = 2
    for second in range(3):
        follower.on_image(image(second, picture, "rgb8"))
    assert labels == []
    follower.on_start(image(1, mask, "mono8", padding=3))
    assert [message.header.stamp.sec for message in labels] == [1, 2]
    follower.on_image(image(3, picture, "bgr8", padding=1))
    np.testing.assert_array_equal(tracker.seen, picture[..., ::-1])
    newest = labels[-1]
    assert (newest.encoding, newest.height, newest.width, newest.step) == ("mono8", 4, 5, 5)
    assert newest.header.frame_id == "camera"
    np.testing.assert_array_equal(np.frombuffer(newest.data, np.uint8).reshape(4, 5), np.roll(mask, 2, axis=1))
    assert json.loads(states[-1]) == {
        "stamp": [3, 7],
        "objects": {"2": {"state": "visible", "score": 0.5, "area": 4}},
    }
    follower.on_start(image(99, mask, "mono8"))
    follower.on_image(image(4, picture, "yuv422"))
    assert [word in warning for word, warning in zip(("no longer known", "yuv422"), warnings, strict=True)] == [
        True
    ] * 2


def test_the_obs_script_shows_each_new_picture_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    settings = {"source": "fish", "folder": str(tmp_path)}
    fake = SimpleNamespace(
        obs_data_get_string=lambda data, key: data[key],
        obs_get_source_by_name=lambda name: name if name == "fish" else None,
        obs_data_create=dict,
        obs_data_set_string=lambda data, key, value: data.update({key: value}),
        obs_source_update=lambda source, data: shown.append(Path(data["file"]).name),
        obs_data_release=lambda data: None,
        obs_source_release=lambda source: None,
    )
    monkeypatch.setitem(sys.modules, "obspython", fake)  # type: ignore[arg-type]
    script = loaded(ROOT / "examples" / "obs" / "mobilevos_obs.py")
    script.script_tick(1)
    script.script_update(settings)
    script.script_tick(1)
    for number, name in enumerate(["00000.png", "00001.png", ".00002.part.png"]):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, ns=(number * 10**9, number * 10**9))
        script.script_tick(0.2)
        script.script_tick(0.2)
    assert shown == ["00000.png", "00001.png"]
    script.script_tick(0.01)
    assert script.script_description()
