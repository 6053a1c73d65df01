"""First masks from what is typed: clicks and boxes, for one object or several."""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from mobilevos.engine.main_object import main_object
from mobilevos.engine.runtime import Prompter
from mobilevos.errors import InputError
from mobilevos.prompt import Prompt
from mobilevos.video.mask_ids import MOST_OBJECTS
from mobilevos.video.reader import is_single_image, located, open_frames
from mobilevos.video.stills import read_rgb

_LATER = 0.125  # seconds after a frame, in which its main object may have moved
_UNSURE = "it is not sure that this is the object you mean; look at the mask, or give --click or --box."

Places = list[tuple[int, int]]
"""Pixels (x, y)."""


@dataclass
class _Said:
    """What was said of one object."""

    clicks: list[tuple[int, int, bool]] = field(default_factory=list)
    box: tuple[int, int, int, int] | None = None

    @property
    def places(self) -> Places:
        """What the object was clicked on."""
        return [(x, y) for x, y, positive in self.clicks if positive]


@dataclass(frozen=True)
class FirstMask:
    """Masks of one frame.

    Attributes:
        labels: (H, W) uint8 label map.
        confidence: estimated IoU, 0..1, of each object that was prompted, by id.
        warning: why somebody should look at it, if anybody should.
    """

    labels: np.ndarray
    confidence: dict[int, float]
    warning: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """What is known of each object, ready for JSON."""
        return {
            "objects": [
                {"id": i, "area": int(np.count_nonzero(self.labels == i)), "confidence": round(sure, 3)}
                for i, sure in sorted(self.confidence.items())
            ]
        }


class Prompts:
    """Clicks and boxes as they are typed, by object.

    Args:
        clicks: each "X,Y" or "X,Y,LABEL", label 1 for the object (as if not given) and 0 for the background; or
            "ID:..." of another object than 1.
        boxes: each "X,Y,WIDTH,HEIGHT", or "ID:...".

    Raises:
        InputError: something else, or two boxes of one object.
    """

    def __init__(self, clicks: Iterable[str], boxes: Iterable[str]) -> None:
        self._objects: dict[int, _Said] = {}
        for text in boxes:
            said, numbers = self._parsed(text, "box", "X,Y,WIDTH,HEIGHT", (4,))
            if said.box is not None:
                raise InputError(f"the box {text!r} is the second of its object; leave one out, or give it an id.")
            said.box = (numbers[0], numbers[1], numbers[2], numbers[3])
        for text in clicks:
            said, numbers = self._parsed(text, "click", "X,Y or X,Y,LABEL", (2, 3))
            if len(numbers) == 3 and numbers[2] not in (0, 1):
                raise InputError(f"the click {text!r} has the label {numbers[2]}; it is 1 for the object, 0 for not.")
            said.clicks.append((numbers[0], numbers[1], numbers[2:] != [0]))

    def __bool__(self) -> bool:
        return bool(self._objects)

    def masks(self, frame: np.ndarray, prompter: Prompter, given: np.ndarray | None = None) -> FirstMask:
        """Make the masks; what was clicked as another object is none of this one's.

        Where two overlap, the smaller one is in front.

        Args:
            frame: (H, W, 3) uint8 RGB.
            prompter: a network with a prompt head.
            given: (H, W) label map to correct.

        Raises:
            InputError: a prompt that does not fit the frame, or an object of which nothing was found.
        """
        labels = np.zeros(frame.shape[:2], np.uint8) if given is None else given.astype(np.uint8)
        rest = np.where(np.isin(labels, list(self._objects)), 0, labels)
        made: dict[int, np.ndarray] = {}
        sure: dict[int, float] = {}
        for object_id, said in self._objects.items():
            prompt = Prompt(frame, prompter, labels == object_id)
            if said.box is not None:
                prompt.box(*said.box)
            for x, y, positive in sorted(said.clicks, key=lambda click: not click[2]):
                prompt.click(x, y, positive)
            prompt.spare(rest)
            _leave(prompt, said.places, self._places_beside(object_id, labels.shape))
            if not prompt.mask.any():
                raise InputError(f"nothing was found of object {object_id}; click into the middle of it.")
            made[object_id], sure[object_id] = prompt.mask, prompt.confidence
        labels[np.isin(labels, list(made))] = 0
        for object_id in sorted(made, key=lambda i: -np.count_nonzero(made[i])):
            labels[made[object_id]] = object_id
        return FirstMask(labels, sure)

    def _places_beside(self, object_id: int, size: tuple[int, ...]) -> Places:
        """Where other objects were clicked, within the frame."""
        rivals = [place for i, said in self._objects.items() if i != object_id for place in said.places]
        return [(x, y) for x, y in rivals if 0 <= x < size[1] and 0 <= y < size[0]]

    def _parsed(self, text: str, what: str, form: str, counts: tuple[int, ...]) -> tuple[_Said, list[int]]:
        name, colon, rest = text.rpartition(":")
        try:
            object_id = int(name) if colon else 1
            numbers = [int(number) for number in rest.split(",")]
        except ValueError:
            numbers = []
        if len(numbers) not in counts:
            raise InputError(f"the {what} {text!r} is not {form}, or ID:{form.split()[0]}; give whole numbers.")
        if not 1 <= object_id <= MOST_OBJECTS:
            raise InputError(f"the {what} {text!r} is of object {object_id}; ids are 1 to {MOST_OBJECTS}.")
        return self._objects.setdefault(object_id, _Said()), numbers


def _leave(prompt: Prompt, own: Places, others: Places) -> None:
    """Leave others what they were clicked on: by another candidate for what is meant, and by negative clicks."""

    def mistakes(candidate: int) -> int:
        mask = masks[candidate]
        return sum(bool(mask[y, x]) for x, y in others) + sum(not mask[y, x] for x, y in own)

    taken = [(x, y) for x, y in others if prompt.mask[y, x]]
    if taken:
        masks = [mask for mask, _ in prompt.candidates]
        prompt.choose(min(range(len(masks)), key=mistakes))
    for x, y in taken:
        prompt.click(x, y, positive=False)


def main_object_of(source: str | Path, index: int, prompter: Prompter) -> FirstMask:
    """The main moving or salient object of a frame, found without a hand; object 1.

    Args:
        source: a video, image, folder of frames or pattern; a moment of it is looked at, to see what moves.
        index: number of the frame, from 0.
        prompter: a network with a prompt head.

    Raises:
        InputError: it cannot be read, or nothing in it looks like an object.
    """
    first = frame_of(source, index)
    frames = [first]
    if not is_single_image(located(source)):
        opened = open_frames(source)
        later = max(1, round(float(opened.fps) * _LATER))
        with closing(opened.forward(index)) as rest:
            frames += islice(rest, later, later + 1)
    guess = main_object(prompter, frames)
    return FirstMask(guess.mask.astype(np.uint8), {1: guess.confidence}, None if guess.sure else _UNSURE)


def frame_of(source: str | Path, index: int = 0) -> np.ndarray:
    """One frame (H, W, 3) uint8 RGB of a video, image, folder of frames or pattern.

    Raises:
        InputError: it cannot be read, or has no such frame.
    """
    path = located(source)
    if is_single_image(path):
        if index:
            raise InputError(f"{path} is a single image and has no frame {index}; leave out --start.")
        return read_rgb(path)
    with closing(open_frames(source).forward(index)) as rest:
        return next(rest)
