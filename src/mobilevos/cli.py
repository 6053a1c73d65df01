"""The command line's entry: runs a verb and turns every foreseeable failure into one sentence."""

import os
import sys
import warnings
from contextlib import suppress
from typing import NoReturn

from cyclopts import CycloptsError

from mobilevos.commands import (  # noqa: F401 (they register their verbs)
    batch,
    convert,
    effects,
    export,
    first_mask,
    live,
    measure,
    serve,
    training,
    use,
)
from mobilevos.commands.app import app
from mobilevos.console import escape_what_cannot_be_shown, missing_module, open_missing_streams, usage_mistake
from mobilevos.errors import Advice, MobileVOSError
from mobilevos.signals import Endings


def main() -> None:
    """Run the command line; a user's mistake is one sentence on standard error and exit code 2."""
    warnings.formatwarning = _formatted
    open_missing_streams()
    escape_what_cannot_be_shown()
    endings = Endings()
    try:
        app(_arguments(), exit_on_error=False, print_error=False, result_action="return_value")
        sys.stdout.flush()
    except CycloptsError as error:
        _fail(str(error.__cause__) if isinstance(error.__cause__, MobileVOSError) else usage_mistake(error))
    except MobileVOSError as error:
        _fail(" ".join([str(error), *getattr(error.__cause__ or error, "__notes__", ())]))
    except ModuleNotFoundError as error:
        _fail(missing_module(error))
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # Python flushes once more when it exits
        if isinstance(error, BrokenPipeError):  # the reader had enough, as `head` does
            sys.exit(128 + 13)
        _fail(f"{error.filename or 'The output'} cannot be read or written: {error.strerror or error}.")
    except KeyboardInterrupt:
        with suppress(OSError):  # a terminal that closed
            ended = f"ended by {endings.name}" if endings.name else "interrupted"
            print(f"mobilevos: {ended}; what was finished is kept.", file=sys.stderr)
        sys.exit(endings.status or 130)
    if endings.status:  # live video has no other end
        sys.exit(endings.status)


def _arguments() -> list[str]:
    """Of the command; a lone hyphen behind the verb is standard input, where the parser would see an option."""
    given = sys.argv[1:]
    if given[1:2] == ["-"]:
        given[1] = "/dev/stdin"
    return given


_usual = warnings.formatwarning


def _formatted(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, line: str | None = None
) -> str:
    """A warning as it is printed: advice without the line of code that gave it."""
    if issubclass(category, Advice):
        return f"mobilevos: {message}\n"
    return _usual(message, category, filename, lineno, line)


def _fail(message: str) -> NoReturn:
    print(f"mobilevos: {message}", file=sys.stderr)
    sys.exit(2)
