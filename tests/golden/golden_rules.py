"""Functions whose calls are cases as they are; replay.mjs has the same for the page's engine."""

from collections.abc import Callable
from typing import Any

import numpy as np
from golden_packing import packed

from mobilevos.engine import cells, ghosts, leaps, origin, prompt_maps, returns, sighting

RULES: dict[str, Callable[..., Any]] = {
    rule.__name__: rule
    for rule in (
        cells.grown,
        cells.connected,
        cells.pieces,
        cells.large_pieces,
        cells.bodies,
        ghosts.in_parts,
        ghosts.without_ghosts,
        leaps.has_leapt,
        leaps.without_far_parts,
        origin.without_others,
        returns.may_be_back,
        returns.is_recognised,
        returns.without,
        prompt_maps.prompt_maps,
        sighting.in_sight,
    )
}


def answering(rule: Callable[..., Any]) -> Callable[..., Any]:
    """What a rule answers, for JSON; pieces in the order of their first cells."""

    def answer(**given: Any) -> Any:
        found = rule(**given)
        if isinstance(found, list):
            return [packed(each) for each in sorted(found, key=np.argmax)]
        return packed(found) if isinstance(found, np.ndarray) else bool(found)

    return answer
