"""Other people's systems take part from their own clones, apart from each other and from us."""

import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest

from mobilevos.benchmark import contest, contestants, measure
from mobilevos.benchmark.peers import Entry, known_peers, parse_peer
from mobilevos.benchmark.process import Process
from mobilevos.cli import app
from mobilevos.errors import InputError, RuntimeUnavailable

torch = pytest.importorskip("torch")
pytest.importorskip("torchvision")

_NETWORK = """
import sys
import torch
import {missing}
from torch import nn
from torch.utils import model_zoo
from torchvision.models import resnet18

print("authors like to print")
sys.stdout.write("a lot")


class {name}(nn.Module):
    def __init__(self, *_, **__):
        super().__init__()
        model_zoo.load_url("https://nowhere.invalid/weights.pth")
        self.stem = resnet18(pretrained=True).conv1
        self.layer = nn.Conv2d(3, {channels}, 1).cuda()
        self.register_buffer("one", torch.ones(1, device="cuda"))
        self.to(torch.device("cuda:0"))

    def encode_key(self, frame):
        key = self.layer(frame.cuda())
        return key, key, key, key, key

    def encode_value(self, frame, deep, masks):
        assert not torch.is_grad_enabled() and frame.dtype == torch.float32
        return masks.to("cuda")

    def segment_with_query(self, memory, middle, shallow, key, thin):
        {answer}
        return memory.value.to(device="cuda") * self.one
"""
_MEMORY = """
class MemoryBank:
    def __init__(self, *_, **__):
        self.stored = 0

    def add_memory(self, key, value):
        assert key.dim() == 5
        self.stored, self.value = self.stored + 1, value
"""


def clone(
    root: Path, name: str = "STCN", channels: int = 2, missing: str = "torch", answer: str = "", folder: str = "clone"
) -> Path:
    """A tiny system in STCN's layout, which wants a GPU and pretrained weights as the real one does."""
    path = root / folder
    (path / "model").mkdir(parents=True)
    (path / "inference_memory_bank.py").write_text(_MEMORY)
    (path / "model" / "__init__.py").touch()
    (path / "model" / "aggregate.py").write_text(
        "import torch\ndef aggregate(prob, keep_bg):\n    return torch.cat([1 - prob, prob])\n"
    )
    network = _NETWORK.format(name=name, channels=channels, missing=missing, answer=answer)
    (path / "model" / "eval_network.py").write_text(network)
    return path


def started(entry: Entry) -> Process:
    """The peer's process, as a benchmark starts it."""
    return Process(entry.name, entry.adapter, {"path": entry.path, "threads": 1})


def begin(peer: Process) -> float | None:
    """Show the first three frames; operations of the third."""
    mask, first, second, third = film()
    peer.first(first, mask)
    peer.step(second)
    return peer.count(third)


def film(size: tuple[int, int] = (32, 48)) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """A mask and three frames."""
    frames = np.random.default_rng(1).integers(0, 255, (3, *size, 3), dtype=np.uint8)
    mask = np.zeros(size, np.uint8)
    mask[4:20, 8:30] = 1
    return mask, frames[0], frames[1], frames[2]


def test_code_for_a_gpu_and_with_pretrained_weights_runs_here(tmp_path: Path) -> None:
    before = (list(sys.path), set(sys.modules), torch.Tensor.cuda, torch.nn.Module.load_state_dict)
    with started(parse_peer(f"STCN={clone(tmp_path)}")) as peer:
        assert peer.name == "STCN"
        assert peer.input_size() is None
        assert peer.parameters_m == pytest.approx((64 * 3 * 49 + 2 * 3 + 2) / 1e6)
        gmacs = begin(peer)
        assert gmacs == pytest.approx(32 * 48 * 3 * 2 / 1e9)  # one 1 x 1 convolution, in the step alone
        step = peer.step(film()[1])
        assert 0 < step.ms < 10_000
        assert step.peak_mb is None or step.peak_mb > 50
    assert (list(sys.path), torch.Tensor.cuda, torch.nn.Module.load_state_dict) == (before[0], *before[2:])
    assert not {"model", "inference_memory_bank"} & (set(sys.modules) - before[1])


def test_every_known_adapter_is_there() -> None:
    from importlib import import_module

    from mobilevos.benchmark.peers.torch_peer import TorchPeer

    assert known_peers()[:2] == ["stcn", "xmem"]
    registry = import_module("mobilevos.benchmark.peers.registry")
    for system in registry._SYSTEMS.values():
        module, _, name = system.adapter.partition(":")
        assert issubclass(getattr(import_module(f"mobilevos.benchmark.peers.{module}"), name), TorchPeer)


_OWN = """
import numpy as np
{imports}

class Quick:
    parameters_m, input_size = 1.5, (256, 512)

    def __init__(self, path, threads):
        assert path.is_dir() and threads == 1

    def first(self, frame, mask):
        self.mask = mask

    def step(self, frame):
        return {result}
"""


def own(root: Path, name: str = "own", imports: str = "", result: str = "self.mask") -> Entry:
    """An adapter of the user's own, not in PyTorch, in the file ``name``.py."""
    (root / f"{name}.py").write_text(_OWN.format(imports=imports, result=result))
    return Entry(name, f"{name}:Quick", root)


@pytest.mark.slow
def test_peers_take_turns_with_us_and_do_not_meet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two systems have modules of the same names."""
    entry = own(tmp_path)
    paths = [clone(tmp_path, channels=n, folder=str(n)) for n in (2, 5)]
    named = zip(("STCN", "stcn", entry.adapter), (*paths, tmp_path), strict=True)
    peers = [text for name, path in named for text in ("--peer", f"{name}={path}")]
    options = ("--frames", "30", "--sizes", "64", "--threads", "1", "--peer-frames", "2", "--json")
    monkeypatch.setattr(contest, "startup_s", lambda *_: 0.5)
    monkeypatch.setattr(contest, "ROUNDS", 1)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    app(("benchmark", *options, *peers), result_action="return_value")
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert [row["name"] for row in rows] == [
        "lite0 64 onnxruntime",
        "lite0 whole onnxruntime",
        "STCN",
        "stcn",
        "own:Quick",
    ]
    assert [row["input"] for row in rows[1:]] == ["848x480", "864x480", "864x480", "512x256"]
    assert [row["frames"] for row in rows] == [20, 20, 2, 2, 2]
    assert rows[0]["median_ms"] < rows[1]["median_ms"]
    for channels, row in zip((2, 5), rows[2:4], strict=True):
        assert row["params_m"] == pytest.approx((64 * 3 * 49 + 4 * channels) / 1e6)
        assert row["gmacs"] == pytest.approx(480 * 864 * 3 * channels / 1e9)
        assert (row["slowdown"], row["growth_mb"]) == (None, None)
        assert rows[0]["speedups"][row["name"]] == pytest.approx(row["median_ms"] / rows[0]["median_ms"])
        assert row["gmacs"] < rows[0]["gmacs"] * 10 < rows[1]["gmacs"] * 10
    assert rows[4]["gmacs"] is None  # not PyTorch, so nobody counts its operations


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("stcn", "'stcn' is no peer; write NAME=PATH, such as"),
        ("=x", "'=x' is no peer"),
        ("vgg={here}", "There is no peer 'vgg'; the known ones are stcn, xmem, .*module:Class=PATH"),
        ("stcn={here}/none", "none is not a folder; give the folder that holds the code of stcn"),
        ("stcn={here}", "has no inference_memory_bank.py, so it is not the code of stcn; .*github.com/hkchengrex/STCN"),
    ],
)
def test_mistakes_in_the_option(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        parse_peer(text.format(here=tmp_path))


def test_code_of_another_system(tmp_path: Path) -> None:
    other = clone(tmp_path, name="RDE_VOS")
    with pytest.raises(InputError, match=r"stcn from .*clone does not run: ImportError: cannot import name 'STCN'"):
        started(parse_peer(f"stcn={other}"))


def test_code_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    poor = own(tmp_path, "poor", imports="import hydra_that_is_missing.core")
    with pytest.raises(RuntimeUnavailable, match="poor needs the module hydra_that_is_missing; install it"):
        started(poor)
    with pytest.raises(InputError, match="AttributeError: module 'json' has no attribute 'Quick'"):
        started(Entry("json", "json:Quick", tmp_path))
    for name, result, message in (
        ("broken", "1 / 0", "broken from .* does not run: ZeroDivisionError: division by zero"),
        ("short", "self.mask[::2]", r"step returned the shape \(16, 48\) for a frame \(32, 48, 3\)"),
        ("fatal", "__import__('os')._exit(7)", "The process of fatal ended with status 7"),
    ):
        with started(own(tmp_path, name, result=result)) as peer, pytest.raises(InputError, match=message):
            begin(peer)


@pytest.mark.slow
def test_real_clones() -> None:
    """``MOBILEVOS_PEERS`` is a folder with clones, each named as ``mobilevos benchmark`` names the peer."""
    root = os.environ.get("MOBILEVOS_PEERS")
    if root is None:
        pytest.skip("MOBILEVOS_PEERS is not set")
    present = [f"{name}={Path(root) / name}" for name in known_peers() if (Path(root) / name).is_dir()]
    assert present
    grid = contestants(["lite0"], ["best"], ["onnxruntime"], beside_peers=True)
    rows = measure(grid, 30, peers=[parse_peer(text) for text in present], peer_frames=1)
    for row in rows[2:]:
        print(row)
        assert row.params_m > 1
        assert rows[0].speedups[row.name] > 1


def test_a_mean_by_index_leaves_what_nothing_falls_upon() -> None:
    from mobilevos.benchmark.peers.afb_urr import _scatter_mean

    source, index = torch.tensor([[1.0, 3.0, 7.0]]), torch.tensor([[2, 2, 0]])
    assert _scatter_mean(source, index, 1, torch.zeros(1, 4)).tolist() == [[7.0, 0.0, 2.0, 0.0]]
