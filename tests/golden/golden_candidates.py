"""What Python answers to cases of candidates for a mask; golden_candidates.mjs has the same for the page's engine."""

from collections.abc import Callable
from typing import Any

import numpy as np
from golden_packing import packed

from mobilevos.engine.candidates import Candidate, agreed, another, contradicted, telling, with_mean
from mobilevos.engine.region import Region


def candidate_of(given: list[Any]) -> Candidate:
    region, logits, quality, faults = given
    return Candidate(Region(*region), logits, quality, faults)


def candidates_with_mean(found: list[Any], clicks: list[Any]) -> Any:
    """Which come in which order, -1 for the mean; how sure the mean is of each cell, and what it is worth."""
    given = [candidate_of(each) for each in found]
    answer = with_mean(given, [tuple(click) for click in clicks])
    order = [_place(each, given) for each in answer]
    mean = answer[order.index(-1)]
    return [order, packed(mean.probabilities), mean.quality, mean.worth]


def candidates_agreed(views: list[list[Any]], canvas: list[int]) -> Any:
    """Their order, as numbers in all views."""
    given = [[candidate_of(each) for each in view] for view in views]
    every = [each for view in given for each in view]
    return [_place(each, every) for each in agreed(given, Region(*canvas))]


def candidates_another(found: list[Any], canvas: list[int]) -> Any:
    given = [candidate_of(each) for each in found]
    other = another(given, Region(*canvas))
    return None if other is None else _place(other, given)


def candidates_telling(first: list[Any], others: list[Any], canvas: list[int]) -> Any:
    given = [candidate_of(each) for each in (first, *others)]
    return [_place(each, given) for each in telling(given[0], given[1:], Region(*canvas))]


def candidates_contradicted(region: list[int], logits: np.ndarray, clicks: list[Any]) -> Any:
    """What a candidate is worth then."""
    where = Region(*region)
    return Candidate(where, logits, 0.5, contradicted(where, logits, [tuple(click) for click in clicks])).worth


def _place(one: Candidate, among: list[Candidate]) -> int:
    """Its number, -1 if it is none of them."""
    return next((number for number, each in enumerate(among) if each is one), -1)


CANDIDATES: dict[str, Callable[..., Any]] = {
    answer.__name__: answer
    for answer in (
        candidates_with_mean,
        candidates_agreed,
        candidates_another,
        candidates_telling,
        candidates_contradicted,
    )
}
