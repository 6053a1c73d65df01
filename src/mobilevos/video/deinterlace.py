"""Interlaced video, whose pictures hold two moments in alternate lines, made progressive."""

from collections import deque
from collections.abc import Generator, Iterator
from typing import cast

import av
from av.filter import Graph

Shown = tuple[av.VideoFrame, float | None]
"""A picture, and when it is shown."""


def deinterlaced(shown: Iterator[Shown]) -> Generator[Shown]:
    """The same pictures at the moment of their first field; lines of the other one are made from their surroundings.

    FFmpeg's filter bwdif knows from each picture which field is the first, and leaves those alone that are progressive.
    """
    given: deque[tuple[av.VideoFrame, float | None]] = deque()
    graph: Graph | None = None
    for picture, time in shown:
        if graph is None:
            graph = _graph(picture)
        given.append((picture, time))
        graph.push(picture)
        yield from _ready(graph, given)
    if graph is not None:
        graph.push(None)
        yield from _ready(graph, given)


def _graph(picture: av.VideoFrame) -> Graph:
    graph = Graph()
    graph.link_nodes(
        graph.add_buffer(
            width=picture.width, height=picture.height, format=picture.format, time_base=picture.time_base
        ),
        graph.add("bwdif", "mode=send_frame:deint=interlaced"),
        graph.add("buffersink"),
    ).configure()
    return graph


def _ready(graph: Graph, given: deque[Shown]) -> Iterator[Shown]:
    while given:
        try:
            made = cast(av.VideoFrame, graph.pull())
        except (BlockingIOError, EOFError):  # no more for now, no more at all
            return
        picture, time = given.popleft()
        made.pts, made.time_base = picture.pts, picture.time_base  # the filter counts in half ticks
        yield made, time
