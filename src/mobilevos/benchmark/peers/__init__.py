"""Other people's systems in the same benchmark run, from the user's own clones of the authors' code.

Nothing of that code is part of this package: an adapter (one small file per system) imports it from the clone, builds
the network with random weights, which take as long as trained ones, and feeds it frame by frame on the CPU.

Every peer runs in a process of its own. Several of these systems have top-level packages of the same name (``model``,
``util``, ``dataset``), some print or count threads as they please; apart, none can disturb another or us, and each
one's peak memory is its own. Times are taken inside that process, so that the pipe costs nothing.

To add a system, write a class that fulfils ``Adapter`` and name it: ``mobilevos benchmark --peer module:Class=PATH``.
PyTorch systems best derive from ``torch_peer.TorchPeer``.
"""

from mobilevos.benchmark.peers.protocol import Adapter
from mobilevos.benchmark.peers.registry import Entry, known_peers, parse_peer

__all__ = ["Adapter", "Entry", "known_peers", "parse_peer"]
