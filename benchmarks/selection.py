"""The ruler of docs/results.md: which of several networks is better, on overlapping pieces of held-out clips.

    python benchmarks/selection.py DEV DEV_IDENTITY HELD_OUT --candidates lite0 runs/a/model.safetensors

A candidate is a shipped model's name, the folder of an exported one or a .safetensors file, each with a mode or an
internal size if need be (lite0:balanced, lite0:384). The others are compared with the first, paired clip by clip.
"""

from pathlib import Path
from typing import Annotated

from candidates import open_candidate
from md_table import md_table
from script import run

from mobilevos.commands.app import Json, Several
from mobilevos.console import Progress, print_json
from mobilevos.evaluation.paired import Difference
from mobilevos.evaluation.piece_cache import PieceCache
from mobilevos.evaluation.pieces import EVERY
from mobilevos.evaluation.selection import ClipResult, Selection, by_folder, select


def table(selection: Selection) -> list[list[str]]:
    """Rows: each clip, then the weighted mean of each folder and of all, with standard errors."""
    baseline, *others = selection.candidates
    rows = []
    for clip in selection.clips:
        scores = [clip.score(name) for name in selection.candidates]
        figures = [*map("{:.1f}".format, scores), *(f"{score - scores[0]:+.1f}" for score in scores[1:])]
        rows.append([f"{clip.folder}/{clip.clip}", *_counts([clip], baseline), *figures])
    for folder in (*selection.folders, None):
        means = [f"{selection.mean(name, folder):.1f}" for name in selection.candidates]
        gains = [shown(selection.difference(name, folder)) for name in others]
        rows.append([folder or "all", *_counts(selection.of(folder), baseline), *means, *gains])
    return rows


def _counts(clips: list[ClipResult], candidate: str) -> tuple[str, str]:
    """Pieces and weight of clips."""
    return str(sum(len(clip.pieces[candidate]) for clip in clips)), f"{sum(clip.weight for clip in clips):g}"


def shown(difference: Difference) -> str:
    """Mean, standard error and verdict."""
    error = "?" if difference.error is None else f"{difference.error:.1f}"
    return f"{difference.mean:+.1f} ± {error}, {difference.verdict}"


def main(
    *folders: Path,
    candidates: Annotated[tuple[str, ...], Several],
    every: int = EVERY,
    cache: Path | None = None,
    as_json: Json = False,
) -> None:
    """Compare candidates on folders in the DAVIS layout.

    Parameters
    ----------
    folders
        Folders with JPEGImages and Annotations.
    candidates
        MODEL or MODEL:MODE; the others are compared with the first.
    every
        Frames between the starts of pieces.
    cache
        Keep the scores of pieces in this file, and look them up there.
    """
    sequences = by_folder(folders)
    kept = PieceCache(cache) if cache else None
    opened = [open_candidate(text) for text in candidates]
    with Progress("Evaluating", quiet=as_json, unit="pieces/s") as progress:
        selection = select(sequences, opened, every=every, cache=kept, progress=progress)
    if as_json:
        print_json(selection.to_dict())
        return
    letters = [chr(ord("A") + index) for index in range(len(candidates))]
    print(*(f"{letter} = {name}" for letter, name in zip(letters, candidates, strict=True)), sep="\n")
    print(
        md_table(("clip", "pieces", "weight", *letters, *(f"{letter} - A" for letter in letters[1:])), table(selection))
    )


if __name__ == "__main__":
    run(main)
