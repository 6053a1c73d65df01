"""What a worker does with one job, whichever engine placed it."""

import errno
import json
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import rmtree
from typing import Any

from mobilevos.batch.fetch import Fetcher, FetchError, fetcher
from mobilevos.batch.jobs import Job
from mobilevos.batch.names import owned
from mobilevos.batch.options import MakeTracker, Options
from mobilevos.batch.outcome import Outcome
from mobilevos.batch.pack import pack
from mobilevos.batch.prompts import prompt_of
from mobilevos.batch.store import Store
from mobilevos.errors import MobileVOSError, OutputError, TruncatedVideo
from mobilevos.json_text import parse_json
from mobilevos.segment import segment
from mobilevos.video.codec_threads import limit_codec_threads
from mobilevos.video.files import atomic, output_error
from mobilevos.video.output_folder import SUMMARY

_OF_THE_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO, errno.ESTALE}
"""What no other job would be spared either."""

Beat = Callable[[int, int | None], None]
"""Takes the frames done and their number, if known."""


@dataclass(frozen=True)
class Setup:
    """What a worker is started with."""

    options: Options
    store: Store
    scratch: Path
    make_tracker: MakeTracker


class Worker:
    """Does one job after the other with one tracker.

    Raises:
        MobileVOSError: there is no such model, or no runtime for it.
    """

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        limit_codec_threads(setup.options.threads)
        self._tracker = setup.make_tracker(setup.options)

    def run(self, job: Job, beat: Beat) -> Outcome:
        """Do a job and publish what it gives; whatever goes wrong is told and not raised, but for an interrupt."""
        with fetcher(self._setup.scratch / owned(job.id), lambda: beat(0, None)) as fetch:
            outcome = self._attempt(job, fetch, beat)
        return replace(outcome, reason=outcome.reason and fetch.by_url(outcome.reason))

    def _attempt(self, job: Job, fetch: Fetcher, beat: Beat) -> Outcome:
        try:
            with self._part(job) as part:
                return self._done(job, part, fetch, beat)
        except FetchError as error:
            return Outcome("failed", "fetch", _sentence(error))
        except OutputError as error:
            return Outcome("failed", "disk" if _is_of_the_disk(error) else "output", _sentence(error))
        except MobileVOSError as error:
            return Outcome("failed", "input", _sentence(error))
        except Exception as error:
            if _is_of_the_disk(error):
                return Outcome("failed", "disk", _sentence(output_error(Path(self._setup.store.name), error)))
            reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            return Outcome("failed", "bug", " ".join(reason.split()), trace=traceback.format_exc())

    def _done(self, job: Job, part: Path, fetch: Fetcher, beat: Beat) -> Outcome:
        options = self._setup.options
        try:
            segment(
                str(fetch(job.video)),
                prompt_of(job, fetch),
                part,
                tracker=self._tracker,
                outputs=options.outputs,
                start=job.start,
                both=job.both,
                strict=options.strict,
                progress=beat,
            )
        except TruncatedVideo:
            if not (part / SUMMARY).is_file():
                raise
        summary = self._finished(job, part, fetch)
        self._setup.store.publish(job.id, part)
        return Outcome.of_summary(summary)

    def _finished(self, job: Job, part: Path, fetch: Fetcher) -> dict[str, Any]:
        """Pack what is to be packed; the summary then tells of the files by names that moving does not change."""
        summary: dict[str, Any] = parse_json((part / SUMMARY).read_text())
        outputs = {name: Path(path) for name, path in summary["outputs"].items()}
        if not self._setup.options.loose:
            outputs = {name: pack(path) if path.is_dir() else path for name, path in outputs.items()}
        summary["outputs"] = {name: path.name for name, path in outputs.items()}
        summary["message"] = summary["message"] and fetch.by_url(summary["message"])
        summary["job"] = {"id": job.id, "meta": job.meta}
        with atomic(part / SUMMARY) as file:
            file.write_text(json.dumps(summary, indent=2) + "\n")
        return summary

    @contextmanager
    def _part(self, job: Job) -> Iterator[Path]:
        part = self._setup.store.part(job.id)
        try:
            yield part
        finally:
            rmtree(part, ignore_errors=True)


def _sentence(error: BaseException) -> str:
    return " ".join([str(error), *getattr(error, "__notes__", ())])


def _is_of_the_disk(error: BaseException | None) -> bool:
    """Whether it comes from a disk that is full, gone or not ours."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _OF_THE_DISK:
            return True
        error = error.__cause__
    return False
