"""One job: a video, what to follow in it, and how; a line of the list."""

import json
import os
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from mobilevos.errors import InputError
from mobilevos.json_text import parse_json
from mobilevos.video.address import is_address

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_PROMPTS = ("mask", "masks", "objects", "prompts")
_FRAMES_A_SECOND = 25
_BYTES_A_FRAME = 5000
"""Both only to put jobs in order, whose lengths are told in different units."""


@dataclass(frozen=True)
class Job:
    """A line of the list, with paths that no longer depend on where the list is.

    Attributes:
        id: name of its folder among the results.
        video: path or URL.
        mask: image, or anything else that `mobilevos.segment.segment` takes; path or URL.
        masks: such images by the frame they belong to.
        objects: COCO RLE by the object's id, of frame ``start``.
        prompts: the same by the frame.
        start: the frame, from 0, that ``mask`` or ``objects`` belongs to.
        both: also track back to the beginning.
        frames, seconds: length as far as known, for the order alone.
        meta: passed on to the results.
    """

    id: str
    video: str
    mask: str | None = None
    masks: dict[str, str] | None = None
    objects: dict[str, Any] | None = None
    prompts: dict[str, dict[str, Any]] | None = None
    start: int | None = None
    both: bool = False
    frames: int | None = None
    seconds: float | None = None
    meta: Any = None

    def to_line(self) -> str:
        """As a line of a list, which may lie anywhere."""
        return json.dumps({key: value for key, value in asdict(self).items() if value not in (None, False)})

    def length(self) -> float:
        """About how many frames it has; infinite if nothing tells."""
        if self.frames is not None:
            return self.frames
        if self.seconds is not None:
            return self.seconds * _FRAMES_A_SECOND
        try:
            return os.stat(self.video).st_size / _BYTES_A_FRAME
        except OSError:
            return float("inf")


def parse_job(line: str | bytes, base: Path) -> Job:
    """Read a line of a list.

    Args:
        line: JSON object.
        base: folder that relative paths begin at.

    Raises:
        InputError: it is no job; one sentence that begins with a verb, to follow the line's number.
    """
    try:
        known = parse_json(line)
    except ValueError:
        raise InputError("is not JSON; give one object a line") from None
    if not isinstance(known, dict):
        raise InputError("is no JSON object; give one object a line")
    for key, value in known.items():
        if key not in _CHECKS:
            raise InputError(f"has an unknown key {key!r}; known are {', '.join(_CHECKS)}")
        check, wanted = _CHECKS[key]
        if not check(value):
            raise InputError(f"has a {key!r} that is not {wanted}")
    if "video" not in known:
        raise InputError("lacks 'video'")
    prompts = [key for key in _PROMPTS if key in known]
    if len(prompts) != 1:
        raise InputError(f"needs one of {', '.join(_PROMPTS)}, and has {' and '.join(prompts) or 'none'}")
    if "start" in known and prompts[0] in ("masks", "prompts"):
        raise InputError(f"has a 'start' beside {prompts[0]!r}, whose keys are frames; leave it out")
    known["video"] = _resolved(known["video"], base)
    if "mask" in known:
        known["mask"] = _resolved(known["mask"], base)
    if "masks" in known:
        known["masks"] = {frame: _resolved(name, base) for frame, name in known["masks"].items()}
    return Job(**{"id": _made_id(known), **known})


def _made_id(known: dict[str, Any]) -> str:
    about = [known.get(key) for key in ("video", *_PROMPTS, "start", "both")]
    return blake2b(json.dumps(about, sort_keys=True).encode(), digest_size=8).hexdigest()


def _resolved(name: str, base: Path) -> str:
    return name if is_address(name) or name.startswith("~") else str(base / name)


def _is_whole(value: object, least: int = 0) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _is_name(value: object) -> bool:
    return isinstance(value, str) and value != "" and "\0" not in value


def _by_number(value: object, check: Callable[[Any], bool], least: int = 0) -> bool:
    if not isinstance(value, dict) or not value:
        return False
    return all(key.isascii() and key.isdecimal() and int(key) >= least and check(of) for key, of in value.items())


def _is_objects(value: object) -> bool:
    return _by_number(value, lambda rle: isinstance(rle, dict) and {*rle} == {"size", "counts"}, least=1)


_CHECKS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "id": (
        lambda value: isinstance(value, str) and bool(_ID.fullmatch(value)),
        "up to 128 of A-Z a-z 0-9 . _ - with a letter or digit first",
    ),
    "video": (_is_name, "a path or URL"),
    "mask": (_is_name, "a path or URL"),
    "masks": (lambda value: _by_number(value, _is_name), "an object of frame numbers and paths or URLs"),
    "objects": (_is_objects, "an object of ids and RLE masks with size and counts"),
    "prompts": (
        lambda value: _by_number(value, _is_objects),
        "an object of frame numbers, each with an object of ids and RLE masks",
    ),
    "start": (_is_whole, "a frame number from 0"),
    "both": (lambda value: isinstance(value, bool), "true or false"),
    "frames": (lambda value: _is_whole(value, 1), "a whole number above 0"),
    "seconds": (
        lambda value: isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < float("inf"),
        "a number above 0",
    ),
    "meta": (lambda value: True, "JSON"),
}
