"""The log of a run: JSON lines, each step once however often the run was killed."""

import json
from contextlib import suppress
from pathlib import Path

from mobilevos.json_text import parse_json
from mobilevos.video.files import atomic

LOG = "log.jsonl"


def resume_log(out: Path, start: int) -> dict[int, float]:
    """Drop what a killed run logged after its last save, for it comes again.

    Args:
        out: the run's folder.
        start: steps that the run goes on from.

    Returns:
        every J&F so far, by step.

    Raises:
        OutputError: the log cannot be written.
    """
    if not (out / LOG).exists():
        return {}
    judged: dict[int, float] = {}
    kept = []
    for text in (out / LOG).read_text().splitlines(keepends=True):
        with suppress(ValueError):  # the last line may be torn
            line = parse_json(text)
            if line["step"] <= start:
                kept.append(text)
                if "dev" in line:
                    judged[line["step"]] = line["dev"]["JF"]
    with atomic(out / LOG) as part:  # a kill here must not cost what was judged
        part.write_text("".join(kept))
    return judged


def log(out: Path, line: dict[str, object]) -> None:
    """Add a line, which has a ``step``."""
    with (out / LOG).open("a") as file:
        file.write(json.dumps(line) + "\n")
