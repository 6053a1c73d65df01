"""Authors' YAML settings, as far as building a network needs them: without Hydra and OmegaConf."""

import importlib
import re
from pathlib import Path
from typing import Any, Self

import yaml  # type: ignore[import-untyped]


class Settings(dict[str, Any]):
    """A mapping whose entries are attributes too."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    @classmethod
    def read(cls, path: Path) -> Self:
        """Load one YAML file."""
        return cls._wrapped(yaml.safe_load(path.read_text()))

    def merge(self, other: dict[str, Any]) -> None:
        """Take over the entries of ``other``, deep inside of mappings."""
        for name, value in other.items():
            if isinstance(value, dict) and isinstance(self.get(name), Settings):
                self[name].merge(value)
            else:
                self[name] = value

    def resolve(self) -> None:
        """Replace every ``${a.b}`` that names an entry by that entry."""
        self._resolve(self)

    def _resolve(self, root: "Settings") -> None:
        for name, value in self.items():
            if isinstance(value, Settings):
                value._resolve(root)
            elif isinstance(value, str) and (reference := re.fullmatch(r"\$\{([\w.]+)\}", value)):
                entry: Any = root
                for part in reference[1].split("."):
                    entry = entry[part]
                self[name] = entry

    @classmethod
    def _wrapped(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return cls((name, cls._wrapped(entry)) for name, entry in value.items())
        if isinstance(value, str) and re.fullmatch(r"[-+]?\d+(\.\d*)?e[-+]?\d+", value):
            return float(value)  # PyYAML takes 1e-6 for text, OmegaConf for a number
        return [cls._wrapped(entry) for entry in value] if isinstance(value, list) else value


def instantiate(value: Any) -> Any:
    """Make the object that a mapping with ``_target_`` describes, and the objects inside of it."""
    if isinstance(value, list):
        return [instantiate(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    fields = {name: instantiate(entry) for name, entry in value.items() if name != "_target_"}
    if "_target_" not in value:
        return Settings(fields)
    module, _, name = value["_target_"].rpartition(".")
    return getattr(importlib.import_module(module), name)(**fields)
