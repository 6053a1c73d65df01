"""A folder of clips to train on, or to judge by: frames beside their masks."""

from pathlib import Path

from PIL import Image

from mobilevos.formats.format import Format
from mobilevos.formats.submissions import AnnotationsFolder
from mobilevos.video.results import ResultFolder
from mobilevos.video.sink import Clip, Result, stem_of

_IMAGES = "JPEGImages"
_JPEG_QUALITY = 95


class TrainingFolder(AnnotationsFolder):
    """``JPEGImages/<clip>/<stem>.jpg`` beside ``Annotations/<clip>/<stem>.png``; the folder takes further clips."""

    def __init__(self, path: Path, clip: Clip) -> None:
        super().__init__(path, clip)
        self.folders = [*self.folders, path / _IMAGES / clip.name]
        self._pictures = ResultFolder(path)

    def write(self, result: Result) -> None:
        with self._pictures.save(f"{_IMAGES}/{self.clip.name}/{stem_of(result.name)}.jpg") as part:
            Image.fromarray(result.image()).save(part, format="JPEG", quality=_JPEG_QUALITY)
        super().write(result)


TRAINING = Format("training", "training", TrainingFolder, pictures=True, gathers=True)
