"""The cross product of what is asked, and what makes no sense in it."""

import pytest

from mobilevos.benchmark.grid import Contestant, contestants, named
from mobilevos.errors import InputError, ModelNotFound
from mobilevos.weights.store import shipped_models


def test_every_combination_is_there_once() -> None:
    grid = contestants(
        ["lite0", "resnet18"], ["fast", "320"], ["onnxruntime"], ["finite", "infinite"], [1, 8], [1, 2], ["random-50"]
    )
    assert len(set(grid)) == len(grid) == 32
    names = named(grid)
    assert len(set(names.values())) == 32
    odd = Contestant("resnet18", "320", "onnxruntime", "infinite", 8, 2, "random-50", follow=False)
    assert names[odd] == "resnet18 320 onnxruntime, infinite memory, 8 objects, random-50, threads 2"
    assert (odd.mode, odd.follow, odd.memory_every) == (320, False, 5)
    usual = Contestant("lite0", "fast", "onnxruntime", threads=1)
    assert named([usual]) == {usual: "lite0 fast onnxruntime"}
    assert (usual.mode, usual.follow, usual.memory_every) == ("fast", True, None)


def test_all() -> None:
    grid = contestants(["all"], ["best"], ["all"])
    assert {one.model for one in grid} == set(shipped_models())
    assert "onnxruntime" in {one.runtime for one in grid}


def test_beside_peers_one_of_ours_sees_what_they_see() -> None:
    grid = contestants(["lite0"], ["best"], ["onnxruntime"], objects=[1, 2], beside_peers=True)
    whole = [one for one in grid if one.size == "whole"]
    assert [(one.objects, one.mode, one.follow) for one in whole] == [(1, 644, False)]
    assert len(grid) == 4


def test_numbers_of_objects_are_compared_on_the_same_view() -> None:
    grid = contestants(["lite0"], ["best"], ["onnxruntime"], objects=[1, 2, 8])
    assert [(one.objects, one.follow) for one in grid] == [(1, True), (1, False), (2, False), (8, False)]
    assert [one.name for one in grid[:3]] == [
        "lite0 best onnxruntime",
        "lite0 best onnxruntime, whole frame",
        "lite0 best onnxruntime, 2 objects, whole frame",
    ]
    (followed,) = contestants(["lite0"], ["best"], ["onnxruntime"], objects=[2])
    assert followed.follow


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"runtimes": ["tpu"]}, "no runtime 'tpu'"),
        ({"sizes": ["5"]}, "internal size is 5"),
        ({"sizes": ["quick"]}, "no mode 'quick'"),
        ({"sizes": ["fast", "best", "fast"]}, "--sizes names fast twice"),
        ({"objects": [0]}, "0 objects cannot be followed"),
        ({"objects": list(range(1, 49))}, "49 contestants on one video; at most 48"),
        ({"objects": [2], "beside_peers": True}, "Peers are compared on the sample with one object"),
        ({"threads": [1, 2], "beside_peers": True}, "Peers are compared"),
        ({"videos": ["random-50"], "beside_peers": True}, "Peers are compared"),
    ],
)
def test_nonsense(change: dict[str, list[str]], message: str) -> None:
    asked = {"models": ["lite0"], "sizes": ["fast"], "runtimes": ["onnxruntime"], **change}
    with pytest.raises(InputError, match=message):
        contestants(**asked)


def test_no_such_model() -> None:
    with pytest.raises(ModelNotFound, match="lite9"):
        contestants(["lite9"], ["fast"], ["onnxruntime"])
