"""How these scripts are run."""

import sys
from collections.abc import Callable

import cyclopts

from mobilevos.console import missing_module
from mobilevos.errors import MobileVOSError


def run(main: Callable[..., None]) -> None:
    """Run ``main`` with the command line; a user's mistake is one sentence on standard error and exit code 2."""
    try:
        cyclopts.run(main)
    except MobileVOSError as error:
        sys.exit(_refused(str(error)))
    except ModuleNotFoundError as error:
        sys.exit(_refused(missing_module(error)))


def _refused(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 2
