"""Write vectors.jsonl anew, after the engine has changed on purpose:

python tests/golden/record.py
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from golden_answers import answer  # noqa: E402
from golden_cases import cases  # noqa: E402

if __name__ == "__main__":
    with (HERE / "vectors.jsonl").open("w") as file:
        for kind, given in cases():
            line = {"kind": kind, "given": given, "found": answer(kind, json.loads(json.dumps(given)))}
            file.write(json.dumps(line, separators=(",", ":")) + "\n")
