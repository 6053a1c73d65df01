"""Where figures were taken, and with what."""

import os
import platform
import subprocess
from collections.abc import Sequence
from pathlib import Path

import mobilevos
from mobilevos.machine.cores import usable_cores


def describe_machine(threads: Sequence[int] = ()) -> str:
    """Processor, cores, threads in use (none given: all), system, versions and commit, in one line."""
    import onnxruntime

    processor = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line.split(":")[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
        processor = names[0] if names else processor
    cores = f"{os.cpu_count()} cores"
    if (usable := usable_cores()) != os.cpu_count():
        cores += f" ({usable} usable)"
    return (
        f"{processor}, {cores}, threads {' '.join(map(str, threads)) or 'all'}, {platform.platform(terse=True)}, "
        f"Python {platform.python_version()}, onnxruntime {onnxruntime.__version__}, "
        f"mobilevos {mobilevos.__version__}{_commit()}"
    )


def _commit() -> str:
    """Of the checkout that the package runs from; empty if it is installed."""
    root = Path(mobilevos.__file__).parents[2]
    if not (root / ".git").exists():
        return ""
    try:
        answers = [
            subprocess.run(["git", "-C", root, *command], capture_output=True, text=True, check=True).stdout.strip()
            for command in (("rev-parse", "--short", "HEAD"), ("status", "--porcelain", "--", "src"))
        ]
    except (OSError, subprocess.CalledProcessError):
        return ""
    return f" at {answers[0]}{' with changes' if answers[1] else ''}"
