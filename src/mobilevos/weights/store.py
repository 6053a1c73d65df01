"""The one store of models: where their graphs, weights and cards lie, and what a model's name means."""

import os
import warnings
from pathlib import Path
from typing import Any

from mobilevos.errors import Advice, ModelNotFound
from mobilevos.json_text import parse_json

GRAPHS = ("query", "read", "memorise")
"""An exported model is a folder with one ONNX file for each of these; or, with fixed shapes, with ``MANIFEST``."""
PROMPT = "prompt.onnx"
"""A further graph, of models that make a first mask of clicks or a box."""
DESCRIPTION = "network.json"
"""The file beside them that says which network they are."""
MANIFEST = "model.json"
"""The file beside graphs with fixed shapes that says which runtime they are for, and how they are called."""

_SHIPPED = Path(__file__).parent


def shipped_models() -> list[str]:
    """Names of the models inside the package."""
    return sorted(path.parent.name for path in _SHIPPED.glob("*/query.onnx"))


def shipped_folder(name: str) -> Path:
    """Folder of a model inside the package, which ``shipped_models`` lists."""
    return _SHIPPED / name


def model_folder(model: str | Path) -> Path:
    """Folder of a shipped model's name, or of an exported model's path.

    A name without a separator is the shipped model of that name, if there is one. A folder of that name in the working
    directory is reached by ``./NAME`` (or as a ``Path``); that it is passed over is said in a warning.

    Raises:
        ModelNotFound: neither exists.
    """
    name, folder = str(model), Path(model)
    if name in shipped_models() and (isinstance(model, str) or not folder.exists()):
        if folder.is_dir():
            warnings.warn(
                f"{name} is the model inside the package, not the folder of that name here; "
                f"for the folder give .{os.sep}{name}.",
                Advice,
                stacklevel=2,
            )
        return shipped_folder(name)
    if name and folder.is_dir() and (has_fixed_shapes(folder) or any(folder.glob("*.onnx"))):
        return folder
    raise ModelNotFound(
        f"There is no model {name!r}; the shipped ones are {', '.join(shipped_models())}, "
        "and a path must be a folder made by `mobilevos export`."
    )


def has_fixed_shapes(folder: Path) -> bool:
    """Whether a model's folder holds graphs for one size of frame, for another runtime than ONNX Runtime."""
    return (folder / MANIFEST).is_file()


def model_card(model: str | Path) -> dict[str, Any]:
    """What is known of a model: its ``card.json`` with the size of its graphs; bare figures if it has no card.

    Raises:
        ModelNotFound: no such model, or its card is damaged.
    """
    folder = model_folder(model)
    try:
        millions = parse_json((folder / DESCRIPTION).read_text())["parameters"] / 1e6
        card = folder / "card.json"
        known = parse_json(card.read_text()) if card.exists() else {"scores": {}, "licence": "unknown"}
        return {"name": folder.name, "parameters_m": millions, "megabytes": megabytes(folder), **known}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelNotFound(f"The model in {folder} is damaged ({type(error).__name__}); install it again.") from error


def megabytes(folder: Path) -> float:
    """Of a model's graphs: not of what is said about them."""
    graphs = (path for path in folder.rglob("*") if path.is_file() and path.suffix not in (".json", ".md"))
    return sum(path.stat().st_size for path in graphs) / 2**20
