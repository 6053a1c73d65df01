"""The command-line application, and the options that several verbs share."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter, Token
from cyclopts.validators import Number

from mobilevos import __version__
from mobilevos.errors import InputError
from mobilevos.video.address import existing_path, local_path


def _default(value: object) -> str | None:
    """A default as it would be typed; none for what is off or absent unless asked for."""
    if value is None or value is False:
        return None
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _of_one_token(convert: Callable[[str], Path]) -> Callable[[object, Sequence[Token]], Path]:
    """As a converter of the command line."""
    return lambda kind, tokens: convert(tokens[0].value)


app = App(
    name="mobilevos",
    help="""Real-time video object segmentation: a video and the mask of its first frame in, masks of every frame out.

Example: mobilevos demo""",
    help_format="plaintext",  # keeps examples as they are typed
    version=__version__,
    default_parameter=Parameter(show_default=_default),
    suppress_keyboard_interrupt=False,  # `cli.main` has something to say about it
)
Model = Annotated[str, Parameter(help="Name from `mobilevos models`, or the folder of an exported model (./NAME).")]
Runtime = Annotated[str, Parameter(help="auto, onnxruntime or torch.")]
Threads = Annotated[int | None, Parameter(validator=Number(gte=1), help="CPU threads; all cores if not given.")]
Mode = Annotated[
    Literal["fast", "balanced", "best", "finest"], Parameter(help="Speed or quality; see `mobilevos models`.")
]
Size = Annotated[
    int | None, Parameter(help="In place of a mode: the network sees about SIZE x SIZE pixels of a frame.")
]
Strict = Annotated[
    bool, Parameter(negative="", help="Stop where the video is damaged, rather than go on at the next key frame.")
]
Json = Annotated[bool, Parameter(name="--json", negative="", help="Print one JSON object, for machines.")]
File = Annotated[Path, Parameter(converter=_of_one_token(existing_path))]
"""Something that is read; it may be given as a ``file://`` address."""
Target = Annotated[Path, Parameter(converter=_of_one_token(local_path))]
"""Something that is written."""
Mask = Annotated[File, Parameter(name=["--mask", "-m"])]
Out = Annotated[Target, Parameter(name=["--out", "-o"])]
Clicks = Annotated[
    tuple[str, ...],
    Parameter(
        name="--click",
        negative="",
        allow_leading_hyphen=True,
        help="X,Y of a pixel of the object, or X,Y,0 of one that is not; ID:X,Y of object ID. May be repeated.",
    ),
]
Boxes = Annotated[
    tuple[str, ...],
    Parameter(
        name="--box",
        negative="",
        allow_leading_hyphen=True,
        help="X,Y,WIDTH,HEIGHT of a box around the object; ID:X,Y,WIDTH,HEIGHT of object ID. May be repeated.",
    ),
]
Auto = Annotated[
    bool, Parameter(name="--auto", negative="", help="Find the main moving or salient object by itself; object 1.")
]
Output = Literal[
    "masks",
    "overlay",
    "rle",
    "rgba",
    "coco",
    "youtube-vis",
    "youtube-vis-results",
    "cvat",
    "cvat-polygons",
    "labelme",
    "labelme-polygons",
    "luma",
    "prores",
    "ffv1",
    "vp9",
    "mattes",
    "exr",
    "yolo",
    "mots",
    "mots-png",
    "davis2017",
    "mose",
    "youtube-vos",
    "lvos",
    "burst",
    "training",
    "label-studio",
    "label-studio-video",
]
"""Every format that can be written, told without loading NumPy."""
Labels = Annotated[
    File | None, Parameter(name="--labels", help='JSON file of names: {"1": {"name": "fish", "class": "animal"}}.')
]
NumberFrom = Annotated[
    int | None,
    Parameter(validator=Number(gte=0), help="Number of the first frame in image sequences for editors, such as 1001."),
]
Handles = Annotated[
    int, Parameter(validator=Number(gte=0), help="Frames before the cut, which is where --number-from counts from.")
]
Several = Parameter(consume_multiple=1, negative="")


def first_number(number_from: int | None, handles: int) -> int | None:
    """Number of frame 0 in sequences; None leaves each image its own.

    Raises:
        InputError: there would be frames before number 0.
    """
    if not handles:
        return number_from
    if number_from is None or handles > number_from:
        raise InputError(f"--handles {handles} needs a --number-from of at least {handles}; 1001 is usual.")
    return number_from - handles
