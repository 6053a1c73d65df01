"""Time code: labels of frames, counted at whole rates."""

import re
from fractions import Fraction

_DROPPED = {Fraction(30000, 1001): 2, Fraction(60000, 1001): 4}
"""Labels that drop frame leaves out at the beginning of a minute, but for each tenth. No frame is left out."""
_LABEL = re.compile(r"(\d{2}):(\d{2}):(\d{2})([:;.])(\d{2,3})")


def moved(timecode: str, frames: int, fps: Fraction) -> str | None:
    """The label of the frame that is so many after the one with a label; None if that is none.

    Args:
        timecode: ``HH:MM:SS:FF``, with ``;`` or ``.`` before the frames for drop frame.
        frames: 0 or more.
        fps: frames per second.
    """
    parts = _LABEL.fullmatch(timecode)
    rate = round(fps)
    if parts is None or rate < 1 or int(parts[5]) >= rate:
        return None
    hours, minutes, seconds = (int(parts[place]) for place in (1, 2, 3))
    dropped = _DROPPED.get(fps, 0) if parts[4] != ":" else 0
    total = ((hours * 60 + minutes) * 60 + seconds) * rate + int(parts[5])
    minutes += 60 * hours
    total += frames - dropped * (minutes - minutes // 10)
    a_minute, ten = 60 * rate - dropped, 600 * rate - 9 * dropped
    total %= 144 * ten  # a day
    tens, rest = divmod(total, ten)
    later = max(0, rest - dropped) // a_minute if dropped else 0
    total += dropped * (9 * tens + later)
    seconds, frame = divmod(total, rate)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{parts[4]}{frame:02d}"
