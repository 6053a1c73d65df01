"""Imports run one way: every import of the package, held to the order in docs/architecture.md."""

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src"
KNOWN = {
    ("mobilevos.evaluation.candidates", "mobilevos.export.onnx"),
}
"""Imports against the order that are to go."""
TRAINING_PACKAGES = {"torch", "timm", "cv2", "onnx", "safetensors", "torchvision"}
WITHOUT_THEM = {
    "engine",
    "tracker",
    "mobilevos",
    "runtimes",
    "segment",
    "batch",
    "effects",
    "formats",
    "integrations",
    "live",
    "video",
    "weights",
    "machine",
}
IN_PYTORCH = "mobilevos.runtimes.torch_runtime"

Import = tuple[str, str]
"""A module, and what it imports."""


@cache
def order() -> dict[str, int]:
    """Line of each part, from the top."""
    text = (ROOT / "docs" / "architecture.md").read_text()
    listed = re.search(r"^```\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    assert listed
    return {part: line for line, parts in enumerate(listed[1].splitlines()) for part in parts.split(", ")}


@cache
def modules() -> dict[str, Path]:
    """Path of each module by its name."""
    found = {}
    for path in sorted((SOURCE / "mobilevos").rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def part_of(module: str) -> str:
    _, _, inside = module.partition(".")
    name = inside.partition(".")[0] or "mobilevos"
    return {"__main__": "cli"}.get(name, name)


def nodes(module: str, whole: bool) -> Iterator[ast.stmt]:
    """Statements of a module; ``whole``: also those in functions, and those for type checkers alone."""
    waiting: list[ast.AST] = [ast.parse(modules()[module].read_text())]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.stmt):
            yield node
        for_types = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        if whole or not (for_types or isinstance(node, ast.FunctionDef)):
            waiting += ast.iter_child_nodes(node)


def imported(module: str, whole: bool = True) -> Iterator[str]:
    """Full names of all that a module imports."""
    package = module if modules()[module].name == "__init__.py" else module.rpartition(".")[0]
    for node in nodes(module, whole):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *filter(None, [node.module])])
            submodules = [f"{base}.{name.name}" for name in node.names if f"{base}.{name.name}" in modules()]
            yield from submodules
            if len(submodules) < len(node.names):
                yield base


@cache
def imports() -> list[Import]:
    """All imports of one of our modules by another."""
    return [(module, name) for module in modules() for name in imported(module) if name in modules()]


def test_every_part_has_its_line() -> None:
    assert {part_of(module) for module in modules()} <= {*order()}
    assert len(imports()) > 300


def test_imports_run_down() -> None:
    line = order()
    against = {
        (module, name)
        for module, name in imports()
        if (above := part_of(module)) != (below := part_of(name)) and line[above] >= line[below]
    }
    assert against - KNOWN == set()


def test_the_engine_knows_arrays_and_errors() -> None:
    engine = [module for module in modules() if part_of(module) == "engine"]
    ours = {(module, name) for module, name in imports() if module in engine and name not in engine}
    assert {pair for pair in ours if pair[1] != "mobilevos.errors"} - KNOWN == set()
    packages = {name.partition(".")[0] for module in engine for name in imported(module)}
    assert packages - sys.stdlib_module_names <= {"mobilevos", "numpy", "PIL"}


@pytest.mark.parametrize("part", sorted(WITHOUT_THEM))
def test_nothing_of_pytorch(part: str) -> None:
    own = [module for module in modules() if part_of(module) == part and module != IN_PYTORCH]
    loaded = {(module, name) for module in own for name in imported(module, whole=False)}
    assert {(module, name) for module, name in loaded if name.partition(".")[0] in TRAINING_PACKAGES} == set()
    heavy = ("mobilevos.models", "mobilevos.losses", "mobilevos.data", "mobilevos.training", IN_PYTORCH)
    assert {(module, name) for module, name in loaded if name.startswith(heavy)} == set()


def test_no_circles() -> None:
    below: dict[str, set[str]] = {module: set() for module in modules()}
    for module, name in imports():
        if module != name and name != "mobilevos":  # the face loads its names when they are used
            below[module].add(name)
    while ground := [module for module, rest in below.items() if not rest]:
        for module in ground:
            del below[module]
        for rest in below.values():
            rest.difference_update(ground)
    assert below == {}
