"""First masks as users make them: by the name of a model."""

from pathlib import Path
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from mobilevos.engine.checks import Frame
from mobilevos.engine.prompt import Prompt as _Prompt
from mobilevos.engine.runtime import Prompter
from mobilevos.runtimes import load_prompter


class Prompt(_Prompt):
    """Makes the mask of one object in a frame, of clicks and a box.

    ::

        prompt = Prompt(frame)
        mask = prompt.click(412, 230)                    # (H, W) bool
        mask = prompt.click(390, 260, positive=False)    # not this
        labels = Tracker().start(frame, prompt.mask)     # object 1

    Args:
        frame: (H, W, 3) uint8 RGB.
        model: a name that ``mobilevos models`` lists, or the path of an exported model folder that has a head; or a
            ready ``Prompter``, for many frames.
        mask: (H, W) bool, or integer with the object nonzero: a mask to correct; None to begin with nothing.
        threads: CPU threads; None uses every core.

    Raises:
        ModelNotFound: no such model, or one of yours without a head.
        InputError: a frame or mask of another shape or type, or sizes that differ.
    """

    def __init__(
        self,
        frame: Frame,
        model: str | Path | Prompter = "lite0",
        mask: NDArray[np.generic] | None = None,
        threads: int | None = None,
    ) -> None:
        ready = load_prompter(model, threads) if isinstance(model, (str, Path)) else model
        super().__init__(ready, frame, mask)

    def __reduce__(self) -> NoReturn:
        """Neither pickled nor copied: a head's network and threads belong to one process."""
        raise TypeError("A prompt cannot be pickled or copied; make one in each process, and pass on its mask.")
