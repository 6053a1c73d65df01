"""The window of live video: shows masks, and lets the user draw, correct and remove them."""

from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from mobilevos.engine.prompt import Prompt
from mobilevos.errors import InputError, MobileVOSError, RuntimeUnavailable
from mobilevos.live.draft import Changes, Draft
from mobilevos.video.overlay import overlay

HELP = (
    "click object · right-click not the object · c other mask · drag paint · right-drag erase · shift-drag box · "
    "+/- brush · n new object · 1-9 choose · x remove · u undo · space pause/go · q quit"
)
_SCREEN_SHARE = 0.85
_LEFT, _RIGHT = (1,), (2, 3)
"""Mouse buttons; the right one is the second on a Mac and the third elsewhere."""
_SHIFT = 1
_SMALLEST_BOX = 4
_STEADY = 3
"""A mouse that moves no further, in pixels of the screen, between press and release has clicked."""
_NARROWEST = 480


class DrawingWindow:
    """Shows frames with their objects tinted; drawing pauses the video, and the space bar goes on.

    Args:
        title: of the window.
        begin: takes a frame (H, W, 3) and the chosen object's mask (H, W) in it, which may be empty, and gives what
            makes a mask of clicks and a box.

    Attributes:
        paused: the user is at work on the frame shown last.
        closed: the user has quit.

    Raises:
        RuntimeUnavailable: this Python lacks tkinter.
        InputError: there is no display.
    """

    def __init__(self, title: str, begin: Callable[[np.ndarray, np.ndarray], Prompt]) -> None:
        try:
            import tkinter as tk
        except ImportError as error:  # Linux distributions have it in a package of its own
            raise RuntimeUnavailable(
                "The window needs tkinter, which this Python lacks; install python3-tk, or go on with --no-window."
            ) from error
        try:
            self._root = tk.Tk()
        except tk.TclError as error:
            raise InputError("there is no display to open a window on; go on with --no-window.") from error
        self._root.title(title)
        self._picture = tk.Label(self._root, borderwidth=0, cursor="crosshair")
        self._status, self._help = (tk.Label(self._root, anchor="w", justify="left", padx=8, pady=2) for _ in "12")
        self._help["text"] = HELP
        self._picture.pack()
        self._status.pack(fill="x")
        self._help.pack(fill="x")
        self._begin = begin
        self._prompt: Prompt | None = None  # that made the chosen object's mask as it is
        self._others: np.ndarray  # label map of the other objects before it did
        self._image: np.ndarray | None = None
        self._draft: Draft | None = None
        self._changes: Changes | None = None
        self._from = (0, 0)
        self._pressed: tuple[int, int] | None = None  # on the screen, until the mouse moves away
        self._boxing = False
        self.closed = False
        self._bind()

    @property
    def paused(self) -> bool:
        """The user is at work on the frame shown last."""
        return self._draft is not None

    def show(self, labels: np.ndarray, image: np.ndarray, ids: list[int], note: str) -> None:
        """See `mobilevos.live.session.Window`."""
        if self._image is None:
            self._fit(image.shape[:2])
        self._image, self._labels, self._ids = image, labels, ids
        self._draw(labels)
        self._status["text"] = note if ids else f"{note}  Draw an object to begin."
        self._root.update()

    def attend(self) -> None:
        """See `mobilevos.live.session.Window`."""
        if not self.closed:
            self._root.update()

    def changes(self) -> Changes | None:
        """See `mobilevos.live.session.Window`."""
        changes, self._changes = self._changes, None
        return changes

    def close(self) -> None:
        """Take the window away; later calls do nothing."""
        if not self.closed:
            self.closed = True
            self._root.destroy()

    def _bind(self) -> None:
        self._root.protocol("WM_DELETE_WINDOW", self.close)
        keys: dict[str, Callable[[], None]] = {
            "<space>": self._pause_or_go,
            "c": self._next_candidate,
            "n": lambda: self._edit(Draft.new_object, remember=False),
            "x": lambda: self._edit(Draft.remove),
            "u": lambda: self._edit(Draft.undo, remember=False),
            "<plus>": lambda: self._resize_brush(1),
            "<minus>": lambda: self._resize_brush(-1),
            "q": self.close,
            **{str(number): lambda number=number: self._choose(number) for number in range(1, 10)},  # type: ignore[misc]
        }
        for key, action in keys.items():
            self._root.bind(key, lambda event, action=action: action())  # type: ignore[misc]
        for buttons, erase in ((_LEFT, False), (_RIGHT, True)):
            for button in buttons:
                self._picture.bind(f"<ButtonPress-{button}>", lambda event, erase=erase: self._press(event, erase))  # type: ignore[misc]
                self._picture.bind(f"<B{button}-Motion>", lambda event, erase=erase: self._move(event, erase))  # type: ignore[misc]
                self._picture.bind(f"<ButtonRelease-{button}>", lambda event, erase=erase: self._release(event, erase))  # type: ignore[misc]

    def _fit(self, size: tuple[int, int]) -> None:
        """Make the picture as large as the frames, (H, W), unless the screen is smaller."""
        from PIL import ImageTk

        height, width = size
        room = min(self._root.winfo_screenheight() / height, self._root.winfo_screenwidth() / width)
        self._scale = min(1.0, _SCREEN_SHARE * room)
        self._radius = max(2, min(size) // 40)
        self._shown = ImageTk.PhotoImage("RGB", (round(width * self._scale), round(height * self._scale)))
        self._picture["image"] = self._shown
        self._status["wraplength"] = self._help["wraplength"] = max(self._shown.width(), _NARROWEST) - 16

    def _draw(self, labels: np.ndarray, box: tuple[int, int, int, int] | None = None) -> None:
        assert self._image is not None
        picture = Image.fromarray(overlay(self._image, labels))
        if box is not None:
            ImageDraw.Draw(picture).rectangle(box, outline="white", width=2)
        size = (self._shown.width(), self._shown.height())
        self._shown.paste(picture if picture.size == size else picture.resize(size, Image.Resampling.BILINEAR))

    def _pause_or_go(self) -> None:
        if self._draft is None:
            self._edit(lambda draft: None, remember=False)
        else:
            self._changes, self._draft = self._draft.changes(self._ids), None

    def _edit(self, change: Callable[[Draft], None], remember: bool = True) -> None:
        """Change the draft, which pauses the video, as one step of undo."""
        if self._image is None:
            return
        if self._draft is None:
            self._draft = Draft(self._labels, self._ids)
        if remember:
            self._draft.remember()
        self._prompt = None
        change(self._draft)
        self._draw(self._draft.labels)
        self._status["text"] = (
            f"Paused: object {self._draft.object_id}, brush of {2 * self._radius + 1} pixels. Space goes on."
        )

    def _choose(self, number: int) -> None:
        def change(draft: Draft) -> None:
            draft.object_id = number

        self._edit(change, remember=False)

    def _resize_brush(self, by: int) -> None:
        self._radius = max(1, self._radius + by * max(1, self._radius // 4))
        self._edit(lambda draft: None, remember=False)

    def _press(self, event: Any, erase: bool) -> None:
        self._from = self._position(event)
        self._pressed = (event.x, event.y)
        self._boxing = bool(event.state & _SHIFT) and not erase

    def _move(self, event: Any, erase: bool) -> None:
        start, here = self._from, self._position(event)
        if self._boxing:
            if self._image is not None:
                labels = self._labels if self._draft is None else self._draft.labels
                self._draw(labels, (*map(min, start, here), *map(max, start, here)))  # type: ignore[arg-type]
            return
        first = self._pressed is not None
        if self._pressed is not None:
            if max(abs(event.x - self._pressed[0]), abs(event.y - self._pressed[1])) <= _STEADY:
                return
            self._pressed = None
        self._from = here
        self._edit(lambda draft: draft.brush(start, here, self._radius, erase), remember=first)

    def _release(self, event: Any, erase: bool) -> None:
        (x0, y0), (x1, y1) = self._from, self._position(event)
        if self._boxing:
            self._boxing = False
            box = min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0)
            if min(box[2:]) >= _SMALLEST_BOX:
                self._say(lambda prompt: prompt.box(*box))
        elif self._pressed is not None:
            self._say(lambda prompt: prompt.click(x0, y0, not erase))
        self._pressed = None

    def _next_candidate(self) -> None:
        if self._prompt is not None and (masks := self._prompt.candidates):
            following = (self._prompt.chosen + 1) % len(masks)
            self._say(lambda prompt: prompt.choose(following), is_choice=True)

    def _say(self, what: Callable[[Prompt], np.ndarray], is_choice: bool = False) -> None:
        """Make the chosen object's mask what a click, a box or a choice makes of it.

        What it took of other objects comes back to them when it is corrected.
        """
        if self._image is None:
            return
        draft = self._draft or Draft(self._labels, self._ids)
        try:
            prompt = self._prompt or self._begin(self._image, draft.labels == draft.object_id)
            others = draft.others if self._prompt is None else self._others
            what(prompt)
            if not is_choice:
                prompt.spare(others)
        except MobileVOSError as error:
            self._status["text"] = str(error)
            return
        self._edit(lambda draft: draft.replace(prompt.mask, others))
        self._prompt, self._others = prompt, others

    def _position(self, event: Any) -> tuple[int, int]:
        """(x, y) in the frame of a mouse event, no further out than the frame's border."""
        if self._image is None:
            return 0, 0
        height, width = self._image.shape[:2]
        x, y = (round(value / self._scale) for value in (event.x, event.y))
        return min(max(x, 0), width - 1), min(max(y, 0), height - 1)
