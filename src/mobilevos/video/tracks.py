"""Which track of a file is its video."""

from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream


def video_track(container: InputContainer) -> VideoStream | None:
    """The video track that players choose; None if there is none but pictures of covers."""
    best = container.streams.best("video")
    tracks = [track for track in container.streams.video if not track.disposition & Disposition.attached_pic]
    if best in tracks:
        return best
    return max(tracks, key=lambda track: bool(track.disposition & Disposition.default), default=None)
