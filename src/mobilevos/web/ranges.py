"""Parts of a file, as players and interrupted downloads ask for them (RFC 9110, section 14)."""

import re

MOST_RANGES = 16
"""Of one request; nobody honest asks for more."""
_ONE = re.compile(r"[ \t]*(\d{0,40})-(\d{0,40})[ \t]*", re.ASCII)


def asked_ranges(header: str, size: int) -> list[range] | None:
    """Which bytes a ``Range`` asks for.

    Args:
        header: its value.
        size: of the file in bytes.

    Returns:
        One range of positions for each part, in the order of the request, none of them empty; an empty list where no
        part lies within the file; None where the header is to be passed over and the whole file sent: it is not
        understood, or its parts are many, or together longer than the file.
    """
    unit, equals, specs = header.partition("=")
    if not equals or unit.strip().lower() != "bytes":
        return None
    found = []
    for spec in specs.split(",", 4 * MOST_RANGES):
        if not spec.strip():  # lists may have empty places
            continue
        match = _ONE.fullmatch(spec)
        if match is None:
            return None
        first, last = match.groups()
        if first:
            if last and int(last) < int(first):
                return None
            found.append(range(int(first), min(int(last or size) + 1, size)))
        elif last:
            found.append(range(max(size - int(last), 0), size))
        else:
            return None
    within = [each for each in found if each]
    if not found or len(found) > MOST_RANGES or sum(map(len, within)) > size:
        return None
    return within


def content_range(part: range, size: int) -> str:
    """What ``Content-Range`` says of a part."""
    return f"bytes {part.start}-{part.stop - 1}/{size}"


def several_parts(content: bytes, parts: list[range], kind: str, separator: str) -> bytes:
    """The body of ``multipart/byteranges``.

    Args:
        content: of the whole file.
        parts: of it.
        kind: MIME type of the file.
        separator: text that does not occur in the content.
    """
    pieces = [
        f"--{separator}\r\nContent-Type: {kind}\r\nContent-Range: {content_range(part, len(content))}\r\n\r\n".encode()
        + content[part.start : part.stop]
        + b"\r\n"
        for part in parts
    ]
    return b"".join(pieces) + f"--{separator}--\r\n".encode()
