"""How many threads FFmpeg's decoders and encoders have: a matter of the process, as cores are.

By itself a decoder starts one for each core it sees, which is too many where several processes share them.
"""

from av.video.codeccontext import VideoCodecContext

_threads = 0


def limit_codec_threads(threads: int) -> None:
    """From now on, each decoder and encoder of this process has at most so many; 0 leaves it to FFmpeg."""
    global _threads
    _threads = threads


def keep_to_limit(codec: VideoCodecContext) -> None:
    """Tell a codec that is not open yet."""
    if _threads:
        codec.thread_count = _threads
