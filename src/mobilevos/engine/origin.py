"""What the parts of a mask were in the frame that was given, of which all is known.

Memory is asked what each pixel is most like, and a body that no view ever showed is like something, too: who throws the
ball becomes the dog, and a red wall the red jacket. Asked the other way round, of which part of today's mask each pixel
of the whole given frame is, the parts compete as objects do: the object's pixels choose the part that is the object,
and the others' pixels what is none of it.
"""

from dataclasses import dataclass

import numpy as np

from mobilevos.engine.cells import Cells, bodies, grown, large_pieces
from mobilevos.engine.region import Mask
from mobilevos.engine.runtime import Runtime, most_objects
from mobilevos.engine.sighting import Look, MemoryFrame
from mobilevos.engine.surroundings import Surroundings
from mobilevos.engine.target_model import classifiers

_LEAST_PART = 0.05
"""Of the largest part; smaller ones are not asked about, and go with any other."""
_THIN = 2
"""Parts that hang together by twice as many cells are told apart, such as a dog and the arm that strokes it."""
_LEAST_OWN, _LEAST_OWN_HERE, _NEAR = 0.5, 0.2, 1
"""Part of what a part was that must have been the object, or so many cells away from it: in a look at everything, and
in one in which something may be missing, whose pixels then choose whoever is there."""
_LEAST_SURE = 0.5
"""Part of the object that one part must have been, to speak against others beside it."""
_MOST_CHOSEN, _LEAST_ELSEWHERE = 0.125, 0.2
"""Those are chosen by the object's pixels with this mean probability at most, and elsewhere by as many as this part of
the share of the object that they claim: limbs that have come into sight since are not known, or by a few."""
_RIM = 2
"""Cells around a part in which its mask fades out."""


@dataclass(frozen=True)
class Origin:
    """Of what is seen of one video's objects.

    Args:
        runtime: runs the network.
        surroundings: knows the given frame.
    """

    runtime: Runtime
    surroundings: Surroundings

    def without_strangers(self, look: Look) -> Mask:
        """Masks (K, *grid) of objects in sight, without parts that were something else."""
        masks = look.masks.copy()
        for row in look.rows:
            parts = self._largest(bodies(masks[row] > 0.5, _THIN, _LEAST_PART), look)
            if len(parts) > 1 and (scene := self.surroundings.given()):
                were = self._were(look, row, parts, scene)
                masks[row] = without_others(masks[row], parts, were, scene.masks[row], False)
        return masks

    def of_lost(self, look: Look, row: int) -> Mask:
        """The mask (*grid) of an object that is looked for, some of it above 0.5, without parts that were something
        else."""
        mask, scene = look.masks[row], self.surroundings.given()
        if not scene:
            return mask
        parts, everything = self._largest(large_pieces(mask > 0.5, _LEAST_PART), look), look.region == scene.region
        if not parts:
            return mask
        return without_others(mask, parts, self._were(look, row, parts, scene), scene.masks[row], everything)

    def _largest(self, parts: list[Cells], look: Look) -> list[Cells]:
        """As many of the parts of an object's mask as the runtime holds beside the other objects of a look."""
        most = most_objects(self.runtime)
        if most is None:
            return parts
        return sorted(parts, key=np.count_nonzero, reverse=True)[: max(0, most + 1 - len(look.rows))]

    def _were(self, look: Look, row: int, parts: list[Cells], scene: MemoryFrame) -> Mask:
        """(P, *scene.region.grid) probabilities of the parts of an object's mask in a scene."""
        rivals = [other for other in look.rows if other != row]
        mask = look.masks[row]
        seen = np.concatenate([[mask * _with_rim(part, mask) for part in parts], look.masks[rivals]])
        key, value = self.runtime.key(look.features), self.runtime.memorise(look.features, seen)
        classifier = classifiers([scene.evidence])
        if classifier is not None:
            classifier = classifier[[row] * len(parts) + rivals]
        nowhere = np.zeros((len(seen), *scene.region.grid), np.float32)
        return self.runtime.read(scene.features, key, value, nowhere, classifier)[: len(parts)]


def without_others(mask: Mask, parts: list[Cells], were: Mask, was: Mask, everything: bool) -> Mask:
    """A mask without those of its parts that were mostly something else than the object.

    Args:
        mask: (rows, columns) probabilities.
        parts: (rows, columns) each, one or more.
        were: (P, r, c) probabilities of the parts in a whole frame.
        was: (r, c) probabilities of the object there.
        everything: whether the look shows all that there is. If not, parts are only taken away beside one that surely
            was the object.
    """
    body, found = was > 0.5, were > 0.5
    areas, own = (np.count_nonzero(cells, (1, 2)) for cells in (found, found & grown(body, _NEAR)))
    other = own < (_LEAST_OWN if everything else _LEAST_OWN_HERE) * areas
    if not everything:
        if not (~other & (own > _LEAST_SURE * np.count_nonzero(body))).any():
            return mask
        sizes = np.count_nonzero(parts, (1, 2))
        claimed = np.count_nonzero(body) * sizes / sizes.sum()
        other &= were[:, body].mean(1, dtype=np.float64) <= _MOST_CHOSEN
        other &= areas - own >= _LEAST_ELSEWHERE * claimed
    if not other.any():
        return mask
    kept = np.zeros(mask.shape, np.bool_)
    for part in np.asarray(parts)[~other]:
        kept |= _with_rim(part, mask)
    return mask * kept


def _with_rim(part: Cells, mask: Mask) -> Cells:
    """A part of a mask and where that fades out around it, without what is near of other parts."""
    return grown(part, _RIM) & (part | (mask <= 0.5))
