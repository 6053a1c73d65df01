"""Verbs for effects: inpaint, cutout, blur, replace."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from mobilevos.commands.app import File, Json, Mask, Mode, Model, Out, Runtime, Size, Strict, Threads, app
from mobilevos.console import Progress, print_json, print_warning
from mobilevos.errors import InputError, TruncatedVideo

if TYPE_CHECKING:
    from mobilevos.effects import Effect  # with all effects; most commands need none


@Parameter(name="*")
@dataclass(frozen=True)
class Masks:
    """Where the objects are, and what finds them in the other frames.

    Attributes
    ----------
    mask
        Image of the objects in the first frame; or a folder of such masks, each named as its frame: the first one
        starts, later ones correct; or a matte or a file of an annotator (docs/formats.md).
    masks
        In place of --mask: the masks of all frames, as a folder that `mobilevos segment` writes or as a video; nothing
        is tracked.
    snap
        Snap the soft edges of an anti-aliased mask to its dominant colours.
    """

    mask: Mask | None = None
    masks: File | None = None
    snap: Annotated[bool, Parameter(negative="")] = False
    strict: Strict = False
    model: Model = "lite0"
    runtime: Runtime = "auto"
    threads: Threads = None
    mode: Mode = "best"
    size: Size = None
    as_json: Json = False


@Parameter(name="*")
@dataclass(frozen=True)
class QuickMasks(Masks):
    """The same for an effect that takes its time and widens the masks anyway."""

    mode: Mode = "balanced"


@app.command
def inpaint(
    video: str,
    /,
    *,
    out: Out = Path("inpaint.mp4"),
    look_ahead: Annotated[int, Parameter(validator=Number(gte=0, lte=300))] = 30,
    margin: Annotated[int | None, Parameter(validator=Number(gte=0))] = None,
    masks: QuickMasks | None = None,
) -> None:
    """Remove objects: fill their place with what other frames saw of the background behind them.

    Example: mobilevos inpaint clip.mp4 --mask first.png -o clean.mp4

    Parameters
    ----------
    video
        Video file, folder of frames, or quoted glob pattern ("frames/*.jpg").
    out
        MP4 or MKV file, or a folder for PNG images.
    look_ahead
        Later frames that are used, too. They wait in memory; 0 uses earlier frames alone.
    margin
        Pixels by which the masks are widened; a sixtieth of the frame's shorter side if not given.
    """
    from mobilevos.effects.inpaint import Inpaint

    _render("In-painting", video, out, Inpaint(look_ahead, margin), masks or QuickMasks())


@app.command
def cutout(
    video: str,
    /,
    *,
    out: Out | None = None,
    background: str | None = None,
    masks: Masks | None = None,
) -> None:
    """Cut objects out, with soft edges.

    Example: mobilevos cutout clip.mp4 --mask first.png -o cutout.webm
    Example: mobilevos cutout clip.mp4 -m first.png --background green -o green.mp4

    Parameters
    ----------
    video
        Video file, folder of frames, or quoted glob pattern ("frames/*.jpg").
    out
        WebM (VP9) or MOV (ProRes 4444) with transparency, or a folder for PNG images; MP4 with a background.
        By default cutout.webm, or cutout.mp4.
    background
        Colour behind the objects in place of transparency: a name such as green, or #00b140.
    """
    from mobilevos.effects.cutout import Cutout
    from mobilevos.effects.replace import Replace, colour

    effect: Effect = Cutout() if background is None else Replace(colour(background))
    default = Path("cutout.webm" if background is None else "cutout.mp4")
    _render("Cutting out", video, out or default, effect, masks)


@app.command
def blur(video: str, /, *, out: Out = Path("blur.mp4"), strength: float = 2.5, masks: Masks | None = None) -> None:
    """Blur what is not an object.

    Example: mobilevos blur clip.mp4 --mask first.png -o blurred.mp4

    Parameters
    ----------
    video
        Video file, folder of frames, or quoted glob pattern ("frames/*.jpg").
    out
        MP4 or MKV file, or a folder for PNG images.
    strength
        Of the blur, in percent of the frame's shorter side, up to 20.
    """
    from mobilevos.effects.blur import Blur

    _render("Blurring", video, out, Blur(strength), masks)


@app.command
def replace(video: str, /, *, background: str, out: Out = Path("replace.mp4"), masks: Masks | None = None) -> None:
    """Put objects before another background.

    Example: mobilevos replace clip.mp4 -m first.png --background sea.jpg -o sea.mp4

    Parameters
    ----------
    video
        Video file, folder of frames, or quoted glob pattern ("frames/*.jpg").
    background
        Image, video, or folder of frames; a video begins again when it ends.
    out
        MP4 or MKV file, or a folder for PNG images.
    """
    from mobilevos.effects.replace import Replace, pictures

    _render("Replacing", video, out, Replace(pictures(background)), masks, also_read=(background,))


def _render(
    label: str, video: str, out: Path, effect: "Effect", masks: Masks | None, also_read: tuple[str, ...] = ()
) -> None:
    from mobilevos.effects.render import render
    from mobilevos.formats.mask_stack import is_stack
    from mobilevos.tracker import Tracker
    from mobilevos.video.stills import MASK_SUFFIXES, is_image

    given = masks or Masks()
    marks = given.mask or given.masks
    if marks is None or None not in (given.mask, given.masks):
        raise InputError("The objects are given by --mask FIRST.png or by --masks FOLDER; give one of the two.")
    tracker = None
    if given.mask is not None:
        tracker = Tracker(given.model, given.runtime, given.threads, given.size, mode=given.mode)
    elif not marks.is_dir() and is_image(marks, MASK_SUFFIXES) and not is_stack(marks):
        raise InputError(f"{marks} is one mask; give a folder or a video with the masks of all frames, or --mask.")
    with Progress(label, quiet=given.as_json) as progress:
        try:
            summary = render(
                video,
                marks,
                out,
                effect=effect,
                tracker=tracker,
                snap=given.snap,
                strict=given.strict,
                also_read=also_read,
                progress=progress,
            )
        except TruncatedVideo as error:
            raise InputError(f"{str(error).rstrip('.')}; the result so far is {out}.") from error
    print_warning(summary.warning)
    if given.as_json:
        print_json(summary.to_dict())
    else:
        print(f"{summary.frames} frames, {summary.fps:.1f} FPS with tracking, decoding and writing: {out}")
