"""What tests of several parts share: one thread, the sample clip, random networks that segment something."""

import os
import signal

os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when NumPy and PyTorch load
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell's background jobs and many runners have it
    signal.signal(signal.SIGINT, signal.default_int_handler)

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mobilevos import sample
from mobilevos.video.reader import open_frames


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Two processes for the default suite; none for a part of it, nor for long tests, which measure time and memory."""
    whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    return 2 if whole and "not slow" in config.option.markexpr else 0


@pytest.fixture(scope="session")
def sample_frames() -> list[np.ndarray]:
    """The frames of the sample clip, (270, 480, 3) uint8 RGB each."""
    frames = list(open_frames(sample.clip_path()))
    for frame in frames:
        frame.flags.writeable = False
    return frames


@pytest.fixture(scope="session")
def sample_truth() -> np.ndarray:
    """(T, 270, 480) true label maps of the sample clip, ids 1 and 2."""
    truth = sample.truth()
    truth.flags.writeable = False
    return truth


@pytest.fixture(scope="session")
def lively_network(sample_frames: list[np.ndarray], sample_truth: np.ndarray) -> Callable[[str], Any]:
    """Makes a named network with random weights that answers with ragged masks over the whole frame.

    Freshly made networks answer 0.5 everywhere, which would hide most mistakes. Batch norm takes its statistics from
    the sample clip, and the logits have a mean of 0 and a deviation of 1: beyond that, recurrence would
    amplify rounding errors.
    """
    torch = pytest.importorskip("torch")
    from mobilevos.models import build
    from mobilevos.models.network import beside_others
    from mobilevos.models.target_model import solve

    frame = torch.from_numpy(sample_frames[0][:256:2, :448:2].copy()).permute(2, 0, 1)[None]
    labels = torch.from_numpy(sample_truth[0][:256:2, :448:2].copy())
    masks = torch.nn.functional.avg_pool2d(torch.stack([labels == 1, labels == 2]).float(), 4)

    @torch.no_grad()
    def make(name: str) -> Any:
        torch.manual_seed(3)
        network = build(name).eval()
        norms = [module for module in network.modules() if isinstance(module, torch.nn.BatchNorm2d)]

        def logits() -> Any:
            features = network.query(frame)
            value = network.memorise(features, masks)
            scores = network.scores(features, solve(network.evidence(features, masks))) if network.target else None
            return network.decode(features, features["key"].flatten(2), value, beside_others(masks), scores)

        for norm in norms:
            norm.momentum, norm.training = None, True
            norm.weight.fill_(1)  # timm starts some of ResNet's at 0, which mutes their blocks
        logits()
        network.eval()
        spread = logits()
        network.decoder.logits.weight.mul_(1 / spread.std())
        network.decoder.logits.bias.sub_(spread.mean() / spread.std())
        return network

    return make
