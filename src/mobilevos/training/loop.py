"""The training loop: resumable at any moment, logged as JSON lines, judged on a development split."""

import copy
import math
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from mobilevos.data.loader import batches
from mobilevos.data.mix import ClipMix
from mobilevos.errors import InputError, MobileVOSError
from mobilevos.evaluation import Report, evaluate, find_sequences
from mobilevos.models import Network, load_weights
from mobilevos.models.checkpoint import save_network
from mobilevos.models.denormals import denormals_are_zero
from mobilevos.runtimes.torch_runtime import TorchRuntime
from mobilevos.tracker import Tracker
from mobilevos.training.log import log, resume_log
from mobilevos.training.objectives import Clips, clip_objective, feature_objective
from mobilevos.training.quick import quicken
from mobilevos.training.recipe import Recipe
from mobilevos.training.state import Ema, branch_off, has_state, load_state, save_state
from mobilevos.training.student import new_student
from mobilevos.training.team import Team
from mobilevos.video.files import make_folder

LOG_EVERY = 20


class NotFinite(MobileVOSError):
    """The loss became NaN or infinite."""


class Trained(NamedTuple):
    """What came of a run."""

    weights: Path
    """The final averaged weights."""
    before: float | None
    """First J&F on the development split, of ``init`` if that was given; None without a split."""
    after: float | None
    """Best J&F on it, of ``best.safetensors`` beside the weights."""


@denormals_are_zero()  # gradients that vanish take processors many times as long as zeros
def train(
    recipe: Recipe,
    data: Path | None,
    out: Path,
    *,
    dev: Path | None = None,
    init: str | None = None,
    branch: Path | None = None,
    save_every: int = 200,
    evaluate_every: int = 1000,
    workers: int = 1,
    progress: Callable[[int, dict[str, float]], None] | None = None,
) -> Trained:
    """Train a network, or go on where ``out`` left off.

    ``out`` gets ``state.pt`` (resume), ``ema.safetensors`` and ``raw.safetensors`` (weights), ``log.jsonl``, and
    ``best.safetensors``, the averaged weights with the highest J&F on the development split.

    Args:
        recipe: of the run; it, ``data``, ``dev``, ``init`` and ``branch`` must be the same when it is resumed.
        data: folder of training data, see ``ClipMix.from_folder``; None for rendered clips alone.
        out: the run's folder.
        dev: DAVIS-layout folder to evaluate on: before the first step, at intervals and at the end.
        init: shipped model or ``.safetensors`` file to start from instead of ImageNet weights.
        branch: folder of a run of the same network to start from, as it is now, with its averages and momenta: the
            run itself can go on at its learning rate, while a branch with the schedule "decay" shows what it is worth.
        save_every: steps between two saves; a kill loses at most these.
        evaluate_every: steps between two evaluations.
        workers: processes that make clips.
        progress: called at every logged step with the steps done and the figures.

    Raises:
        InputError: unusable data, another recipe or other folders than those of the run, ``init`` or ``branch`` of
            another model, or both of them.
        OutputError: the folder or a file in it cannot be written.
        NotFinite: the loss is not a number; the last saved state stays as it was.
    """
    if init and branch:
        raise InputError("A run starts from weights or from another run, not from both; leave out one of them.")
    team = Team.join()
    mix = ClipMix.from_folder(
        data,
        seed=recipe.seed,
        real_fraction=recipe.real_fraction,
        rendered_fraction=recipe.rendered_fraction,
        frames=recipe.frames,
        size=recipe.size,
        smallest=recipe.smallest,
        followed_fraction=recipe.followed_fraction,
        guest_fraction=recipe.guest_fraction,
        batch=recipe.batch,
        max_step=recipe.max_step,
        max_objects=recipe.objects,
    )
    share = team.share(mix, recipe.batch)
    sequences = find_sequences(dev) if dev else []
    source = recipe.distillation.teacher if recipe.distillation else None
    teacher = load_weights(source).eval() if source and source != "ema" else None
    network = new_student(recipe, init, teacher, goes_on=branch is not None or has_state(out))
    team.synchronise(network)
    make_folder(out)
    if recipe.precision == "bfloat16":
        quicken(network)
    optimiser = _optimiser(network, recipe)
    ema = Ema(copy.deepcopy(network), recipe.ema)
    if source == "ema":
        teacher = ema.network
    parts = {"network": network, "ema": ema.network, "optimiser": optimiser}
    sources = {"data": _place(data), "dev": _place(dev), "init": _place(init), "branch": _place(branch)}
    start = load_state(out, recipe, sources, parts)
    if branch and not start:
        branch_off(branch, parts)

    judged = resume_log(out, start) if team.leads else {}
    began = time.perf_counter()
    smooth: dict[str, float] = {}

    def judge(done: int) -> None:
        report = evaluate(sequences, partial(Tracker, runtime=TorchRuntime(copy.deepcopy(ema.network))))
        judged[done] = report.overall.JF
        if judged[done] == max(judged.values()):
            save_network(ema.network, out / "best.safetensors")
        log(out, {"step": done, "dev": report.to_dict()})  # last, so that whoever is killed before judges again
        if progress:
            progress(done, _dev_figures(report))

    def is_due(done: int) -> bool:
        at = bool(init or branch) if not done else done % evaluate_every == 0 or done == recipe.steps
        return at and team.leads and bool(sequences) and done not in judged

    if is_due(start):
        judge(start)
    batch = batches(share, share.count, start * share.count, workers)
    for step in range(start, recipe.steps):
        made = next(batch)
        numbers = [share.number(made["index"] + place) for place in range(share.count)]
        clips = Clips(made["frames"], made["labels"], numbers)
        rate = _rate(recipe, step)
        for group in optimiser.param_groups:
            group["lr"] = group["base"] * rate
        figures = _step(network, teacher, optimiser, clips, recipe, step, team)
        if not math.isfinite(figures["loss"]):
            for own, good in zip(network.buffers(), ema.network.buffers(), strict=True):
                own.copy_(good)  # the step has spoilt the statistics of batch norm
            found = team.gather(_culprits(network, teacher, clips, recipe, step)) or team.gather(numbers)
            names = f"clip{'s' * (len(found) > 1)} {', '.join(map(str, found))}"
            raise NotFinite(f"The loss is not a number at step {step}, in {names}; {out} keeps the last good state.")
        ema.update(network, step)
        done = step + 1
        if not team.leads:
            continue
        for name, value in figures.items():
            smooth[name] = 0.98 * smooth.get(name, value) + 0.02 * value
        if done % LOG_EVERY == 0 or done == recipe.steps:
            seconds = (time.perf_counter() - began) / (done - start)
            line = {"lr": rate * recipe.learning_rate, **figures, "seconds_per_step": seconds}
            log(out, {"step": done, **line})
            if progress:
                progress(done, {**line, **{f"mean_{name}": value for name, value in smooth.items()}})
        if done % save_every == 0 or done == recipe.steps:
            save_network(ema.network, out / "ema.safetensors")
            save_network(network, out / "raw.safetensors")
            save_state(out, recipe, sources, done, parts)  # last, so that whoever is killed before saves again
        if is_due(done):
            judge(done)
    team.leave()
    scores = list(judged.values())
    return Trained(out / "ema.safetensors", *((scores[0], max(scores)) if scores else (None, None)))


def _optimiser(network: Network, recipe: Recipe) -> torch.optim.AdamW:
    backbone = [p for p in network.backbone.parameters() if p.requires_grad]
    known = {id(p) for p in network.backbone.parameters()}
    new = [p for p in network.parameters() if id(p) not in known]
    return torch.optim.AdamW(
        [
            {"params": backbone, "base": recipe.backbone_learning_rate},
            {"params": new, "base": recipe.learning_rate},
        ],
        lr=recipe.learning_rate,
        weight_decay=recipe.weight_decay,
    )


def _rate(recipe: Recipe, step: int) -> float:
    """Factor of the learning rate, see ``Recipe.schedule``."""
    if recipe.schedule == "decay":
        return 1 - step / recipe.steps
    warmup = max(1.0, recipe.warmup * recipe.steps)
    if step < warmup:
        return min(1.0, (step + 1) / warmup)
    if recipe.schedule == "hold":
        return 1.0
    progress = (step - warmup) / max(1.0, recipe.steps - warmup)
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * progress))


def _step(
    network: Network,
    teacher: Network | None,
    optimiser: torch.optim.Optimizer,
    clips: Clips,
    recipe: Recipe,
    step: int,
    team: Team,
) -> dict[str, float]:
    """One optimiser step; returns the figures to log, whose loss is NaN if the weights were left as they are."""
    network.train()
    loss, figures = _objective(network, teacher, clips, recipe, step)
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    team.average_gradients(network)
    norm = float(torch.nn.utils.clip_grad_norm_(network.parameters(), recipe.clip_gradient))
    figures = team.average(figures)
    if not math.isfinite(norm) or not math.isfinite(figures["loss"]):
        return {**figures, "loss": math.nan}
    optimiser.step()
    return figures


def _objective(
    network: Network, teacher: Network | None, clips: Clips, recipe: Recipe, step: int
) -> tuple[Tensor, dict[str, float]]:
    if recipe.learns_features:
        assert teacher is not None
        return feature_objective(network, teacher, clips)
    return clip_objective(network, teacher, clips, recipe, step)


def _culprits(network: Network, teacher: Network | None, clips: Clips, recipe: Recipe, step: int) -> list[int]:
    """Numbers of the clips whose own loss is not a number; none if it takes several together."""
    network.eval()
    alone = (clips.only(row) for row in range(len(clips.numbers)))
    with torch.no_grad():
        return [c.numbers[0] for c in alone if not _objective(network, teacher, c, recipe, step)[0].isfinite()]


def _dev_figures(report: Report) -> dict[str, float]:
    figures = report.to_dict()
    return {f"dev_{name}": figures[name] for name in ("J", "F", "JF", "fps")}


def _place(source: str | Path | None) -> str | None:
    """A source by its full path, as the same run may be resumed from another folder; a model by its name."""
    return str(Path(source).resolve()) if isinstance(source, Path) or (source and Path(source).exists()) else source
