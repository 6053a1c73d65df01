"""Every named network: shapes, size, what trains, and that objects and memory frames do not depend on their order."""

from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

from mobilevos.errors import ModelNotFound  # noqa: E402
from mobilevos.losses import segmentation_loss  # noqa: E402
from mobilevos.models import SPECS, build  # noqa: E402
from mobilevos.models.backbones import Backbone  # noqa: E402
from mobilevos.models.network import upsample  # noqa: E402
from mobilevos.models.value_encoder import ValueEncoder  # noqa: E402
from mobilevos.training.rollout import object_slots, rollout  # noqa: E402

HEIGHT, WIDTH = 64, 96
CELLS = HEIGHT // 16 * WIDTH // 16
MILLIONS = {
    "lite0": 1.054,
    "lite0-2": 1.138,
    "resnet18": 3.275,
    "mobilenetv2": 0.883,
    "mobilenetv2-aspp": 0.979,
    "lite2": 1.522,
    "stcn": 54.432,
}


@pytest.fixture(scope="module", params=SPECS)
def network(request: pytest.FixtureRequest, lively_network: Callable[[str], Any]) -> Any:
    return lively_network(request.param)


def frames(count: int = 1) -> "torch.Tensor":
    """(count, 3, H, W) uint8 blotches."""
    coarse = torch.rand(count, 3, HEIGHT // 8, WIDTH // 8, generator=torch.Generator().manual_seed(3))
    return (255 * F.interpolate(coarse, scale_factor=8, mode="bilinear")).byte()


def blocks(count: int) -> "torch.Tensor":
    """(count, H, W) disjoint masks."""
    masks = torch.zeros(count, HEIGHT, WIDTH)
    for k in range(count):
        masks[k, 8 + 4 * k : 40 + 4 * k, 8 + 28 * k : 30 + 28 * k] = 1
    return masks


def coarse_blocks(count: int) -> "torch.Tensor":
    """The same, (count, H/4, W/4)."""
    return F.avg_pool2d(blocks(count), 4)


@torch.inference_mode()
def memory(network: Any, masks: "torch.Tensor") -> tuple[Any, "torch.Tensor", "torch.Tensor"]:
    """Features of frame 1, and keys and values of frames 0 and 2 side by side."""
    first, now, last = (network.query(frame[None]) for frame in frames(3))
    values = [network.memorise(features, masks) for features in (first, last)]
    return now, torch.cat([first["key"].flatten(2), last["key"].flatten(2)], 2), torch.cat(values, 2)


@pytest.mark.parametrize("name", SPECS)
def test_number_of_parameters(name: str) -> None:
    assert sum(p.numel() for p in build(name).parameters()) / 1e6 == pytest.approx(MILLIONS[name], abs=5e-4)


def test_unknown_model_is_one_sentence() -> None:
    with pytest.raises(ModelNotFound, match="no model 'lite9'; choose one of lite0") as caught:
        build("lite9")
    assert "\n" not in str(caught.value)


@torch.inference_mode()
@pytest.mark.parametrize("objects", [1, 3])
def test_shapes(network: Any, objects: int) -> None:
    masks = coarse_blocks(objects)
    features, key, value = memory(network, masks)
    assert features["key"].shape == (1, network.spec.key_dim, HEIGHT // 16, WIDTH // 16)
    assert set(network.read_features) | set(network.value_encoder.features) == features.keys()
    assert key.shape == (1, network.spec.key_dim, 2 * CELLS)
    assert value.shape == (objects, network.spec.value_dim, 2 * CELLS)
    probability = network.read(features, key, value, masks)
    assert probability.shape == (objects, HEIGHT // 4, WIDTH // 4)
    assert probability.min() >= 0
    assert probability.sum(0).max() <= 1 + 1e-5
    assert probability.std() > 0.03


@torch.inference_mode()
def test_objects_may_come_in_any_order(network: Any) -> None:
    masks, order = coarse_blocks(3), [2, 0, 1]
    features, key, value = memory(network, masks)
    _, _, shuffled_value = memory(network, masks[order])
    torch.testing.assert_close(shuffled_value, value[order], rtol=1e-4, atol=1e-4)
    expected = network.read(features, key, value, masks)
    shuffled = network.read(features, key, shuffled_value, masks[order])
    torch.testing.assert_close(shuffled, expected[order], rtol=1e-3, atol=1e-4)
    assert (expected[0] - expected[1]).abs().max() > 0.005


@torch.inference_mode()
def test_memory_frames_may_come_in_any_order(network: Any) -> None:
    masks = coarse_blocks(2)
    features, key, value = memory(network, masks)
    order = torch.randperm(2 * CELLS, generator=torch.Generator().manual_seed(0))
    expected = network.read(features, key, value, masks)
    shuffled = network.read(features, key[..., order], value[..., order], masks)
    torch.testing.assert_close(shuffled, expected, rtol=1e-3, atol=1e-4)


@torch.inference_mode()
def test_memory_and_prior_are_looked_at(network: Any) -> None:
    masks = coarse_blocks(2)
    features, key, value = memory(network, masks)
    probability = network.read(features, key, value, masks)
    assert (network.read(features, key, value.flip(0), masks) - probability).abs().max() > 0.01
    other_prior = network.read(features, key, value, masks.flip(0))
    if network.spec.family == "student":
        assert (other_prior - probability).abs().max() > 0.01
    else:
        assert torch.equal(other_prior, probability), "the published decoder knows no previous mask"


@torch.inference_mode()
def test_a_batch_of_clips_equals_clip_by_clip(network: Any) -> None:
    """Training decodes objects of several clips side by side, inference all objects of one frame."""
    pictures, masks = frames(2), coarse_blocks(2)
    together = network.query(pictures)
    pairs_at_4 = torch.stack([masks, torch.zeros_like(masks)], 1)
    pairs = upsample(pairs_at_4)
    values = network.encode_value(together, pairs)
    logits = network.decode(together, together["key"].flatten(2), values, pairs_at_4)
    for k in range(2):
        features = network.query(pictures[k : k + 1])
        value = network.memorise(features, masks[k : k + 1])
        torch.testing.assert_close(value[0], values[k], rtol=1e-3, atol=1e-4)
        alone = network.decode(features, features["key"].flatten(2), value, pairs_at_4[k : k + 1])
        torch.testing.assert_close(alone[0], logits[k], rtol=1e-3, atol=1e-3)


def test_training_reaches_all_but_the_frozen_stages(network: Any) -> None:
    network.backbone.freeze_first_stages()
    network.train()
    statistics = {name: buffer.clone() for name, buffer in network.backbone.named_buffers()}
    labels = (blocks(2) * torch.tensor([1, 2])[:, None, None]).sum(0).long()[None, :, :64].repeat(2, 1, 1)
    clips = frames(6)[..., :64].unflatten(0, (2, 3))
    present = object_slots(labels)
    assert present.all()
    outputs = rollout(network, clips, labels, present)
    sum(segmentation_loss(output.logits, labels, present) for output in outputs).backward()

    frozen = {name for name, p in network.named_parameters() if not p.requires_grad}
    assert frozen
    assert all(name.startswith("backbone.body.") for name in frozen)
    assert len(frozen) < len(list(network.backbone.parameters()))
    for name, parameter in network.named_parameters():
        if name in frozen:
            assert parameter.grad is None, name
        else:
            assert parameter.grad is not None, name
            assert parameter.grad.isfinite().all(), name
            assert parameter.grad.abs().max() > 0, name
    network.zero_grad(set_to_none=True)

    backbones = [module for module in network.modules() if isinstance(module, Backbone)]
    assert not any(module.training for backbone in backbones for module in backbone.modules())
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    assert any(norm.training for norm in norms) == (network.spec.family == "student"), (
        "STCN has them in backbones alone"
    )
    for name, buffer in network.backbone.named_buffers():
        assert torch.equal(buffer, statistics[name]), name
    network.eval()


def joined(image: nn.Conv2d, own: nn.Conv2d) -> Callable[["torch.Tensor", "torch.Tensor"], "torch.Tensor"]:
    """One convolution over the concatenation of both inputs."""
    assert (image.stride, image.padding, image.kernel_size) == (own.stride, own.padding, own.kernel_size)
    weight = torch.cat([own.weight, image.weight], 1)
    bias = sum(b for b in (own.bias, image.bias) if b is not None)
    bias = bias if isinstance(bias, torch.Tensor) else None
    return lambda a, b: F.conv2d(torch.cat([a, b], 1), weight, bias, own.stride, own.padding)


@torch.inference_mode()
def test_two_halves_are_one_convolution_over_image_and_mask() -> None:
    torch.manual_seed(0)
    encoder = ValueEncoder((24, 40, 112), 32).eval()
    stride4, stride16 = torch.randn(1, 24, 16, 24), torch.randn(1, 112, 4, 6)
    masks = torch.rand(1, 2, HEIGHT, WIDTH)
    x = joined(encoder.image8, encoder.mask8)(encoder.mask4(masks - 0.5), stride4)
    x = joined(encoder.image16, encoder.fuse16)(encoder.mask16(encoder.norm8(x)), stride16)
    expected = encoder.body(encoder.norm16(x))
    torch.testing.assert_close(encoder(encoder.prepare(frames(), stride4, stride16), masks), expected)


@torch.inference_mode()
@pytest.mark.parametrize("name", ["lite0", "lite2"])
def test_even_padding_is_timms(name: str) -> None:
    """Weights trained in TensorFlow expect its padding; ours is free of arithmetic on sizes."""
    import timm

    ours = Backbone(name, pretrained=False).eval()
    theirs = timm.create_model(ours.spec.timm_name, features_only=True, out_indices=ours.spec.out_indices).eval()
    theirs.load_state_dict(ours.body.state_dict(), strict=False)
    image = torch.rand(1, 3, HEIGHT, WIDTH)
    for own, expected in zip(ours(image), theirs(image), strict=True):
        torch.testing.assert_close(own, expected)
