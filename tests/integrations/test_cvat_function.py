"""The tracking function of CVAT, driven by the worker functions of its own command line."""

import subprocess
import sys
import time
from itertools import count

import cvat_sdk.auto_annotation as annotation
import numpy as np
from cvat_cli._internal import agent_driver, agent_driver_tracking
from cvat_cli._internal.agent_driver_tracking import AgentTrackingFunctionDriver
from cvat_sdk.masks import decode_mask, encode_mask
from PIL import Image

from command import environment
from mobilevos.integrations.cvat import Function
from mobilevos.tracker import Tracker


def test_two_objects_as_each_alone(sample_frames: list[np.ndarray], sample_truth: np.ndarray) -> None:
    function = Function(threads=1)
    numbers = count()
    AgentTrackingFunctionDriver.init_worker(lambda: f"state {next(numbers)}")
    agent_driver.set_worker_current_function(function)
    images = [Image.fromarray(frame) for frame in sample_frames[:6]]
    masks = [sample_truth[0] == object_id for object_id in (1, 2)]
    shapes = [annotation.TrackableShape(type="mask", points=encode_mask(mask)) for mask in masks]
    states = agent_driver_tracking._worker_job_init_tracking(1, images[0], shapes)
    alone = [Tracker(threads=1) for _ in masks]
    for tracker, mask in zip(alone, masks, strict=True):
        tracker.start(sample_frames[0], mask.astype(np.uint8))
    cvat, own = [], []
    for frame, image in zip(sample_frames[1:6], images[1:], strict=True):
        began = time.process_time()
        found = agent_driver_tracking._worker_job_track(1, image, states)
        cvat.append(time.process_time() - began)
        began = time.process_time()
        expected_masks = [tracker.step(frame) > 0 for tracker in alone]
        own.append(time.process_time() - began)
        for shape, expected in zip(found, expected_masks, strict=True):
            assert shape is not None
            assert shape.type == "mask"
            mask = decode_mask(shape.points, image_width=480, image_height=270)
            assert (mask & expected).sum() / (mask | expected).sum() >= 0.97
    assert min(cvat) <= 1.3 * min(own), (cvat, own)


def test_an_object_that_is_not_seen_is_none(sample_frames: list[np.ndarray], sample_truth: np.ndarray) -> None:
    function = Function(threads=1, mode="fast")
    shape = annotation.TrackableShape(type="mask", points=encode_mask(sample_truth[0] == 1))
    frame = function.preprocess_image(None, Image.fromarray(sample_frames[0]))
    state = function.init_tracking_state(None, frame, shape)
    assert function.track(None, np.zeros_like(frame), state) is None


def test_its_absence_is_one_sentence() -> None:
    code = "import sys; sys.modules.update(cvat_sdk=None)\nimport mobilevos.integrations.cvat"
    done = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=False)
    assert "This needs cvat_sdk, which is not installed; add it with pip install 'mobilevos[cvat]'." in done.stderr
