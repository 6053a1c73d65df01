"""What else there is: whole frames in which all objects were in sight.

Views show little beside their objects. A network that looks for a lost one all over the frame was never told what
else is there, and finds the next best thing: who threw the ball in place of the dog that went after it. Two whole
frames tell it: the one that was given last, and the newest in which every object was well in sight. Only who is looked
for is compared with them, as objects are smaller there than in their own views.
"""

from dataclasses import dataclass

import numpy as np

from mobilevos.engine.attention import Attention, View
from mobilevos.engine.checks import Frame
from mobilevos.engine.perception import Perception
from mobilevos.engine.region import Mask
from mobilevos.engine.sighting import MemoryFrame, Sighting


@dataclass
class _Scene:
    frame: Frame
    masks: Mask
    look: MemoryFrame | None = None


class Surroundings:
    """Of one video's objects.

    Args:
        perception: looks at the frames, once anything is looked for.
        attention: knows how a whole frame is seen.
    """

    def __init__(self, perception: Perception, attention: Attention) -> None:
        self._perception, self._attention = perception, attention
        self.forget()

    def forget(self) -> None:
        """Nothing is known of them."""
        self._given: _Scene | None = None
        self._newest: _Scene | None = None

    def keep(self, frame: Frame, seen: Sighting, given: bool = False) -> None:
        """Remember a frame in which all objects are well in sight, unless it was seen as a whole: memory has those.

        Args:
            frame: (H, W, 3) uint8 RGB; it may change later.
            seen: the objects in it.
            given: their masks are known; what was remembered before is forgotten.
        """
        everywhere = self._attention.everywhere
        is_whole = all(look.region == everywhere for look in seen.looks)
        scene = None if is_whole else _Scene(frame.copy(), seen.masks_in(everywhere))
        self._given, self._newest = (scene, None) if given else (self._given, scene)

    def drop_object(self, row: int) -> None:
        """Forget an object; those after it move up."""
        for scene in self._scenes:
            scene.masks, scene.look = np.delete(scene.masks, row, 0), None

    def looks(self) -> list[MemoryFrame]:
        """What there is to compare with."""
        return [self._look(scene) for scene in self._scenes]

    def given(self) -> MemoryFrame | None:
        """What was given, as a whole; None if nothing is kept of it."""
        return self._look(self._given) if self._given else None

    @property
    def _scenes(self) -> list[_Scene]:
        return [scene for scene in (self._given, self._newest) if scene]

    def _look(self, scene: _Scene) -> MemoryFrame:
        if not scene.look:
            view = View(self._attention.everywhere, tuple(range(len(scene.masks))))
            scene.look = self._perception.shown(scene.frame, view, scene.masks)
        return scene.look
