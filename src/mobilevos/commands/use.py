"""Verbs for everyone: segment, demo, models, doctor."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from mobilevos.commands.app import (
    Auto,
    Boxes,
    Clicks,
    Handles,
    Json,
    Labels,
    Mask,
    Mode,
    Model,
    NumberFrom,
    Out,
    Output,
    Runtime,
    Several,
    Size,
    Strict,
    Threads,
    app,
    first_number,
)
from mobilevos.console import Progress, print_json, print_warning
from mobilevos.errors import InputError, TruncatedVideo

if TYPE_CHECKING:
    from mobilevos.first_mask import Prompts


@app.command
def segment(
    video: str,
    /,
    *,
    mask: Mask | None = None,
    click: Clicks = (),
    box: Boxes = (),
    auto: Auto = False,
    out: Out = Path("out"),
    outputs: Annotated[tuple[Output, ...], Several] = ("masks", "overlay"),
    snap: Annotated[bool, Parameter(negative="")] = False,
    start: Annotated[int | None, Parameter(validator=Number(gte=0))] = None,
    both: Annotated[bool, Parameter(negative="")] = False,
    strict: Strict = False,
    labels: Labels = None,
    number_from: NumberFrom = None,
    handles: Handles = 0,
    model: Model = "lite0",
    runtime: Runtime = "auto",
    threads: Threads = None,
    mode: Mode = "best",
    size: Size = None,
    fps: float | None = None,
    as_json: Json = False,
) -> None:
    """Follow the objects of a mask, or of several, through a video.

    Example: mobilevos segment clip.mp4 --mask first.png -o out/
    Example: mobilevos segment clip.mp4 --click 412,230 --click 390,260,0
    Example: mobilevos segment clip.mp4 --auto
    Example: mobilevos segment clip.mp4 --box 100,80,240,180 --click 2:300,90
    Example: mobilevos segment "frames/*.jpg" -m first.png --outputs rle rgba
    Example: mobilevos segment clip.mp4 -m fifth.png --start 4 --both
    Example: mobilevos segment clip.mp4 -m corrections/

    Parameters
    ----------
    video
        Video file, folder of frames, or quoted glob pattern ("frames/*.jpg").
    mask
        Image of the objects in the first frame: palette PNG (its ids are kept), binary, RGBA or flat colours; see
        docs/masks.md. Or a folder of such masks, each named as its frame (in a video its number from 0, as in masks/
        of the output), or a file of an annotator's (docs/formats.md): the first mask starts, later ones correct the
        objects they show and begin new ones. In its place clicks and boxes do, as `mobilevos mask` makes masks of them.
    out
        Output folder.
    outputs
        What to write: masks (palette PNG per frame), overlay (MP4), rle (COCO JSON), rgba (cut-out PNG per frame), or
        any other format of docs/formats.md by its name.
    snap
        Snap the soft edges of an anti-aliased mask to its dominant colours.
    start
        Frame that the mask belongs to, counted from 0; results begin there.
    both
        Also go back from the (first) mask's frame to the beginning.
    fps
        In place of a mode: the best quality that holds this frame rate on this machine, which is measured once.
    """
    from mobilevos.first_mask import Prompts
    from mobilevos.segment import segment as run
    from mobilevos.tracker import Tracker

    if fps is not None:
        from mobilevos.checkup.calibration import size_for

        if size is not None:
            raise InputError("--fps chooses the size, so --size cannot be given with it; leave one out.")
        size = size_for(fps, model, runtime, threads)
    tracker = Tracker(model, runtime, threads, size, mode=mode)
    given = _given(video, mask, Prompts(click, box), auto, start, model, threads)
    with given as masks, Progress("Segmenting", quiet=as_json) as progress:
        try:
            summary = run(
                video,
                masks,
                out,
                tracker=tracker,
                outputs=outputs,
                snap=snap,
                start=start,
                both=both,
                strict=strict,
                names=labels,
                number_from=first_number(number_from, handles),
                progress=progress,
            )
        except TruncatedVideo as error:
            raise InputError(f"{str(error).rstrip('.')}; their results are in {out}.") from error
    print_warning(summary.warning)
    if as_json:
        states = {i: state.state for i, state in tracker.objects.items()}
        print_json({**summary.to_dict(), "states": states})
    else:
        objects = f"{len(summary.objects)} object" + "s" * (len(summary.objects) != 1)
        print(f"{summary.frames} frames, {objects}, {summary.fps:.1f} FPS with decoding and writing")
        for name, path in summary.outputs.items():
            print(f"  {name}: {path}")


@contextmanager
def _given(
    video: str,
    mask: Path | None,
    prompts: "Prompts",
    auto: bool,
    start: int | None,
    model: str,
    threads: int | None,
) -> Iterator[Path]:
    """The file of masks to follow: the one given, or one that lasts as long as the block, made of clicks and boxes."""
    if auto and (prompts or mask is not None):
        raise InputError("--auto finds the object by itself; leave out --click, --box and --mask, or leave out --auto.")
    if mask is not None and prompts:
        raise InputError("--mask and --click or --box both say where the object is; leave one out.")
    if mask is not None:
        yield mask
        return
    if not (auto or prompts):
        raise InputError("nothing says what to follow; give --mask, --click, --box or --auto.")
    from mobilevos.first_mask import frame_of, main_object_of
    from mobilevos.runtimes import load_prompter
    from mobilevos.video.masks import save_palette_png

    prompter = load_prompter(model, threads)
    if auto:
        made = main_object_of(video, start or 0, prompter)
        print_warning(made.warning)
    else:
        made = prompts.masks(frame_of(video, start or 0), prompter)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "first.png"
        save_palette_png(path, made.labels)
        yield path


@app.command
def demo(*, out: Out = Path("mobilevos-demo"), as_json: Json = False) -> None:
    """Run the main job on the sample inside the package and score it against the sample's true masks.

    Example: mobilevos demo -o demo/

    Parameters
    ----------
    out
        Output folder.
    """
    from mobilevos.sample.demo import run_demo

    with Progress("Segmenting the sample", quiet=as_json) as progress:
        summary, score = run_demo(out, progress)
    if as_json:
        print_json({**summary.to_dict(), "J": score.J, "F": score.F, "JF": score.JF})
    else:
        print(f"{summary.frames} frames, two fish, {summary.fps:.1f} FPS with decoding and writing")
        print(f"J&F against the sample's true masks: {score.JF:.1f}")
        print(f"Look at {summary.outputs['overlay']}")


@app.command
def models(*, as_json: Json = False) -> None:
    """List the models inside the package with their cards.

    Example: mobilevos models --json
    """
    from mobilevos.weights.store import model_card, shipped_folder, shipped_models

    cards = [model_card(shipped_folder(name)) for name in shipped_models()]
    if as_json:
        print_json({"models": cards})
        return
    for card in cards:
        scores = "".join(f", J&F {value} on {name}" for name, value in card["scores"].items())
        print(f"{card['name']}: {card['parameters_m']:.2f} M parameters, {card['megabytes']:.1f} MB{scores}")
        print(*(f"  {card[key]}" for key in ("description", "licence") if key in card), sep="\n")
        for mode, known in card.get("modes", {}).items():
            print(f"  --mode {mode}:", ", ".join(f"{key} {value}" for key, value in known.items()))


@app.command
def doctor(*, as_json: Json = False) -> None:
    """Check the installation: versions, and a short run of every model. Exit code 1 if something is wrong.

    Example: mobilevos doctor
    """
    from mobilevos.checkup.doctor import examine

    findings = examine()
    if as_json:
        print_json(findings.to_dict())
    else:
        print(findings)
    if not findings.healthy:
        sys.exit(1)
