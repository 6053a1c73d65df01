"""A ROS 2 node: masks of the objects in a camera's images, newest image first.

Topics, relative to the node's name space:

- ``image`` (sensor_msgs/Image, rgb8 or bgr8, sensor-data quality of service, depth 1): what the camera sees.
- ``start`` (sensor_msgs/Image, mono8): a label map of the image with the same stamp, drawn within the last second.
- ``labels`` (sensor_msgs/Image, mono8, with the image's own header): pixel value = the object's id.
- ``states`` (std_msgs/String): the JSON line of ``objects.jsonl``, with the stamp.

Nothing here imports ROS but `main`, so that `Follower` can be tried without it.
"""

import json
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np

from mobilevos.errors import InputError, MobileVOSError
from mobilevos.tracker import Tracker

KEPT = 60
"""Images in which a mask may still begin: drawing takes time."""


class Follower:
    """What the node does, for messages of any class with the fields of sensor_msgs/Image.

    Args:
        tracker: a fresh `mobilevos.Tracker`.
        new_image: makes an empty image message.
        publish_labels, publish_states: take an image message, and a text.
        warn: takes a sentence.
    """

    def __init__(
        self,
        tracker: Tracker,
        new_image: Callable[[], Any],
        publish_labels: Callable[[Any], None],
        publish_states: Callable[[str], None],
        warn: Callable[[str], None],
    ) -> None:
        self._tracker, self._new_image, self._warn = tracker, new_image, warn
        self._publish_labels, self._publish_states = publish_labels, publish_states
        self._images: OrderedDict[tuple[int, int], Any] = OrderedDict()
        self._following = False

    def on_image(self, message: Any) -> None:
        """Follow the objects into a new image, once a mask was given."""
        self._images[_stamp(message)] = message
        while len(self._images) > KEPT:
            self._images.popitem(last=False)
        if self._following:
            self._try(message, lambda: self._tracker.step(rgb_of(message)))

    def on_start(self, message: Any) -> None:
        """Begin with a label map, and catch up with the images since."""
        stamp = _stamp(message)
        if stamp not in self._images:
            self._warn(f"the image {stamp[0]}.{stamp[1]:09d} of a mask is no longer known; draw within a second.")
            return
        image = self._images[stamp]
        self._following = self._try(image, lambda: self._tracker.start(rgb_of(image), grey_of(message)))
        later = list(self._images)
        for newer in later[later.index(stamp) + 1 :]:
            self._try(self._images[newer], lambda newer=newer: self._tracker.step(rgb_of(self._images[newer])))

    def _try(self, image: Any, find: Callable[[], np.ndarray]) -> bool:
        try:
            labels = find()
        except MobileVOSError as error:
            self._warn(str(error))
            return False
        message = self._new_image()
        message.header = image.header
        message.height, message.width = labels.shape
        message.encoding, message.is_bigendian, message.step = "mono8", 0, labels.shape[1]
        message.data = labels.tobytes()
        self._publish_labels(message)
        states = {str(i): vars(state) for i, state in self._tracker.objects.items()}
        self._publish_states(json.dumps({"stamp": list(_stamp(image)), "objects": states}))
        return True


def rgb_of(message: Any) -> np.ndarray:
    """(H, W, 3) uint8 RGB of an image message; rows may be padded.

    Raises:
        InputError: another encoding than rgb8, bgr8 or mono8.
    """
    if message.encoding == "mono8":
        return np.repeat(grey_of(message)[..., None], 3, axis=2)
    if message.encoding not in ("rgb8", "bgr8"):
        raise InputError(f"images are {message.encoding}; send rgb8, bgr8 or mono8.")
    rows = np.frombuffer(message.data, np.uint8).reshape(message.height, message.step)
    pixels = rows[:, : 3 * message.width].reshape(message.height, message.width, 3)
    return np.ascontiguousarray(pixels if message.encoding == "rgb8" else pixels[..., ::-1])


def grey_of(message: Any) -> np.ndarray:
    """(H, W) uint8 of a mono8 message."""
    rows = np.frombuffer(message.data, np.uint8).reshape(message.height, message.step)
    return np.ascontiguousarray(rows[:, : message.width])


def _stamp(message: Any) -> tuple[int, int]:
    return message.header.stamp.sec, message.header.stamp.nanosec


def main() -> None:
    """Run the node: ``ros2 run mobilevos_ros mobilevos_node --ros-args -r image:=/camera/image_raw``."""
    import rclpy
    from rclpy.node import Node
    from rclpy.qos import QoSHistoryPolicy, QoSProfile, QoSReliabilityPolicy
    from sensor_msgs.msg import Image
    from std_msgs.msg import String

    rclpy.init()
    node = Node("mobilevos")
    mode = node.declare_parameter("mode", "fast").value
    labels = node.create_publisher(Image, "labels", 1)
    states = node.create_publisher(String, "states", 1)
    follower = Follower(
        Tracker(mode=mode),
        Image,
        labels.publish,
        lambda text: states.publish(String(data=text)),
        node.get_logger().warn,
    )
    newest = QoSProfile(depth=1, history=QoSHistoryPolicy.KEEP_LAST, reliability=QoSReliabilityPolicy.BEST_EFFORT)
    node.create_subscription(Image, "image", follower.on_image, newest)
    node.create_subscription(Image, "start", follower.on_start, 1)
    try:
        rclpy.spin(node)
    finally:
        node.destroy_node()
        rclpy.try_shutdown()


if __name__ == "__main__":
    main()
