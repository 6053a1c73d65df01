"""A picture of first masks, good and bad: objects with the clicks a simulated user makes, and the masks they give.

    python benchmarks/prompt_sheet.py DEV DEV_IDENTITY -o sheet.jpg

Each object has a row of one click, three clicks and a box; green is right, red is too much, blue is missing.
"""

from pathlib import Path
from typing import Annotated

import numpy as np
from cyclopts import Parameter
from PIL import Image, ImageDraw
from prompts import Target, targets, tight_box
from script import run

from mobilevos.data.clicks import next_click
from mobilevos.evaluation import jaccard
from mobilevos.prompt import Prompt
from mobilevos.runtimes import Prompter, load_prompter

TILE = 190
ACROSS = 4
RIGHT, EXCESS, MISSING = (40, 200, 80), (230, 50, 40), (50, 110, 255)


def row_of(prompter: Prompter, target: Target) -> Image.Image:
    """Three tiles beside each other."""
    prompt, clicks, tiles = Prompt(target.frame, prompter), [], []
    for number in range(1, 4):
        clicks.append(next_click(prompt.mask, target.truth))
        prompt.click(*clicks[-1])
        if number != 2:
            tiles.append(_tile(target, prompt.mask, clicks, None))
    box = tight_box(target.truth)
    tiles.append(_tile(target, Prompt(target.frame, prompter).box(*box), [], box))
    row = Image.new("RGB", (3 * TILE + 6, TILE + 2), "white")
    for place, tile in enumerate(tiles):
        row.paste(tile, (place * (TILE + 2), 0))
    return row


def _tile(
    target: Target,
    mask: np.ndarray,
    clicks: list[tuple[float, float, bool]],
    box: tuple[int, int, int, int] | None,
) -> Image.Image:
    picture = target.frame.astype(np.float32)
    kinds = ((mask & target.truth, RIGHT), (mask & ~target.truth, EXCESS), (~mask & target.truth, MISSING))
    for where, colour in kinds:
        picture[where] = 0.5 * picture[where] + 0.5 * np.array(colour, np.float32)
    height, width = target.truth.shape
    left, top, across, down = tight_box(target.truth | mask)
    side = min(max(1.25 * max(across, down), 0.2 * min(height, width)), max(height, width))
    corner = np.array([left + across / 2 - side / 2, top + down / 2 - side / 2])
    scale = TILE / side
    image = Image.fromarray(picture.astype(np.uint8))
    tile = image.transform((TILE, TILE), Image.Transform.AFFINE, (1 / scale, 0, corner[0], 0, 1 / scale, corner[1]))
    draw = ImageDraw.Draw(tile)
    for x, y, positive in clicks:
        at = (np.array([x, y]) - corner) * scale
        draw.ellipse((*(at - 4), *(at + 4)), fill="white" if positive else "black", outline="black")
    if box is not None:
        corners = (np.array([box[:2], np.add(box[:2], box[2:])]) - corner) * scale
        draw.rectangle(tuple(corners.ravel()), outline="white")
    draw.text((3, 2), f"{jaccard(mask, target.truth):.2f}", fill="yellow", stroke_width=1, stroke_fill="black")
    return tile


def main(
    *roots: Path,
    out: Annotated[Path, Parameter(name=["--out", "-o"])],
    model: str = "lite0",
    every: int = 10,
    count: int = 40,
) -> None:
    """Draw the sheet.

    Parameters
    ----------
    roots
        Folders in the layout of DAVIS.
    count
        Objects, evenly spread over all.
    """
    prompter, found = load_prompter(model), list(targets(roots, every))
    chosen = [found[i] for i in np.linspace(0, len(found) - 1, min(count, len(found))).astype(int)]
    rows = [row_of(prompter, target) for target in chosen]
    width, height = rows[0].size
    sheet = Image.new("RGB", (ACROSS * (width + 8), -(-len(rows) // ACROSS) * (height + 4)), "white")
    for number, row in enumerate(rows):
        sheet.paste(row, (number % ACROSS * (width + 8), number // ACROSS * (height + 4)))
    sheet.save(out, quality=85)


if __name__ == "__main__":
    run(main)
