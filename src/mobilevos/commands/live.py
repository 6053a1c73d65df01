"""The verb for live video."""

import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from mobilevos.commands.app import Boxes, Clicks, Json, Mask, Mode, Model, Runtime, Size, Threads, app
from mobilevos.console import print_json
from mobilevos.errors import InputError

if TYPE_CHECKING:
    from mobilevos.runtimes import Prompter


@app.command
def live(
    source: str,
    /,
    *,
    mask: Mask | None = None,
    click: Clicks = (),
    box: Boxes = (),
    window: bool = True,
    out: Annotated[str | None, Parameter(name=["--out", "-o"], allow_leading_hyphen=True)] = None,
    seconds: Annotated[float | None, Parameter(validator=Number(gt=0))] = None,
    frames: Annotated[int | None, Parameter(validator=Number(gte=1))] = None,
    model: Model = "lite0",
    runtime: Runtime = "auto",
    threads: Threads = None,
    mode: Mode = "balanced",
    size: Size = None,
    as_json: Json = False,
) -> None:
    """Follow objects in a camera, a stream, the screen, or a file played as if it were one.

    Each time the newest frame is taken; the report says how many were dropped, and how late masks were.

    Example: mobilevos live 0
    Example: mobilevos live rtsp://camera.local/stream --click 240,200
    Example: mobilevos live clip.mp4 --mask first.png --no-window -o live.mp4

    Parameters
    ----------
    source
        Camera number or device, "screen", rtsp:// or http:// address, video file or folder of frames.
    mask
        Image of the objects in the first frame; without it, --click and --box they are drawn in the window.
    window
        Show the video in a window, in which objects can be drawn, corrected and removed.
    out
        Also record an .mp4, write raw RGB frames to standard output (-), or feed a virtual camera (/dev/videoN).
    seconds
        Stop after so many seconds.
    frames
        Stop after so many frames.
    """
    import numpy as np

    from mobilevos.first_mask import Prompts
    from mobilevos.live.capture import open_capture
    from mobilevos.live.outputs import check_output
    from mobilevos.live.session import play
    from mobilevos.live.window import DrawingWindow
    from mobilevos.prompt import Prompt
    from mobilevos.runtimes import load_prompter, load_runtime
    from mobilevos.tracker import Tracker
    from mobilevos.video.masks import first_mask, load_mask
    from mobilevos.video.protection import protect

    prompts = Prompts(click, box)
    if mask is not None and prompts:
        raise InputError("--mask and --click or --box both say where the object is; leave one out.")
    if mask is None and not prompts and not window:
        raise InputError("without a window nobody can draw the object; give --mask, --click or --box.")
    if as_json and out == "-":
        raise InputError("standard output cannot take both frames and JSON; leave out --json or give another --out.")
    labels = None if mask is None else load_mask(mask)
    if out is not None:
        check_output(out)
        protect((source, mask), files=[Path(out)])
    network = load_runtime(model, runtime, threads)

    @cache
    def prompter() -> "Prompter":
        """Opened when it is needed: not every model has a head."""
        return load_prompter(model, threads)

    def first(image: np.ndarray) -> np.ndarray:
        if labels is None:
            return prompts.masks(image, prompter()).labels
        return first_mask(labels, image.shape[:2], str(mask))

    capture = open_capture(source)
    title = f"MobileVOS: {capture.name}"
    view = DrawingWindow(title, lambda image, given: Prompt(image, prompter(), given)) if window else None
    try:
        report = play(
            capture,
            Tracker(runtime=network, mode=mode, size=size),
            first=None if labels is None and not prompts else first,
            window=view,
            out=out,
            seconds=seconds,
            frames=frames,
            note=_note if sys.stderr.isatty() and view is None else lambda text: None,
        )
    finally:
        if view is not None:
            view.close()
    if as_json:
        print_json(report.to_dict())
        return
    print(
        f"{report.frames} frames, {report.fps:.1f} FPS, {report.dropped} dropped\n"
        f"from capture to mask: {report.latency_ms:.0f} ms (median), {report.latency_p90_ms:.0f} ms (90 %)",
        file=sys.stderr if out == "-" else sys.stdout,
    )


def _note(text: str) -> None:
    print(f"\r{text}\x1b[K", end="", file=sys.stderr, flush=True)
