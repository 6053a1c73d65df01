"""The teacher computes what the published STCN computes, from its state dict and from no other.

``EXPECTED`` are numbers that the authors' code (github.com/hkchengrex/STCN) gave for the weights of ``published``, the
frames and the masks below.
"""

import json
import pickle
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mobilevos.cli import app  # noqa: E402
from mobilevos.errors import ModelNotFound  # noqa: E402
from mobilevos.models import SPECS, build, load_stcn, load_weights  # noqa: E402
from mobilevos.models.stcn import read_stcn  # noqa: E402

HEIGHT, WIDTH, MEMORY = 64, 96, 2
CELLS = HEIGHT // 16 * WIDTH // 16
GAINS = {"key_proj.key_proj.weight": 8, "decoder.pred.weight": 9}
"""Above 1 where a softmax follows, which would be flat otherwise."""

Shapes = Iterator[tuple[str, tuple[int, ...]]]


def convolution(name: str, outputs: int, inputs: int, size: int = 3, bias: bool = True) -> Shapes:
    yield f"{name}.weight", (outputs, inputs, size, size)
    if bias:
        yield f"{name}.bias", (outputs,)


def norm(name: str, channels: int) -> Shapes:
    for part in ("weight", "bias", "running_mean", "running_var"):
        yield f"{name}.{part}", (channels,)
    yield f"{name}.num_batches_tracked", ()


def resnet(name: str, inputs: int, stages: dict[str, int], kernels: tuple[int, ...], bias: bool) -> Shapes:
    """Stages with their number of blocks; a block has one convolution for each of ``kernels``."""
    yield from convolution(f"{name}.conv1", 64, inputs, 7, bias)
    yield from norm(f"{name}.bn1", 64)
    before = 64
    for width, (stage, blocks) in zip((64, 128, 256), stages.items(), strict=True):
        after = width * 4 if len(kernels) == 3 else width
        for block in (f"{name}.{stage}.{index}" for index in range(blocks)):
            widths = [before, *[width] * (len(kernels) - 1), after]
            for i, kernel in enumerate(kernels, 1):
                yield from convolution(f"{block}.conv{i}", widths[i], widths[i - 1], kernel, bias)
                yield from norm(f"{block}.bn{i}", widths[i])
            if before != after:
                yield from convolution(f"{block}.downsample.0", after, before, 1, bias)
                yield from norm(f"{block}.downsample.1", after)
            before = after


def residual(name: str, outputs: int, inputs: int) -> Shapes:
    yield from convolution(f"{name}.conv1", outputs, inputs)
    yield from convolution(f"{name}.conv2", outputs, outputs)
    if inputs != outputs:
        yield from convolution(f"{name}.downsample", outputs, inputs)


def shapes() -> Shapes:
    """Every published name."""
    yield from resnet("key_encoder", 3, {"res2": 3, "layer2": 4, "layer3": 6}, (1, 3, 1), bias=False)
    yield from resnet("value_encoder", 5, {"layer1": 2, "layer2": 2, "layer3": 2}, (3, 3), bias=True)
    yield from residual("value_encoder.fuser.block1", 512, 1280)
    yield from residual("value_encoder.fuser.block2", 512, 512)
    for index, outputs, inputs in ((1, 32, 512), (3, 512, 32)):
        yield f"value_encoder.fuser.attention.ChannelGate.mlp.{index}.weight", (outputs, inputs)
        yield f"value_encoder.fuser.attention.ChannelGate.mlp.{index}.bias", (outputs,)
    yield from convolution("value_encoder.fuser.attention.SpatialGate.spatial.conv", 1, 2, 7)
    yield from convolution("key_proj.key_proj", 64, 1024)
    yield from convolution("key_comp", 512, 1024)
    yield from residual("decoder.compress", 512, 1024)
    yield from convolution("decoder.up_16_8.skip_conv", 512, 512)
    yield from residual("decoder.up_16_8.out_conv", 256, 512)
    yield from convolution("decoder.up_8_4.skip_conv", 256, 256)
    yield from residual("decoder.up_8_4.out_conv", 256, 256)
    yield from convolution("decoder.pred", 1, 256)


def tensor(name: str, shape: tuple[int, ...]) -> "torch.Tensor":
    """Random numbers that follow from the name, of such a size that no activation fades or explodes."""
    if not shape:
        return torch.tensor(0)
    x = torch.from_numpy(np.random.default_rng(crc32(name.encode())).random(shape, np.float32))
    if len(shape) > 1:
        return (x - 0.5) * (12 * GAINS.get(name, 1) / np.prod(shape[1:])) ** 0.5
    if name.endswith((".bias", ".running_mean")):
        return 0.2 * (x - 0.5)
    return 0.4 + 0.4 * x


def published() -> dict[str, Any]:
    return {name: tensor(name, shape) for name, shape in shapes()}


def clip() -> "torch.Tensor":
    """(MEMORY + 1, 3, H, W) frames, 0..255."""
    coarse = np.random.default_rng(1).integers(0, 256, (MEMORY + 1, 3, HEIGHT // 8, WIDTH // 8))
    return torch.from_numpy(coarse.repeat(8, 2).repeat(8, 3)).float()


def blocks(objects: int, t: int) -> "torch.Tensor":
    """(K, H, W) disjoint masks of frame t."""
    masks = torch.zeros(objects, HEIGHT, WIDTH)
    for k in range(objects):
        masks[k, 8 * k + 6 * t : 36 + 8 * k, 10 + 40 * k : 40 + 40 * k + 4 * t] = 1
    return masks


def with_others(masks: "torch.Tensor") -> "torch.Tensor":
    """Masks (K, H, W) -> (K, 2, H, W): each beside the union of the others."""
    return torch.stack([masks, masks.sum(0) - masks], 1)


def unknown(objects: int) -> "torch.Tensor":
    """(K, H/4, W/4) priors, which the published decoder does not look at."""
    return torch.zeros(objects, HEIGHT // 4, WIDTH // 4)


def normalised(frames: "torch.Tensor") -> "torch.Tensor":
    mean, deviation = torch.tensor([[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]])[..., None, None]
    return (frames / 255 - mean) / deviation


def figures(x: "torch.Tensor") -> list[float]:
    """Mean, deviation and six single elements."""
    x = x.double().flatten()
    return [x.mean().item(), x.std().item(), *x[len(x) // 12 :: len(x) // 6].tolist()]


@pytest.fixture(scope="module")
def weights() -> dict[str, Any]:
    return published()


@pytest.fixture(scope="module")
def teacher(weights: dict[str, Any]) -> Any:
    return load_stcn(weights)


EXPECTED = {
    1: {
        "key": [0.12805, 0.9448, -1.5459, 0.09263, 0.50708, 0.24168, 0.61056, -0.22906],
        "value": [0.02031, 0.61209, 0.55905, -0.07377, 1.26911, -0.31013, -0.06597, 0.48072],
        "logits": [0.87502, 1.04505, -0.29406, 0.2465, 0.23938, 1.13871, 0.303, 1.97511],
    },
    2: {
        "key": [0.12805, 0.9448, -1.5459, 0.09263, 0.50708, 0.24168, 0.61056, -0.22906],
        "value": [0.02035, 0.61092, 0.10582, 0.13374, -0.76906, 0.14826, 0.08876, -0.90692],
        "logits": [0.87335, 1.04561, -1.17464, 0.94086, 0.06291, -1.17914, 0.97187, 0.12986],
    },
}
"""Of the authors' code, by number of objects: see ``figures``."""


@torch.inference_mode()
def seen(teacher: Any, objects: int) -> tuple[Any, "torch.Tensor", "torch.Tensor"]:
    """Features of the last frame; keys and values of those before."""
    *before, now = (teacher.query(frame[None]) for frame in clip())
    values = [teacher.encode_value(features, with_others(blocks(objects, t))) for t, features in enumerate(before)]
    return now, torch.cat([features["key"].flatten(2) for features in before], 2), torch.cat(values, 2)


@torch.inference_mode()
@pytest.mark.parametrize("objects", [1, 2])
def test_numbers_of_the_published_network(teacher: Any, objects: int) -> None:
    now, key, value = seen(teacher, objects)
    pixels = teacher.embed(now, key, value, unknown(objects)[:, None])
    assert pixels.shape == (objects, teacher.decoder.width, HEIGHT // 4, WIDTH // 4)
    logits = teacher.decoder.logits(pixels)
    for name, x in (("key", now["key"]), ("value", value[..., -CELLS:]), ("logits", logits)):
        assert figures(x) == pytest.approx(EXPECTED[objects][name], abs=1e-4), name


@torch.inference_mode()
def test_encode_key_takes_and_gives_what_the_published_one_does(teacher: Any) -> None:
    frames = clip()
    key, *features = teacher.encode_key(normalised(frames))
    torch.testing.assert_close(key, teacher.query(frames)["key"], rtol=0, atol=1e-4)
    strides = [(512, 16), (1024, 16), (512, 8), (256, 4)]
    assert [x.shape for x in features] == [(len(frames), c, HEIGHT // s, WIDTH // s) for c, s in strides]


@torch.inference_mode()
def test_objects_share_each_pixel(teacher: Any) -> None:
    probability = teacher.read(*seen(teacher, 2), unknown(2))
    assert probability.shape == (2, HEIGHT // 4, WIDTH // 4)
    assert probability.min() >= 0
    assert probability.sum(0).max() <= 1 + 1e-6
    assert probability.std() > 0.03


def test_size(weights: dict[str, Any], teacher: Any) -> None:
    trained = [x.numel() for name, x in weights.items() if x.dim() and "running" not in name]
    assert sum(trained) == 54_434_180
    assert sum(x.numel() for x in teacher.parameters()) / 1e6 == pytest.approx(54.4, abs=0.05)
    assert not any(module.training for module in teacher.modules())


def test_every_published_tensor_has_its_place(weights: dict[str, Any], teacher: Any) -> None:
    """Those that do not come back as they are: biases before a batch norm, which its running mean absorbs."""

    def mark(x: "torch.Tensor") -> tuple[Any, ...]:
        return (*x.shape, x.double().sum().item())

    ours = {mark(x) for x in teacher.state_dict().values()}
    lost = {name for name, x in weights.items() if mark(x) not in ours}
    means = {name for name in lost if name.endswith("running_mean")}
    norms = [name.removesuffix(".running_mean") for name in means]
    biases = {f"{n.replace('downsample.1', 'downsample.0').replace('bn', 'conv')}.bias" for n in norms}
    assert len(means) == 15
    assert lost == means | biases
    assert len(weights) == len(teacher.state_dict()) + len(biases)


def test_training_checkpoint_of_the_first_stage(weights: dict[str, Any], teacher: Any) -> None:
    """Its value encoder has no input for other objects: they change nothing."""
    name = "value_encoder.conv1.weight"
    back = load_stcn({"it": 3, "network": {**weights, name: weights[name][:, :4]}})
    first = "value_encoder.backbone.body.conv1.weight"
    ours, expected = back.state_dict(), teacher.state_dict()
    assert not ours[first][:, 4].any()
    assert torch.equal(ours.pop(first)[:, :4], expected[first][:, :4])
    assert all(torch.equal(x, expected[key]) for key, x in ours.items())


NOT_STCN: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "another model": (lambda w: build("lite0").state_dict(), "405 of its 405 names are missing"),
    "one is missing": (lambda w: {k: x for k, x in w.items() if k != "key_comp.bias"}, "1 of .* such as key_comp.bias"),
    "one too many": (lambda w: {**w, "extra.bias": torch.zeros(1)}, "1 are unknown, such as extra.bias"),
    "other shape": (lambda w: {**w, "key_comp.bias": torch.zeros(4)}, "1 have another shape .* such as key_comp.bias"),
    "no tensor": (lambda w: {**w, "key_comp.bias": 3}, "1 have another shape"),
    "empty": (lambda w: {}, "405 of its 405"),
    "a list": (lambda w: [1, 2], "not a list"),
    "a wrapped list": (lambda w: {"network": [1, 2]}, "not a list"),
}


@pytest.mark.parametrize("case", NOT_STCN)
def test_another_state_dict_is_one_sentence(weights: dict[str, Any], case: str) -> None:
    make, expected = NOT_STCN[case]
    with pytest.raises(ModelNotFound, match=expected) as caught:
        load_stcn(make(weights))
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


def test_import_and_load(weights: dict[str, Any], teacher: Any, tmp_path: Path, capsys: Any) -> None:
    checkpoint, model = tmp_path / "stcn.pth", tmp_path / "stcn.safetensors"
    torch.save(weights, checkpoint)
    app(["import-stcn", str(checkpoint), "-o", str(model), "--json"], result_action="return_value", exit_on_error=False)
    assert json.loads(capsys.readouterr().out) == {"weights": str(model)}
    back = load_weights(str(model))
    assert back.spec == SPECS["stcn"]
    with torch.inference_mode():
        probability = [network.read(*seen(network, 2), unknown(2)) for network in (back, teacher)]
    torch.testing.assert_close(*probability, rtol=0, atol=2e-3)  # it is stored in half precision


class Harmful:
    """Unpickling it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def legacy(thing: Any, path: Path) -> None:
    torch.save(thing, path, _use_new_zipfile_serialization=False)


def bare(thing: Any, path: Path) -> None:
    path.write_bytes(pickle.dumps(thing))


@pytest.mark.parametrize("dump", [torch.save, legacy, bare])
def test_a_pickle_that_runs_code_is_refused_and_never_run(tmp_path: Path, dump: Callable[[Any, Path], Any]) -> None:
    dump({"network": Harmful(tmp_path / "ran")}, tmp_path / "a.pth")
    with pytest.raises(ModelNotFound, match=r"a\.pth was not loaded, .* could run code") as caught:
        read_stcn(tmp_path / "a.pth")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "ran").exists()
    with (tmp_path / "a.pth").open("rb") as file, suppress(Exception):
        torch.load(file, weights_only=False)
    assert (tmp_path / "ran").exists(), "the pickle is harmless, so that this test shows nothing"


@pytest.mark.parametrize("keep", [0, 1, 50, 2000, -1, -30])
def test_a_damaged_file_is_refused(tmp_path: Path, keep: int) -> None:
    torch.save({"key_comp.bias": torch.zeros(512)}, tmp_path / "whole.pth")
    (tmp_path / "cut.pth").write_bytes((tmp_path / "whole.pth").read_bytes()[:keep])
    with pytest.raises(ModelNotFound, match=r"cut\.pth was not loaded, as it is damaged"):
        read_stcn(tmp_path / "cut.pth")


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match=r"none\.pth does not exist\.$"):
        read_stcn(tmp_path / "none.pth")


def test_a_sound_file_of_another_model_is_refused(tmp_path: Path) -> None:
    torch.save({"key_comp.bias": torch.zeros(512)}, tmp_path / "a.pth")
    with pytest.raises(ModelNotFound, match=r"404 of its 405 names are missing"):
        read_stcn(tmp_path / "a.pth")
