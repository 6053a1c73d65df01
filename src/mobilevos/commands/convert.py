"""The verb that turns masks of one format into another."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from mobilevos.commands.app import File, Handles, Json, Labels, NumberFrom, Output, Target, app, first_number
from mobilevos.console import Progress, print_json, print_warning


@app.command
def convert(
    source: File,
    /,
    *,
    to: Output,
    out: Annotated[Target | None, Parameter(name=["--out", "-o"])] = None,
    video: str | None = None,
    labels: Labels = None,
    number_from: NumberFrom = None,
    handles: Handles = 0,
    as_json: Json = False,
) -> None:
    """Turn masks of one format into another.

    Example: mobilevos convert out/ --to coco
    Example: mobilevos convert annotations.xml --to masks -o masks/
    Example: mobilevos convert out/ --to labelme --video clip.mp4 -o to-correct/

    Parameters
    ----------
    source
        Output folder of `mobilevos segment`, or a file or folder of any format that can be read; see docs/formats.md.
    to
        Name of the format to write.
    out
        File or folder to write; if not given, the format's own name beside the source.
    video
        The frames, for formats that show them: video file, folder or quoted pattern.
    """
    from mobilevos.formats.convert import convert as run

    with Progress("Converting", quiet=as_json) as progress:
        done = run(
            source,
            to,
            out,
            video=video,
            names=labels,
            number_from=first_number(number_from, handles),
            progress=progress,
        )
    print_warning(done.warning)
    if as_json:
        print_json(done.to_dict())
    else:
        print(f"{done.frames} frames, {len(done.objects)} object{'s' * (len(done.objects) != 1)}: {Path(done.output)}")
