"""Verbs around training: train, distill, preview. They need the train extra."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from mobilevos.commands.app import File, Json, Mask, Out, Several, Threads, app
from mobilevos.console import Progress, print_json
from mobilevos.errors import InputError
from mobilevos.training.prompt_recipe import PromptRecipe
from mobilevos.training.recipe import Distillation, Recipe


@dataclass(frozen=True)
class Run:
    """Where a training run reads and writes."""

    data: File | None = None
    """Folder of training data: sets of stills, clips, or the official folders of DAVIS and YouTube-VOS."""
    out: Out = Path("runs/train")
    """Folder of the run; give the same one again to resume."""
    dev: File | None = None
    """DAVIS-layout folder to evaluate on: before, at intervals, and after."""
    init: str | None = None
    """Model or .safetensors file to start from instead of ImageNet weights."""
    branch: File | None = None
    """Folder of a run to start from as it is now, with all its state, instead of ImageNet weights."""
    workers: Annotated[int, Parameter(validator=Number(gte=0))] = 1
    """Processes that make clips; 0 makes them in the training process."""
    threads: Threads = None
    as_json: Json = False

    def go(self, recipe: Recipe) -> None:
        """Train and say what came of it."""
        import torch

        from mobilevos.training.loop import train as run
        from mobilevos.video.protection import protect

        teacher = recipe.distillation.teacher if recipe.distillation else None
        protect((self.init, teacher), files=[self.out / f"{name}.safetensors" for name in ("ema", "raw", "best")])

        if self.threads is not None:
            torch.set_num_threads(self.threads)
        with Progress("Training", quiet=self.as_json, unit="steps") as progress:
            told = progress.figures(recipe.steps)
            done = run(
                recipe,
                self.data,
                self.out,
                dev=self.dev,
                init=self.init,
                branch=self.branch,
                workers=self.workers,
                progress=told,
            )
        if int(os.environ.get("RANK", "0")):
            return
        if self.as_json:
            print_json({"weights": str(done.weights), "before": done.before, "after": done.after})
            return
        print(f"Weights: {done.weights}")
        if done.before is not None:
            print(f"J&F on the development split: first {done.before:.1f}, best {done.after:.1f} (best.safetensors)")


@app.command
def train(
    *,
    run: Annotated[Run, Parameter(name="*")] = Run(),
    recipe: Annotated[Recipe, Parameter(name="*")] = Recipe(),  # noqa: B008 (frozen)
) -> None:
    """Train a network, or go on with a run that was stopped. Needs the train extra.

    Example: mobilevos train --data data/train --dev data/dev -o runs/lite0
    Example: mobilevos train --data my-videos --dev my-dev --init lite0 --steps 2000 --learning-rate 3e-4
    """
    run.go(recipe)


@app.command
def distill(
    *,
    distillation: Annotated[Distillation, Parameter(name="*")],
    run: Annotated[Run, Parameter(name="*")] = Run(),
    recipe: Annotated[Recipe, Parameter(name="*")] = Recipe(),  # noqa: B008 (frozen)
) -> None:
    """Train a student that also learns from a teacher, whose memory keeps every frame. Needs the train extra.

    Example: mobilevos distill --teacher lite0 --student resnet18 --data data/train --dev data/dev -o runs/resnet18
    Example: mobilevos distill --teacher lite0 --student mobilenetv2 --what features --frames 1 --data data/train
    """
    run.go(replace(recipe, distillation=distillation))


@app.command
def train_prompt(
    *,
    data: File,
    out: Out = Path("runs/prompt"),
    model: str = "lite0",
    init: str | None = None,
    workers: Annotated[int, Parameter(validator=Number(gte=0))] = 1,
    threads: Threads = None,
    recipe: Annotated[PromptRecipe, Parameter(name="*")] = PromptRecipe(),  # noqa: B008 (frozen)
    as_json: Json = False,
) -> None:
    """Train the head that makes masks of clicks and boxes, on a network's own features. Needs the train extra.

    The network stays as it is; whenever it changes, so must the head. Put prompt.onnx into the model's folder.

    Example: mobilevos train-prompt --data data/train -o runs/prompt
    Example: mobilevos train-prompt --init lite0 --data data/train --steps 500

    Parameters
    ----------
    data
        Folder of training data: sets of stills, clips, or the official folders of DAVIS and YouTube-VOS.
    out
        Folder of the run; give the same one again to resume.
    model
        The network: a shipped model, or a .safetensors file.
    init
        Head to start from: a model that has one, or a head.safetensors of another run.
    workers
        Processes that make views; 0 makes them in the training process.
    """
    import torch

    from mobilevos.export.prompt import export_prompt
    from mobilevos.training.prompt_loop import train_prompt as run
    from mobilevos.video.protection import protect
    from mobilevos.weights.store import PROMPT

    protect((model, init), files=[out / name for name in ("head.safetensors", PROMPT)])
    if threads is not None:
        torch.set_num_threads(threads)
    with Progress("Training", quiet=as_json, unit="steps") as progress:
        told = progress.figures(recipe.steps)
        head = run(recipe, data, out, model=model, init=init, workers=workers, progress=told)
    export_prompt(head, out)
    if as_json:
        print_json({"head": str(out / PROMPT)})
    else:
        print(f"Head: {out / PROMPT}")


@app.command
def average(
    *sources: str,
    out: Out = Path("average.safetensors"),
    weights: Annotated[tuple[float, ...], Several] = (),
    as_json: Json = False,
) -> None:
    """Write the mean of networks that came of one another's training. Needs the train extra.

    Example: mobilevos average lite0 runs/branch/ema.safetensors -o mean.safetensors

    Parameters
    ----------
    sources
        Two or more .safetensors files, or names of models.
    out
        Model file to write.
    weights
        How much each counts; all alike if not given.
    """
    from mobilevos.models import load_weights
    from mobilevos.models.average import average as mean
    from mobilevos.models.checkpoint import save_network
    from mobilevos.video.protection import protect

    _check_model_file(out)
    protect(sources, files=[out])
    save_network(mean([load_weights(source) for source in sources], weights), out)
    if as_json:
        print_json({"weights": str(out)})
    else:
        print(f"Weights: {out}")


@app.command
def preview(
    *,
    data: File,
    out: Out = Path("clips.png"),
    frames: Annotated[int, Parameter(validator=Number(gte=1, lte=8))] = 3,
    as_json: Json = False,
) -> None:
    """Draw a contact sheet of training clips. Needs the train extra.

    Example: mobilevos preview --data data/train -o clips.png --frames 6

    Parameters
    ----------
    data
        Folder as for `mobilevos train`.
    out
        Image to write.
    frames
        Frames in a clip.
    """
    from mobilevos.data.layouts import find
    from mobilevos.data.mix import ClipMix
    from mobilevos.looking.contact_sheet import contact_sheet
    from mobilevos.video.protection import protect

    if out.exists():
        protect((path for path in find(data).files() if path.suffix == out.suffix), files=[out])
    contact_sheet(ClipMix.from_folder(data, frames=frames), out)
    if as_json:
        print_json({"image": str(out)})
    else:
        print(out)


@app.command
def visualize(
    video: str,
    /,
    *,
    mask: Mask,
    models: Annotated[tuple[str, ...], Several] = ("lite0",),
    frame: Annotated[int, Parameter(validator=Number(gte=0))] = 20,
    point: Annotated[tuple[int, int] | None, Parameter(negative="")] = None,
    truth: File | None = None,
    out: Out = Path("features.png"),
    as_json: Json = False,
) -> None:
    """Draw what networks have learned: features, keys and similarities in two frames. Needs the train extra.

    Example: mobilevos visualize clip.mp4 --mask first.png --models lite0 runs/distilled/best.safetensors

    Parameters
    ----------
    video
        Video file, folder of frames, or quoted glob pattern ("frames/*.jpg").
    mask
        Image of the objects in the first frame.
    models
        Networks to compare, one in a row: .safetensors files, or names of models.
    frame
        Number of the later frame, from 0.
    point
        X and Y of a pixel on an object in the first frame; the one furthest from its object's border if not given.
    truth
        Image of the objects in the later frame, if known; the figures are then measured on it, else on predictions.
    out
        PNG to write.
    """
    from mobilevos.looking.features import visualize as run

    with Progress("Tracking", quiet=as_json) as progress:
        report = run(video, mask, models, out, frame=frame, point=point, truth=truth, progress=progress)
    if as_json:
        print_json(report.to_dict())
        return
    for network in report.networks:
        print(f"{network.model}: {network.in_words()}")
    print(report.image)


@app.command
def import_stcn(checkpoint: File, /, *, out: Out = Path("stcn.safetensors"), as_json: Json = False) -> None:
    """Turn the published weights of STCN, the paper's teacher, into a model file. Needs the train extra.

    Nothing in the checkpoint is run, and a model file holds numbers alone.

    Example: mobilevos import-stcn stcn.pth -o stcn.safetensors

    Parameters
    ----------
    checkpoint
        File that STCN's authors publish, or that their training code wrote.
    out
        Model file to write, 109 MB in half precision.
    """
    from mobilevos.models.checkpoint import save_network
    from mobilevos.models.stcn import read_stcn
    from mobilevos.video.protection import protect

    _check_model_file(out)
    protect([checkpoint], files=[out])
    save_network(read_stcn(checkpoint), out)
    if as_json:
        print_json({"weights": str(out)})
    else:
        print(f"Weights: {out}")


def _check_model_file(path: Path) -> None:
    if path.suffix != ".safetensors":
        raise InputError(f"The model file {path} must end in .safetensors, by which the other commands know it.")
