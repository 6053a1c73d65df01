"""All results of a batch in a few files."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from mobilevos.batch.status import last_entries
from mobilevos.batch.store import JOBS, MANIFESTS, Store
from mobilevos.errors import InputError
from mobilevos.video.files import atomic, make_folder

_PART = 1 << 30


def merge(store: Store, target: Path, progress: Callable[[int, int | None], None] | None = None) -> list[Path]:
    """Write the last state of each job, and with ``.zip`` the masks of all.

    Args:
        store: the results.
        target: ``NAME.jsonl``, ``NAME.jsonl.gz`` or ``NAME.zip``; beyond 1 GB an archive goes on in ``NAME-2.zip``.
        progress: called with the jobs done and their number.

    Returns:
        What was written.

    Raises:
        InputError: another suffix, nothing to merge, or the target is among what is merged.
        OutputError: it cannot be written.
    """
    name = target.name
    if not name.endswith((".jsonl", ".jsonl.gz", ".zip")):
        raise InputError(f"{target} has none of the endings .jsonl, .jsonl.gz and .zip; choose one of them.")
    if {Path(store.name, folder).resolve() for folder in (JOBS, MANIFESTS)} & set(target.resolve().parents):
        raise InputError(f"the output {target} is among the results that are merged; choose another name for it.")
    last = last_entries(store)
    if not last:
        raise InputError(f"{store.name} holds no results of a batch yet.")
    make_folder(target.absolute().parent)
    lines = (json.dumps(entry) + "\n" for _, entry in sorted(last.items()))
    if name.endswith(".zip"):
        return _archives(store, target, list(lines), sorted(last), progress)
    with atomic(target) as part, gzip.open(part, "wt") if name.endswith(".gz") else part.open("w") as file:
        file.writelines(lines)
    return [target]


def _archives(
    store: Store,
    target: Path,
    lines: list[str],
    ids: list[str],
    progress: Callable[[int, int | None], None] | None,
) -> list[Path]:
    made: list[Path] = []
    waiting = iter(enumerate(ids, 1))
    more = True
    while more:
        path = target if not made else target.with_name(f"{target.stem}-{len(made) + 1}.zip")
        with atomic(path) as part, ZipFile(part, "w", ZIP_DEFLATED, compresslevel=1) as archive:
            if not made:
                archive.writestr("manifest.jsonl", "".join(lines))
            size, more = 0, False
            for number, job_id in waiting:
                masks = store.file(job_id, "masks.json")
                if masks is not None:
                    archive.writestr(f"{job_id}/masks.json", masks)
                    size += archive.filelist[-1].compress_size
                if progress is not None:
                    progress(number, len(ids))
                if size >= _PART:
                    more = number < len(ids)
                    break
        made.append(path)
    return made
