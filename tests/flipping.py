"""Damaged files by seed, and what may happen when they are read: nothing, or one of our errors."""

import contextlib
import faulthandler
import random
import re
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from mobilevos import MobileVOSError
from waiting import PATIENCE

SECONDS = 30
"""Of processor time; what hangs is given up after `PATIENCE`."""
MOST_MEMORY = 1 << 30
_FORBIDDEN = (
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.fork",
    "subprocess.Popen",
    "pickle.find_class",
    "socket.connect",
)
_watching: list[str] | None = None
_NUMBER = re.compile(rb"-?\d+(\.\d+)?")
_EXTREMES = (b"-1", b"0", b"1", b"65536", b"2147483648", b"99999999999", b"18446744073709551616", b"1e308", b"NaN")
_EXTREMES += (b"Infinity", b"null", b"true", b'"a"', b"[]", b"{}", b"[" * 20_000, b'"\\ud800"', b"0.5", b"1" * 5000)


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _watching is not None and event in _FORBIDDEN:
        _watching.append(f"{event} {arguments}")


sys.addaudithook(_hook)


def mutated(content: bytes, seed: int) -> bytes:
    """The same with a few bytes changed, with a piece left out or said twice, or with the end missing."""
    dice = random.Random(seed)
    changed = bytearray(content)
    for _ in range(dice.choice((1, 3, 30))):
        # Headers decide most: half of the changes are near the beginning.
        place = dice.randrange(min(len(changed), 256) if dice.random() < 0.5 else len(changed))
        changed[place] = dice.choice((0, 255, changed[place] ^ (1 << dice.randrange(8)), dice.randrange(256)))
    start = dice.randrange(len(changed))
    piece = slice(start, start + dice.randrange(1, 64))
    kind = dice.random()
    if kind < 0.15:
        del changed[piece]
    elif kind < 0.3:
        changed[start:start] = changed[piece]
    elif kind < 0.45:
        del changed[start:]
    return bytes(changed)


def misstated(content: bytes, seed: int) -> bytes:
    """The same text with a number or two that say something else: it is still well-formed, or nearly."""
    dice = random.Random(seed)
    for _ in range(dice.choice((1, 1, 2, 5))):
        numbers = list(_NUMBER.finditer(content))
        if not numbers:
            break
        found = dice.choice(numbers)
        content = content[: found.start()] + dice.choice(_EXTREMES) + content[found.end() :]
    return content


def mutated_text(content: bytes, seed: int) -> bytes:
    """Either of these."""
    return (misstated if seed % 2 else mutated)(content, seed)


def survives(
    path: Path,
    content: bytes,
    use: Callable[[], object],
    count: int = 60,
    change: Callable[[bytes, int], bytes] = mutated,
) -> None:
    """Put damaged contents into a file and use it: in time, in memory, without a process, connection or foreign object.

    A hang ends the whole run of tests, with a trace of where it was.
    """
    refused = []
    for seed in range(count):
        path.write_bytes(change(content, seed))
        try:
            with _watched(), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                use()
        except MobileVOSError as error:
            refused.append(str(error))
        except BaseException as error:
            error.add_note(f"{path.name}, seed {seed}")
            raise
    assert refused
    assert not [message for message in refused if "\n" in message]


@contextlib.contextmanager
def _watched() -> Iterator[None]:
    global _watching
    _watching = []
    before = memory("VmRSS")
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")  # the peak is counted anew
    faulthandler.dump_traceback_later(PATIENCE, exit=True)
    began = time.process_time()
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        done, _watching = _watching, None
        assert not done
        assert time.process_time() - began < SECONDS
        assert memory("VmHWM") - before < MOST_MEMORY


def memory(what: str) -> int:
    """Bytes; 0 where the kernel does not say."""
    with contextlib.suppress(OSError):
        found = re.search(rf"{what}:\s+(\d+) kB", Path("/proc/self/status").read_text())
        return int(found[1]) << 10 if found else 0
    return 0
