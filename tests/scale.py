"""How much the longest tests do."""

import os

WHOLE = os.environ.get("MOBILEVOS_TESTS") == "whole"
"""All of it, as before a release; otherwise as much as fits beside the rest of the suite."""
