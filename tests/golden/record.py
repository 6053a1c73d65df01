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
    lines = [
        {"kind": kind, "given": given, "found": answer(kind, json.loads(json.dumps(given)))} for kind, given in cases()
    ]
    (HERE / "vectors.jsonl").write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines))
