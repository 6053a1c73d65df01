"""The real window on a display that nobody sees, driven by the events of mouse and keyboard."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scenes import HEIGHT, WIDTH, Slow, camera, mask

from mobilevos.engine.candidates import sparing
from mobilevos.errors import InputError, RuntimeUnavailable
from mobilevos.live.capture import open_capture
from mobilevos.live.session import play
from mobilevos.live.window import HELP, DrawingWindow
from waiting import wait_until

pytest.importorskip("tkinter", reason="this Python has no tkinter")


class Noting(Slow):
    """Also remembers what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[str, int, np.ndarray]] = []

    def start(self, frame: np.ndarray, labels: np.ndarray) -> np.ndarray:
        result = super().start(frame, labels)
        self.told.append(("start", self.seen[-1], labels))
        return result

    def add(self, labels: np.ndarray) -> np.ndarray:
        self.told.append(("add", self.seen[-1], labels))
        self.labels = np.where(labels, labels, self.labels)
        return self.labels

    def remove(self, object_id: int) -> None:
        self.told.append(("remove", self.seen[-1], np.array(object_id)))
        self.labels = np.where(self.labels == object_id, 0, self.labels).astype(np.uint8)


class Told:
    """Takes a box for a mask, and a click for nine pixels; other candidates lie beside them."""

    def __init__(self, image: np.ndarray, mask: np.ndarray) -> None:
        self.mask, self.chosen = mask.copy(), 0
        self.candidates: list[tuple[np.ndarray, float]] = []

    def click(self, x: int, y: int, positive: bool = True) -> np.ndarray:
        if not positive and not self.mask.any():
            raise InputError("negative clicks alone mean no object.")
        mask = self.mask.copy()
        mask[y - 1 : y + 2, x - 1 : x + 2] = positive
        return self._found(mask)

    def box(self, x: int, y: int, width: int, height: int) -> np.ndarray:
        mask = np.zeros((HEIGHT, WIDTH), bool)
        mask[y : y + height, x : x + width] = True
        return self._found(mask)

    def choose(self, candidate: int) -> np.ndarray:
        self.chosen, self.mask = candidate, self.candidates[candidate][0]
        return self.mask

    def spare(self, others: np.ndarray) -> np.ndarray:
        return self.choose(sparing([mask for mask, _ in self.candidates], others))

    def _found(self, mask: np.ndarray) -> np.ndarray:
        self.candidates = [(mask, 0.9), (np.roll(mask, 10, 1), 0.8)]
        return self.choose(0)


class Driven(DrawingWindow):
    """A window whose user does one thing after each of some frames."""

    def __init__(self, script: dict[int, Callable[["Driven"], None]]) -> None:
        super().__init__("test", Told)
        self._script, self.shown = script, 0
        self.statuses: list[str] = []

    def show(self, labels: np.ndarray, image: np.ndarray, ids: list[int], note: str) -> None:
        super().show(labels, image, ids, note)
        self.statuses.append(self._status["text"])
        self.shown += 1
        self._script.get(self.shown, lambda window: None)(self)

    def drag(self, *points: tuple[int, int], button: int = 1, state: int = 0) -> None:
        (x, y), *rest = points
        self._picture.event_generate(f"<ButtonPress-{button}>", x=x, y=y, state=state)
        for x, y in rest:
            self._picture.event_generate(f"<B{button}-Motion>", x=x, y=y)
        self._picture.event_generate(f"<ButtonRelease-{button}>", x=x, y=y)
        self._root.update()

    def press(self, *keys: str) -> None:
        self._root.focus_force()
        self._root.update()
        for key in keys:
            self._root.event_generate(f"<KeyPress-{key}>")
            self._root.update()
            if self.closed:
                return


def played(script: dict[int, Callable[[Driven], None]], tracker: Noting, first: bool = True) -> Driven:
    window = Driven(script)
    try:
        play(camera(10**6), tracker, first=(lambda image: mask()) if first else None, window=window, frames=12)
    finally:
        window.close()
    return window


def in_turn(*actions: Callable[[Driven], object]) -> Callable[[Driven], None]:
    return lambda window: [action(window) for action in actions] and None


@pytest.mark.usefixtures("display")
def test_first_mask_is_drawn_with_the_brush() -> None:
    tracker = Noting()
    script = {3: in_turn(lambda w: w.drag((10, 30), (60, 30)), lambda w: w.press("space"))}
    window = played(script, tracker, first=False)
    (call, _, labels), *rest = tracker.told
    assert (call, rest) == ("start", [])
    assert labels.shape == (HEIGHT, WIDTH)
    assert (labels[30, 10:61] == 1).all()
    assert not labels[:25].any()
    assert window.shown == 12
    assert "Draw an object to begin" in window.statuses[0]
    assert "Draw an object" not in window.statuses[-1]
    assert "FPS" in window.statuses[-1]


@pytest.mark.usefixtures("display")
def test_a_box_adds_an_object_at_the_frame_shown() -> None:
    tracker = Noting()
    frames: list[int] = []

    def box(window: Driven) -> None:
        frames.append(tracker.seen[-1])
        window.press("space", "n")
        assert window.paused
        window.drag((40, 20), (50, 25), (80, 50), state=1)
        window.press("space")
        assert not window.paused

    played({4: box}, tracker)
    assert [(call, number) for call, number, _ in tracker.told] == [("start", 0), ("add", frames[0])]
    added = tracker.told[1][2]
    assert (added[20:50, 40:80] == 1).all()
    assert np.count_nonzero(added) == 30 * 40


@pytest.mark.usefixtures("display")
def test_clicks_make_and_correct_an_object_and_a_key_chooses_among_its_masks() -> None:
    tracker = Noting()
    statuses: list[str] = []

    def click(window: Driven) -> None:
        window.press("n")
        window.drag((60, 40), button=3)
        statuses.append(window._status["text"])
        window.drag((60, 40))
        window.drag((70, 40), (71, 41))  # a hand that is not quite steady
        window.drag((61, 40), button=3)
        window.press("space")

    def choose(window: Driven) -> None:
        window.press("3")
        window.drag((30, 50))
        window.press("c", "c", "c", "space")

    played({4: click, 7: choose}, tracker)
    assert statuses == ["negative clicks alone mean no object."]
    assert [call for call, _, _ in tracker.told] == ["start", "add", "add"]
    first, second = tracker.told[1][2], tracker.told[2][2]
    assert set(np.unique(first)) == {0, 1}
    assert (first[40, 59], first[40, 60], first[40, 71]) == (1, 0, 1)
    assert np.count_nonzero(first) == 9 + 9 - 6
    assert (second[50, 30], second[50, 40]) == (0, 3)  # the other candidate lies ten pixels to the right


@pytest.mark.usefixtures("display")
def test_what_a_click_took_of_another_object_comes_back_to_it() -> None:
    """And of two candidates, the one is taken that leaves the other object most of itself."""
    tracker = Noting()

    def click(window: Driven) -> None:
        window.press("n")
        window.drag((40, 40))
        window.press("n")
        window.drag((40, 42))
        window.drag((40, 42), button=3)
        window.drag((40, 40))
        window.press("space")

    played({4: click}, tracker)
    labels = tracker.told[1][2]
    assert (labels[39:42, 39:42] == 1).all()
    assert (labels[39:42, 49:52] == 2).all(), "another candidate than the one that is all of object 1"
    assert np.count_nonzero(labels) == 18


@pytest.mark.usefixtures("display")
def test_a_click_can_be_undone() -> None:
    tracker = Noting()

    def click(window: Driven) -> None:
        window.drag((60, 40))
        window.drag((80, 40))
        window.press("u", "space")

    played({4: click}, tracker, first=False)
    ((call, _, labels),) = tracker.told
    assert call == "start"
    assert (labels[40, 60], labels[40, 80]) == (1, 0)


@pytest.mark.usefixtures("display")
def test_correct_erase_undo_remove_and_quit() -> None:
    tracker = Noting()

    def correct(window: Driven) -> None:
        window.press("3")
        window.drag((25, 10), (30, 10))
        window.drag((5, 5), (8, 8), button=3)
        window.drag((60, 50), (80, 50))
        window.press("u", "space")

    def remove(window: Driven) -> None:
        window.press("x", "space")

    window = played({3: correct, 6: remove, 9: lambda w: w.press("q")}, tracker)
    assert [call for call, _, _ in tracker.told] == ["start", "add", "remove"]
    corrected = tracker.told[1][2]
    assert set(np.unique(corrected)) == {0, 3}
    assert (corrected[10, 28], corrected[6, 6], corrected[50, 70], corrected[15, 15]) == (3, 0, 0, 3)
    assert int(tracker.told[2][2]) == 3
    assert (window.shown, window.closed) == (9, True)


@pytest.mark.usefixtures("display")
def test_pauses_count_neither_as_time_nor_as_drops() -> None:
    """While the window is paused, and then only, frames come that nobody takes."""
    shown_at: list[float] = []
    looks = came = 0

    class Pausing(Driven):
        def show(self, *about: Any) -> None:
            super().show(*about)
            shown_at.append(time.perf_counter())

        def attend(self) -> None:
            nonlocal looks
            super().attend()
            if self.paused:
                looks += 1
                if looks > 50 and came > 60:
                    self.press("space")

    def may(index: int) -> bool:
        nonlocal came
        if looks > 1 and came < 61:
            came += 1
            return True
        return index - came <= len(tracker.seen)

    tracker = Slow()
    window = Pausing({5: lambda window: window.press("space")})
    try:
        report = play(camera(10**6, may=may), tracker, first=lambda image: mask(), window=window, frames=10)
    finally:
        window.close()
    assert report.frames == 10
    assert shown_at[-1] - shown_at[0] - report.seconds > 0.4  # a look is at least a hundredth of a second
    assert report.dropped < 5


@pytest.mark.usefixtures("display")
def test_what_is_on_the_screen() -> None:
    """A large frame fits the screen, its colours are right, and the help is there."""
    window = DrawingWindow("test", Told)
    try:
        image = np.zeros((1200, 1600, 3), np.uint8)
        image[...] = (30, 160, 220)
        window.show(np.zeros((1200, 1600), np.uint8), image, [1], "24.0 FPS")
        window._root.geometry("+0+0")
        window._root.update()
        screen = open_capture("screen")
        wait_until(lambda: abs(next(screen.shots).image[300, 300].astype(int) - (30, 160, 220)).max() <= 2)
        screen.shots.close()
        assert window._picture.winfo_width() <= 800
        assert window._root.winfo_height() <= 600
        assert HELP in [part["text"] for part in window._root.winfo_children()]
        assert window._root.winfo_reqwidth() <= 800
    finally:
        window.close()


@pytest.mark.usefixtures("display")
def test_keys_before_the_first_frame_do_nothing() -> None:
    window = Driven({})
    window.press("space", "n", "x", "u", "1")
    window.drag((1, 1), (9, 9))
    assert not window.paused
    window.press("q")
    assert window.closed
    window.close()


@pytest.mark.usefixtures("no_display")
def test_no_display_is_one_sentence() -> None:
    with pytest.raises(InputError, match=r"^there is no display to open a window on; go on with --no-window\.$"):
        DrawingWindow("test", Told)


def test_no_tkinter_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "tkinter", None)
    with pytest.raises(RuntimeUnavailable, match="needs tkinter, which this Python lacks; install python3-tk"):
        DrawingWindow("test", Told)
