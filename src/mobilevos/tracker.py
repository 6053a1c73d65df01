"""The tracker as users make it: by the names of a model, a runtime and a mode."""

from typing import NoReturn

from mobilevos.engine.checks import Frame, Labels
from mobilevos.engine.modes import DEFAULT_MODE, mode_of, mode_of_fixed
from mobilevos.engine.runtime import fixed_size
from mobilevos.engine.tracker import OCCLUDED_FRAMES, ObjectState
from mobilevos.engine.tracker import Tracker as _Tracker
from mobilevos.errors import InputError
from mobilevos.runtimes import Runtime, load_runtime

__all__ = ["OCCLUDED_FRAMES", "Frame", "Labels", "ObjectState", "Tracker"]


class Tracker(_Tracker):
    """Follows objects through a video, given their masks in one frame.

    >>> import mobilevos
    >>> frames = iter(mobilevos.open_frames(mobilevos.sample.clip_path()))
    >>> tracker = Tracker(mode="fast", threads=1)
    >>> labels = tracker.start(next(frames), mobilevos.load_mask(mobilevos.sample.mask_path()))
    >>> labels = tracker.step(next(frames))
    >>> labels.shape, labels.dtype
    ((270, 480), dtype('uint8'))
    >>> tracker.objects[1].state
    'visible'

    Args:
        model: a name that ``mobilevos models`` lists, or the path of an exported model folder.
        runtime: "auto", "onnxruntime" or "torch"; or a ready ``Runtime``, of which ``model`` then says nothing but
            which modes are its own.
        threads: CPU threads of the runtime; None lets it use every core, or as many as OMP_NUM_THREADS says.
        size: the network sees about ``size`` x ``size`` pixels of each frame, 64..2048; None leaves it to ``mode``. A
            model that was exported with fixed shapes has a size of its own: then there is none to choose.
        follow: look only at the region around the objects; False always looks at the whole frame.
        memory_every: keep every so-many-th frame in memory for good, as the paper's teacher does; time and memory then
            grow with the video. None keeps the first and the previous frame alone.
        mode: "fast", "balanced" or "best", or "finest", which takes several times as long
            (``mobilevos.engine.modes.MODES``): figures that were chosen by measurement.

    Raises:
        ModelNotFound: no such model, or its file is damaged.
        RuntimeUnavailable: the runtime is not installed.
        InputError: senseless size or threads, an unknown mode or runtime, or a size for a model with fixed shapes.
    """

    def __init__(
        self,
        model: str = "lite0",
        runtime: str | Runtime = "auto",
        threads: int | None = None,
        size: int | None = None,
        follow: bool = True,
        memory_every: int | None = None,
        mode: str = DEFAULT_MODE,
    ) -> None:
        chosen = mode_of(mode if size is None else size, model)
        ready = load_runtime(model, runtime, threads) if isinstance(runtime, str) else runtime
        fixed = fixed_size(ready)
        if fixed and size is not None:
            raise InputError(
                f"The size {size} cannot be had: the model was exported for {fixed[1]}x{fixed[0]}; leave it out."
            )
        if fixed:
            chosen = mode_of_fixed(fixed, model)
        super().__init__(ready, chosen, follow, memory_every)

    def __reduce__(self) -> NoReturn:
        """Neither pickled nor copied: a runtime's network and threads belong to one process."""
        raise TypeError("A tracker cannot be pickled or copied; make one in each process, and start it there.")
