"""The verb mask: from clicks or a box to a mask, which the other verbs follow."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from mobilevos.commands.app import Auto, Boxes, Clicks, Json, Mask, Model, Out, Threads, app
from mobilevos.console import print_json, print_warning
from mobilevos.errors import InputError


@app.command(name="mask")
def first_mask(
    image: str,
    /,
    *,
    click: Clicks = (),
    box: Boxes = (),
    auto: Auto = False,
    mask: Mask | None = None,
    out: Out = Path("mask.png"),
    start: Annotated[int, Parameter(validator=Number(gte=0))] = 0,
    model: Model = "lite0",
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Make a mask of clicks or a box, for `mobilevos segment` and everything else that takes one.

    Example: mobilevos mask photo.jpg --click 412,230
    Example: mobilevos mask clip.mp4 --click 412,230 --click 390,260,0 -o first.png
    Example: mobilevos mask clip.mp4 --auto
    Example: mobilevos mask clip.mp4 --box 100,80,240,180 --click 2:300,90

    Parameters
    ----------
    image
        Image, or a video of which a frame is taken: file, folder of frames or quoted glob pattern.
    mask
        Mask to correct.
    out
        Palette PNG to write: 0 is background, object ids are as given.
    start
        Frame of a video, counted from 0.
    """
    from mobilevos.first_mask import Prompts, frame_of, main_object_of
    from mobilevos.runtimes import load_prompter
    from mobilevos.video.masks import first_mask, load_mask, save_palette_png
    from mobilevos.video.protection import protect

    prompts = Prompts(click, box)
    if auto and (prompts or mask is not None):
        raise InputError("--auto finds the object by itself; leave out --click, --box and --mask, or leave out --auto.")
    if not (auto or prompts):
        raise InputError("nothing says where the object is; give --click, --box or --auto.")
    if out.suffix.lower() != ".png":
        raise InputError(f"the mask {out} must be a .png file, which keeps its ids.")
    protect((image, mask), files=[out])
    given = None if mask is None else load_mask(mask)
    if auto:
        made = main_object_of(image, start, load_prompter(model, threads))
    else:
        frame = frame_of(image, start)
        if given is not None:
            given = first_mask(given, frame.shape[:2], str(mask))
        made = prompts.masks(frame, load_prompter(model, threads), given)
    save_palette_png(out, made.labels)
    print_warning(made.warning)
    if as_json:
        print_json({"mask": str(out), **made.to_dict()})
    else:
        for found in made.to_dict()["objects"]:
            print(f"object {found['id']}: {found['area']} pixels, expected IoU {found['confidence']:.2f}")
        print(out)
