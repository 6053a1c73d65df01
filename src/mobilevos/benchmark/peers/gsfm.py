"""GSFM (Liu et al., ECCV 2022), https://github.com/workforai/GSFM, as its DAVIS evaluation runs."""

from mobilevos.benchmark.peers.stcn import STCN


class GSFM(STCN):
    """STCN with filters of low and high frequencies beside it. Every third frame is memorised."""

    memory_every = 3
