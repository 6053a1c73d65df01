"""Where what was fetched or measured once is kept for the user."""

import os
import sys
from pathlib import Path


def cache_folder() -> Path:
    """The package's folder in the user's cache; it need not exist."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "mobilevos"
