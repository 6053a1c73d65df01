"""Where the mistakes of a network lie, clip by clip, and how well it keeps objects apart.

    python benchmarks/error_shares.py DEV DEV_IDENTITY HELD_OUT --candidate lite0

Whole clips. Each share is of the union of an object's predicted and true mask, a mean over frames and objects; the four
of them add up to 100 - J: wrong pixels within 3 px of the true border; others taken from or given to another annotated
object; others on the background; others missed. Switches: in how many of 100 frames of an object its predicted mask
fits another object's truth better than its own. Lost: objects whose J stays below 0.1 wherever they are to be seen, and
the frame, from 0, in which that begins.
"""

from dataclasses import asdict
from pathlib import Path

from candidates import open_candidate
from md_table import md_table
from script import run

from mobilevos.commands.app import Json
from mobilevos.console import Progress, print_json
from mobilevos.evaluation import Score, evaluate
from mobilevos.evaluation.error_shares import ClipErrors
from mobilevos.evaluation.selection import by_folder

HEADERS = ("clip", "J&F", "100 - J", "border", "other object", "background", "missed", "switches", "lost for good")


def row(name: str, score: Score, errors: ClipErrors) -> list[str]:
    """A clip's line of the table."""
    shares = [f"{share:.1f}" for share in vars(errors.shares).values()]
    lost = ", ".join(f"{label} at {since}" for label, since in errors.lost.items()) or "none"
    return [name, f"{score.JF:.1f}", f"{100 - score.J:.1f}", *shares, f"{errors.switches:.1f}", lost]


def main(*folders: Path, candidate: str = "lite0", as_json: Json = False) -> None:
    """Follow the objects of every clip and tell mistakes apart.

    Parameters
    ----------
    folders
        Folders with JPEGImages and Annotations.
    candidate
        MODEL or MODEL:MODE, as in selection.py.
    """
    clips = [(folder, clip) for folder, sequences in by_folder(folders).items() for clip in sequences]
    new_tracker = open_candidate(candidate).new_tracker
    found: dict[str, tuple[Score, ClipErrors]] = {}
    with Progress("Evaluating", quiet=as_json, unit="clips/s") as progress:
        for folder, clip in clips:
            errors = ClipErrors()
            report = evaluate([clip], new_tracker, scored=errors.add)
            found[f"{folder}/{clip.name}"] = report.overall, errors
            progress(len(found), len(clips))
    if as_json:
        print_json(
            {
                "candidate": candidate,
                "clips": {
                    name: {
                        **{"J": score.J, "F": score.F, "JF": score.JF},
                        "shares": asdict(errors.shares),
                        "switches": errors.switches,
                        "lost": errors.lost,
                    }
                    for name, (score, errors) in found.items()
                },
            }
        )
        return
    print(md_table(HEADERS, (row(name, *result) for name, result in found.items())))


if __name__ == "__main__":
    run(main)
