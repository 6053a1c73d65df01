"""What objects are called."""

from collections.abc import Mapping
from pathlib import Path

from mobilevos.errors import InputError
from mobilevos.json_text import parse_json
from mobilevos.video.sink import ObjectName


def read_names(path: str | Path) -> dict[int, ObjectName]:
    """Read names and classes of objects from JSON: ``{"1": {"name": "fish", "class": "animal"}, "2": "diver"}``.

    Raises:
        InputError: no such file, or another content.
    """
    try:
        entries = parse_json(Path(path).read_text(encoding="utf-8-sig"))
        return {int(i): _name(int(i), entry) for i, entry in entries.items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise InputError(
            f'{path} does not name objects; write {{"1": {{"name": "fish", "class": "animal"}}}} in a JSON file.'
        ) from error


def _name(object_id: int, entry: object) -> ObjectName:
    if isinstance(entry, Mapping):
        default = ObjectName(f"object {object_id}")
        return ObjectName(str(entry.get("name", default.name)), str(entry.get("class", default.kind)))
    if not isinstance(entry, str):
        raise TypeError
    return ObjectName(entry)
