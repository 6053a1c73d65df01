"""Effects on video: objects removed, cut out, or put before a blurred or another background.

::

    effect = Blur()
    for frame in frames:
        labels = tracker.step(frame)
        show(effect(frame, tracker.soft()))
"""

from mobilevos.effects.blur import Blur
from mobilevos.effects.cutout import Cutout
from mobilevos.effects.effect import Effect
from mobilevos.effects.inpaint import Inpaint
from mobilevos.effects.matte import matte
from mobilevos.effects.replace import Replace

__all__ = ["Blur", "Cutout", "Effect", "Inpaint", "Replace", "matte"]
