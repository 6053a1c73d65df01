"""J and F, the DAVIS protocol, and reports."""

from .davis import Sequence, find_sequences
from .folders import evaluate_folders
from .metrics import boundary_f, jaccard
from .protocol import Tracker, evaluate
from .scores import Report, Score

__all__ = [
    "Report",
    "Score",
    "Sequence",
    "Tracker",
    "boundary_f",
    "evaluate",
    "evaluate_folders",
    "find_sequences",
    "jaccard",
]
