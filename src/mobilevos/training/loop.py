"""The training loop: resumable at any moment, logged as JSON lines, judged on a development split."""

import copy
import json
import math
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import torch

from mobilevos.data.loader import batches
from mobilevos.data.mix import ClipMix
from mobilevos.errors import InputError, MobileVOSError
from mobilevos.evaluation import Report, evaluate, find_sequences
from mobilevos.losses import segmentation_loss
from mobilevos.losses.segmentation import IGNORE
from mobilevos.models import Network, build
from mobilevos.models.checkpoint import load_network, save_network
from mobilevos.runtimes.torch_runtime import TorchRuntime
from mobilevos.tracker import Tracker
from mobilevos.training.recipe import Recipe
from mobilevos.training.rollout import object_slots, rollout
from mobilevos.training.state import Ema, load_state, save_state
from mobilevos.video.files import make_folder

LOG = "log.jsonl"
LOG_EVERY = 20
NOTHING = -1.0
"""J&F before the first evaluation; even a 0 beats it."""


class NotFinite(MobileVOSError):
    """The loss became NaN or infinite."""


def train(
    recipe: Recipe,
    data: Path,
    out: Path,
    *,
    dev: Path | None = None,
    init: Path | None = None,
    save_every: int = 200,
    evaluate_every: int = 1000,
    workers: int = 1,
    progress: Callable[[int, dict[str, float]], None] | None = None,
) -> Path:
    """Train a network, or go on where ``out`` left off.

    ``out`` gets ``state.pt`` (resume), ``ema.safetensors`` and ``raw.safetensors`` (weights), ``log.jsonl``, and
    ``best.safetensors``, the averaged weights with the highest J&F on the development split.

    Args:
        recipe: of the run; must be the same when it is resumed.
        data: folder of training data, see ``ClipMix.from_folder``.
        out: the run's folder.
        dev: DAVIS-layout folder to evaluate on, at intervals and at the end.
        init: ``.safetensors`` weights to start from instead of ImageNet ones.
        save_every: steps between two saves; a kill loses at most these.
        evaluate_every: steps between two evaluations.
        workers: processes that make clips.
        progress: called at every logged step with the steps done and the figures.

    Returns:
        The final averaged weights, ``out/ema.safetensors``.

    Raises:
        InputError: unusable data, another recipe than that of the run, or ``init`` of another model.
        OutputError: the folder or a file in it cannot be written.
        NotFinite: the loss is not a number; the last saved state stays as it was.
    """
    mix = ClipMix.from_folder(
        data,
        seed=recipe.seed,
        real_fraction=recipe.real_fraction,
        frames=recipe.frames,
        size=recipe.size,
        max_step=recipe.max_step,
        max_objects=recipe.objects,
    )
    sequences = find_sequences(dev) if dev else []
    network = _new_network(recipe, init)
    make_folder(out)
    optimiser = _optimiser(network, recipe)
    ema = Ema(copy.deepcopy(network), recipe.ema)
    rng = torch.Generator().manual_seed(recipe.seed)
    parts = {"network": network, "ema": ema.network, "optimiser": optimiser}
    start = load_state(out, recipe, parts, rng)

    best = _resume_log(out, start)
    began = time.perf_counter()
    smooth: dict[str, float] = {}
    clips = batches(mix, recipe.batch, start * recipe.batch, workers)
    for step in range(start, recipe.steps):
        batch = next(clips)
        rate = _rate(recipe, step)
        for group in optimiser.param_groups:
            group["lr"] = group["base"] * rate
        figures = _step(network, optimiser, batch["frames"], batch["labels"], recipe, step, rng)
        if not math.isfinite(figures["loss"]):
            last = batch["index"] + recipe.batch - 1
            raise NotFinite(
                f"The loss is not a number at step {step}, in the clips {batch['index']} to {last}; "
                f"{out} keeps the last good state."
            )
        ema.update(network, step)
        done = step + 1
        for name, value in figures.items():
            smooth[name] = 0.98 * smooth.get(name, value) + 0.02 * value
        if done % LOG_EVERY == 0 or done == recipe.steps:
            seconds = (time.perf_counter() - began) / (done - start)
            line = {"lr": rate * recipe.learning_rate, **figures, "seconds_per_step": seconds}
            _log(out, {"step": done, **line})
            if progress:
                progress(done, {**line, **{f"mean_{name}": value for name, value in smooth.items()}})
        if done % save_every == 0 or done == recipe.steps:
            save_state(out, recipe, done, parts, rng)
            save_network(ema.network, out / "ema.safetensors")
            save_network(network, out / "raw.safetensors")
        if sequences and (done % evaluate_every == 0 or done == recipe.steps):
            report = evaluate(sequences, partial(Tracker, runtime=TorchRuntime(copy.deepcopy(ema.network))))
            _log(out, {"step": done, "dev": report.to_dict()})
            if report.to_dict()["JF"] > best:
                best = report.to_dict()["JF"]
                save_network(ema.network, out / "best.safetensors")
            if progress:
                progress(done, _dev_figures(report))
    return out / "ema.safetensors"


def _new_network(recipe: Recipe, init: Path | None) -> Network:
    network = build(recipe.model, pretrained=init is None)
    if init:
        expected, network = network.spec, load_network(init)
        if network.spec != expected:
            raise InputError(f"{init} holds another model than {recipe.model}; name its model in the recipe.")
    network.backbone.freeze_first_stages()
    return network.to(memory_format=torch.channels_last)


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
    """Factor of the learning rate: linear warm-up, then a cosine down to 1 %."""
    warmup = max(1.0, recipe.warmup * recipe.steps)
    if step < warmup:
        return (step + 1) / warmup
    progress = (step - warmup) / max(1.0, recipe.steps - warmup)
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * progress))


def _step(
    network: Network,
    optimiser: torch.optim.Optimizer,
    frames: torch.Tensor,
    labels: torch.Tensor,
    recipe: Recipe,
    step: int,
    rng: torch.Generator,
) -> dict[str, float]:
    """One optimiser step; returns the figures to log."""
    network.train()
    present = object_slots(labels[:, 0])
    losses = []
    predicted = rollout(network, frames, labels[:, 0], present, recipe.prior_drop, recipe.mistakes, rng)
    for t, logits in enumerate(predicted, start=1):
        losses.append(segmentation_loss(logits, labels[:, t], present, recipe.hardest(step)))
    loss = torch.stack(losses).mean()
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    norm = float(torch.nn.utils.clip_grad_norm_(network.parameters(), recipe.clip_gradient))
    if not math.isfinite(norm):
        return {"loss": math.nan, "iou": 0.0}
    optimiser.step()
    foreground, truth = logits.detach()[:, 0] < 0, (labels[:, -1] > 0) & (labels[:, -1] != IGNORE)
    overlap, union = (foreground & truth).sum(), (foreground | truth).sum()
    return {"loss": loss.item(), "iou": overlap.item() / max(1, union.item())}


def _dev_figures(report: Report) -> dict[str, float]:
    figures = report.to_dict()
    return {f"dev_{name}": figures[name] for name in ("J", "F", "JF", "fps")}


def _resume_log(out: Path, start: int) -> float:
    """Drop what a killed run logged after its last save, for it comes again; returns the best J&F so far."""
    if not (out / LOG).exists():
        return NOTHING
    best, kept = NOTHING, []
    for text in (out / LOG).read_text().splitlines(keepends=True):
        with suppress(json.JSONDecodeError):  # the last line may be torn
            line = json.loads(text)
            if line["step"] <= start:
                kept.append(text)
                best = max(best, line.get("dev", {"JF": NOTHING})["JF"])
    (out / LOG).write_text("".join(kept))
    return best


def _log(out: Path, line: dict[str, object]) -> None:
    with (out / LOG).open("a") as file:
        file.write(json.dumps(line) + "\n")
