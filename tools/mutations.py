"""What mutation testing changes in Python's source: one operator, bound, number, condition or call at a time."""

import ast
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass

_OPERATORS: dict[type, type] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitAnd,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
_NAMES = {"min": "max", "max": "min", "any": "all", "all": "any", "minimum": "maximum", "maximum": "minimum"}
_NAMES |= {"ceil": "floor", "floor": "ceil", "argmax": "argmin", "sorted": "list", "zeros": "ones"}


@dataclass(frozen=True)
class Mutant:
    """A changed source."""

    name: str
    """Where and what: the function, the piece of code before and after, a number if it is not the first of these."""
    line: int
    source: str
    in_function: bool = True
    """Rather than in what is done when the module is loaded."""


def mutants(source: str) -> Iterator[Mutant]:
    """All mutants of a module's source, in the order of its lines."""
    tree, seen = ast.parse(source), Counter[str]()
    for path, in_function, place, node in _places(tree):
        for change in _changes(node):
            _put(tree, place, ast.copy_location(change, node))
            mutated = ast.unparse(ast.fix_missing_locations(tree))
            _put(tree, place, node)
            name = f"{path}: {_short(node)} -> {_short(change)}"
            seen[name] += 1
            if seen[name] > 1:
                name += f" ({seen[name]})"
            yield Mutant(name, getattr(node, "lineno", 0), mutated, in_function)


def _short(node: ast.AST) -> str:
    """Its code in one line; of a statement with others in it the first."""
    return ast.unparse(node).splitlines()[0]


Place = tuple[tuple[str, int | None], ...]
"""Fields, and places in them where they are lists, from the module down."""


def _places(
    tree: ast.AST, path: str = "", in_function: bool = False, place: Place = ()
) -> Iterator[tuple[str, bool, Place, ast.AST]]:
    """Every expression and statement that may change, with what it is in."""
    for field, value in ast.iter_fields(tree):
        if field in ("annotation", "returns", "type_comment", "decorator_list", "bases"):
            continue
        for number, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(node, ast.AST) or _is_beside_the_point(node):
                continue
            here, inside = (*place, (field, number)), in_function or isinstance(node, ast.FunctionDef)
            named = f"{path}.{node.name}" if isinstance(node, ast.FunctionDef | ast.ClassDef) else path
            yield named.lstrip("."), inside, here, node
            yield from _places(node, named, inside, here)


def _is_beside_the_point(node: ast.AST) -> bool:
    """Whether no test could or should care: words, and what checks that a thing is as it always is."""
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    is_check = isinstance(node, ast.keyword) and node.arg == "strict"
    return is_text or is_check or isinstance(node, ast.JoinedStr | ast.Raise | ast.Import | ast.ImportFrom)


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    changed = deepcopy(node)
    match changed:
        case ast.BinOp(op=op) | ast.AugAssign(op=op) if type(op) in _OPERATORS:
            changed.op = _OPERATORS[type(op)]()
            yield changed
        case ast.BoolOp(op=op):
            changed.op = _OPERATORS[type(op)]()
            yield changed
        case ast.Compare(ops=ops):
            for number, op in enumerate(ops):
                each = deepcopy(changed)
                each.ops[number] = _OPERATORS[type(op)]()
                yield each
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield operand
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            changed.test = ast.UnaryOp(ast.Not(), test)
            yield changed
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield ast.Constant(value + 1)
        case ast.Constant(value=float(value)):
            yield ast.Constant(value * 1.5 + 0.125)
        case ast.Name(id=name) if name in _NAMES:
            yield ast.Name(_NAMES[name], ast.Load())
        case ast.Attribute(attr=name) if name in _NAMES:
            changed.attr = _NAMES[name]
            yield changed
        case ast.Expr(value=ast.Call()):
            yield ast.Pass()


def _put(tree: ast.AST, place: Place, node: ast.AST) -> None:
    *above, (field, number) = place
    for name, at in above:
        value = getattr(tree, name)
        tree = value if at is None else value[at]
    if number is None:
        setattr(tree, field, node)
    else:
        getattr(tree, field)[number] = node
