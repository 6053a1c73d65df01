"""For mkdocs: links from the documentation to other files of the repository, which no site has, become their names."""

import re
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError

ROOT = Path(__file__).parent.parent


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Replace ``[text](../src/file)`` by ``text (src/file)``; a file that is not there is an error."""
    folder = Path(page.file.abs_src_path).parent

    def named(link: re.Match[str]) -> str:
        text, target = link.groups()
        path = (folder / target).resolve()
        if path.is_relative_to(ROOT / "docs"):
            return link[0]
        if not path.exists():
            raise PluginError(f"{page.file.src_uri} links to {target}, which is not there.")
        name = path.relative_to(ROOT).as_posix()
        return f"`{name}`" if text.strip("`") == name else f"{text} (`{name}`)"

    return re.sub(r"(?<!!)\[([^]]+)\]\((\.\.?/[^)#]+)\)", named, markdown)
