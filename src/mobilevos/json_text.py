"""JSON that others wrote: all of it is read here."""

import json
from typing import Any


def parse_json(text: str | bytes) -> Any:
    """The value that a text of JSON stands for.

    Raises:
        ValueError: it is no JSON, or has more brackets within each other than Python can follow.
    """
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("the JSON is nested too deeply") from error
