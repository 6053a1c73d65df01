"""MobileVOS: real-time semi-supervised video object segmentation on the device you already have.

::

    tracker = mobilevos.Tracker()
    labels = tracker.start(first_frame, mask)   # (H, W, 3) uint8 RGB, (H, W) label map
    labels = tracker.step(next_frame)           # (H, W) uint8 label map, same ids

    mask = mobilevos.Prompt(first_frame).click(412, 230)   # (H, W) bool: a first mask, of a click or a box
"""

from typing import TYPE_CHECKING, Any

from mobilevos.machine.cores import keep_to_quota

keep_to_quota()

__version__ = "0.1.0"

_HOME = {
    "Tracker": "mobilevos.tracker",
    "Prompt": "mobilevos.prompt",
    "ObjectState": "mobilevos.tracker",
    "load_runtime": "mobilevos.runtimes",
    "load_prompter": "mobilevos.runtimes",
    "open_frames": "mobilevos.video.reader",
    "load_mask": "mobilevos.video.masks",
    "overlay": "mobilevos.video.overlay",
    "MobileVOSError": "mobilevos.errors",
}
__all__ = [*_HOME, "__version__"]

if TYPE_CHECKING:
    from mobilevos.errors import MobileVOSError as MobileVOSError
    from mobilevos.prompt import Prompt as Prompt
    from mobilevos.runtimes import load_prompter as load_prompter
    from mobilevos.runtimes import load_runtime as load_runtime
    from mobilevos.tracker import ObjectState as ObjectState
    from mobilevos.tracker import Tracker as Tracker
    from mobilevos.video.masks import load_mask as load_mask
    from mobilevos.video.overlay import overlay as overlay
    from mobilevos.video.reader import open_frames as open_frames


def __getattr__(name: str) -> Any:
    """Import a public name or a part of the package when it is first used: ``import mobilevos`` loads none."""
    from importlib import import_module

    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    if name in _parts():
        return import_module(f"mobilevos.{name}")
    raise AttributeError(f"module 'mobilevos' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, *_parts()]


def _parts() -> list[str]:
    """Names of the modules and packages within."""
    from pkgutil import iter_modules

    return [part.name for part in iter_modules(__path__) if not part.name.startswith("_")]
