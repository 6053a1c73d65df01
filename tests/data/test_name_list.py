"""Lists of clips."""

from pathlib import Path

import pytest

from mobilevos.data.name_list import names_in
from mobilevos.errors import InputError


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (b"bear\ncow\n", ["bear", "cow"]),
        (b"\xef\xbb\xbfbear\r\n\r\ncow", ["bear", "cow"]),
        ("\nbär  \nbär\n".encode(), ["bär"]),
        (b"/JPEGImages/480p/dog/00000.jpg /Annotations/480p/dog/00000.png 1\n", ["dog"]),
        (b"", []),
    ],
)
def test_as_editors_save_them(tmp_path: Path, text: bytes, names: list[str]) -> None:
    (tmp_path / "train.txt").write_bytes(text)
    assert names_in(tmp_path / "train.txt") == names


@pytest.mark.parametrize("text", [b"b\xe4r\n", "bear\n".encode("utf-16")])
def test_other_text_is_one_sentence(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "train.txt").write_bytes(text)
    with pytest.raises(InputError, match=r"train\.txt cannot be read as a list of sequences\.$"):
        names_in(tmp_path / "train.txt")
