"""Packages of others that some formats need."""

from importlib import import_module
from typing import Any

from mobilevos.errors import RuntimeUnavailable


def needed(module: str, extra: str) -> Any:
    """Import a module that only an extra of ours installs.

    Raises:
        RuntimeUnavailable: it is not installed.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        raise RuntimeUnavailable(
            f"This needs {package}, which is not installed; add it with pip install 'mobilevos[{extra}]'."
        ) from error
