"""Parts of files, for players and for downloads that broke off."""

from email import message_from_bytes

import pytest
from raw_http import CLIP, asked

from mobilevos.web.ranges import asked_ranges


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=100-199", (100, 200)),
        ("bytes=100-", (100, len(CLIP))),
        ("bytes=-100", (len(CLIP) - 100, len(CLIP))),
        ("bytes=-99999999", (0, len(CLIP))),
        (f"bytes={len(CLIP) - 1}-99999999999999999999", (len(CLIP) - 1, len(CLIP))),
        ("Bytes = 5-9 ", (5, 10)),
        ("bytes=99999999-, 3-4", (3, 5)),
    ],
)
def test_one_part(port: int, header: str, expected: tuple[int, int]) -> None:
    status, headers, body = asked(port, "/sample/clip.webm", Range=header)
    start, stop = expected
    assert status == 206
    assert headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(CLIP)}"
    assert headers["Content-Type"] == "video/webm"
    assert body == CLIP[start:stop]
    assert int(headers["Content-Length"]) == stop - start


def test_several_parts(port: int) -> None:
    status, headers, body = asked(port, "/sample/clip.webm", Range="bytes=10-19,,-5, 0-3")
    assert status == 206
    assert int(headers["Content-Length"]) == len(body)
    whole = message_from_bytes(f"Content-Type: {headers['Content-Type']}\r\n\r\n".encode() + body)
    parts = [(part["Content-Range"], part["Content-Type"]) for part in whole.get_payload()]
    size = len(CLIP)
    ends = [(10, 19), (size - 5, size - 1), (0, 3)]
    assert parts == [(f"bytes {first}-{last}/{size}", "video/webm") for first, last in ends]
    for first, last in ends:
        assert b"\r\n\r\n" + CLIP[first : last + 1] + b"\r\n--" in body


@pytest.mark.parametrize("header", ["bytes=99999999-", "bytes=-0", f"bytes={len(CLIP)}-"])
def test_parts_that_are_not_there(port: int, header: str) -> None:
    status, headers, _ = asked(port, "/sample/clip.webm", Range=header)
    assert status == 416
    assert headers["Content-Range"] == f"bytes */{len(CLIP)}"


@pytest.mark.parametrize(
    "header",
    [
        "bytes=",
        "bytes",
        "bytes=-",
        "bytes=9-3",
        "bytes=a-b",
        "bytes=1-2-3",
        "bytes=+1-2",
        "bytes=١-٢",
        "lines=0-9",
        "bytes=" + "9" * 5000 + "-",
        "bytes=" + ",".join(["0-"] * 200),
        "bytes=" + ",".join(f"{i}-{i}" for i in range(17)),
    ],
)
def test_what_is_not_understood_or_too_much_gives_the_whole(port: int, header: str) -> None:
    assert asked_ranges(header, len(CLIP)) is None
    status, headers, body = asked(port, "/sample/clip.webm", Range=header)
    assert (status, body) == (200, CLIP)
    assert headers["Accept-Ranges"] == "bytes"


def test_a_download_is_taken_up_only_if_the_file_is_the_same(port: int) -> None:
    for coding in ("identity", "gzip"):
        _, headers, whole = asked(port, Accept_Encoding=coding)
        tag = headers["ETag"]
        rest = asked(port, Accept_Encoding=coding, Range="bytes=500-", If_Range=tag)
        assert (rest[0], rest[2]) == (206, whole[500:])
        for other in ('"another"', f"W/{tag}", "Sun, 29 Nov 2026 12:00:00 GMT"):
            again = asked(port, Accept_Encoding=coding, Range="bytes=500-", If_Range=other)
            assert (again[0], again[2]) == (200, whole)
        assert asked(port, Accept_Encoding=coding, Range="bytes=500-", If_None_Match=f'"x", {tag}')[0] == 304


def test_a_question_about_a_file_has_no_parts(port: int) -> None:
    status, headers, body = asked(port, "/sample/clip.webm", verb="HEAD", Range="bytes=0-9")
    assert (status, headers["Content-Length"], body) == (200, str(len(CLIP)), b"")
