"""int8 for ExecuTorch: convolutions of a PyTorch graph, static and per channel, in the form that XNNPACK looks for."""

import torch
from executorch.backends.xnnpack.quantizer.xnnpack_quantizer import get_symmetric_quantization_config
from torch import Tensor, nn
from torch.fx import GraphModule, Node
from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e
from torchao.quantization.pt2e.quantizer import Quantizer, annotate_input_qspec_map, annotate_output_qspec

from mobilevos.export.targets.base import FLOAT_PARTS, Samples

_ATEN = torch.ops.aten
_ACTIVATIONS = (_ATEN.relu.default, _ATEN.relu_.default, _ATEN.hardtanh.default, _ATEN.hardtanh_.default)


def quantised(module: nn.Module, inputs: tuple[Tensor, ...], samples: Samples) -> nn.Module:
    """A module with batch norm folded into its convolutions, and those rounded to int8.

    Args:
        module: in float.
        inputs: an example of each input.
        samples: that ranges are taken from.
    """
    prepared = prepare_pt2e(torch.export.export(module, inputs).module(), _Convolutions())
    with torch.no_grad():
        for sample in samples:
            prepared(*map(torch.from_numpy, sample))
    return convert_pt2e(prepared)


class _Convolutions(Quantizer):
    """Convolutions, each with the activation behind it; all else stays in float.

    XNNPACK's own quantiser knows ReLU but not ReLU6: it would give the range of int8 to what comes before the cut, most
    of which is cut off. And it rounds sums, which run through the whole network, so that roundings add up.
    """

    def annotate(self, model: GraphModule) -> GraphModule:
        config = get_symmetric_quantization_config(is_per_channel=True)
        for node in model.graph.nodes:
            if node.target != _ATEN.conv2d.default or _part(node) in FLOAT_PARTS:
                continue
            source, weight = node.args[:2]
            annotate_input_qspec_map(node, weight, config.weight)
            # XNNPACK pads by itself, if what is padded is in int8 already.
            reader = source if source.target == _ATEN.pad.default else node
            annotate_input_qspec_map(reader, reader.args[0], config.input_activation)
            users = list(node.users)
            activated = len(users) == 1 and users[0].target in _ACTIVATIONS
            annotate_output_qspec(users[0] if activated else node, config.output_activation)
        return model

    def validate(self, model: GraphModule) -> None:
        """Any graph will do."""


def _part(node: Node) -> str:
    """The attribute that holds a convolution: ``network.decoder.logits`` -> ``logits``."""
    innermost, _ = list(node.meta["nn_module_stack"].values())[-1]
    return innermost.rpartition(".")[2]
