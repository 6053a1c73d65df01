"""The engine is read in a sitting."""

from pathlib import Path

import mobilevos


def test_files_are_short() -> None:
    files = list((Path(mobilevos.__file__).parent / "engine").glob("*.py"))
    assert len(files) > 9
    assert {path.name for path in files if len(path.read_text().splitlines()) > 300} == set()
