"""The threads of the pipeline's stages."""

import threading


def stage_threads() -> list[str]:
    """Names of those that are alive."""
    return sorted(t.name for t in threading.enumerate() if t.name in ("read-ahead", "write-behind"))
