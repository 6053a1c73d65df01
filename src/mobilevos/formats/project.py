"""Projects of the page (docs/project.md): the masks that their user gave."""

from functools import partial

from mobilevos.formats.format import Document, Format, Marks
from mobilevos.video.annotations import GivenMask
from mobilevos.video.project_file import ProjectFile, is_project
from mobilevos.video.source import FrameSource


def read(document: Document, frames: FrameSource | None) -> Marks:
    """The masks of a project, whose frames are numbered as the page saw them."""
    project, name = ProjectFile(document.path), document.path.name
    masks = {
        index: GivenMask(
            f"frame {index} of {name}", project.size(index), project.objects(index), partial(project.__getitem__, index)
        )
        for index in project.frames
    }
    return Marks(masks, project.size(0), name=document.path.stem)


PROJECT = Format("project", "project.mobilevos", read=read, recognises=lambda document: is_project(document.path))
