"""Errors a user can cause. Each message is one clear sentence; the command line prints it and exits with 2."""


class MobileVOSError(ValueError):
    """Base of every error that bad input, a missing part or a failing disk can raise."""


class InputError(MobileVOSError):
    """A video, image, mask, folder or option that cannot be used as given."""


class TruncatedVideo(InputError):
    """Decoding broke off before the end; ``frames_read`` frames were delivered before the break."""

    def __init__(self, message: str, frames_read: int) -> None:
        super().__init__(message)
        self.frames_read = frames_read


class OutputError(MobileVOSError):
    """The result cannot be written (no permission, disk full, encoder failure)."""


class ModelNotFound(MobileVOSError):
    """No model of that name, or its file is missing or damaged."""


class RuntimeUnavailable(MobileVOSError):
    """The asked-for inference runtime, or an optional part of the package, is not installed."""


class Advice(UserWarning):
    """What a user should know although all went well; the command line prints it as one sentence."""
