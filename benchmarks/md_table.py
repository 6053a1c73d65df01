"""A table as documents take it."""

from collections.abc import Iterable, Sequence


def md_table(headers: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    lines = [" | ".join(cells) for cells in (headers, *rows)]
    return "\n".join([f"| {lines[0]} |", "|---" * len(headers) + "|", *(f"| {line} |" for line in lines[1:])])
