"""Training of a prompt head on the features of a network that stays as it is; resumable at any moment."""

import copy
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from mobilevos.data.layouts import find
from mobilevos.data.views import View, Views, target_of
from mobilevos.errors import InputError
from mobilevos.models import Network, load_weights
from mobilevos.models.prompt_file import load_head, save_head
from mobilevos.models.prompt_head import PromptHead, feature_channels
from mobilevos.training.log import log, resume_log
from mobilevos.training.loop import LOG_EVERY, NotFinite
from mobilevos.training.prompt_recipe import PromptRecipe
from mobilevos.training.prompting import Session, overlap, prompt_loss
from mobilevos.training.quick import quicken
from mobilevos.training.state import Ema, load_state, save_state
from mobilevos.video.files import make_folder


class Batch(NamedTuple):
    """B views and the K objects that are asked for in them."""

    frames: Tensor
    """(B, 3, S, S) uint8."""
    owner: Tensor
    """(K,) the view of each object."""
    sessions: list[Session]
    """K users."""


def train_prompt(
    recipe: PromptRecipe,
    data: Path,
    out: Path,
    *,
    model: str = "lite0",
    init: str | None = None,
    save_every: int = 200,
    workers: int = 1,
    progress: Callable[[int, dict[str, float]], None] | None = None,
) -> PromptHead:
    """Train a head, or go on where ``out`` left off.

    ``out`` gets ``state.pt`` (resume), ``head.safetensors`` (averaged weights) and ``log.jsonl``.

    Args:
        recipe: of the run; it, ``data``, ``model`` and ``init`` must be the same when it is resumed.
        data: folder of stills and videos, see `mobilevos.data.layouts.find`.
        out: the run's folder.
        model: network whose features the head looks at: a shipped model, or a ``.safetensors`` file.
        init: head to start from: a ``.safetensors`` file, or the name of a shipped model that has one.
        save_every: steps between two saves; a kill loses at most these.
        workers: processes that make views.
        progress: called at every logged step with the steps done and the figures.

    Returns:
        The head with its averaged weights.

    Raises:
        InputError: unusable data, or another recipe or other sources than those of the run.
        ModelNotFound: no such network or head.
        OutputError: the folder or a file in it cannot be written.
        NotFinite: the loss is not a number; the last saved state stays as it was.
    """
    found = find(data)
    network = load_weights(model).eval().requires_grad_(False)
    torch.manual_seed(recipe.seed)
    head = load_head(init) if init else PromptHead(feature_channels(network))
    if head.channels != feature_channels(network):
        raise InputError(f"The head of {init} was made for another network than {model}; leave --init out.")
    make_folder(out)
    for part in (network, head):
        quicken(part)
    network = network.to(memory_format=torch.channels_last)
    head = head.to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(head.parameters(), recipe.learning_rate, weight_decay=recipe.weight_decay)
    ema = Ema(copy.deepcopy(head), recipe.ema)
    parts = {"head": head, "ema": ema.network, "optimiser": optimiser}
    sources = {"data": str(data.resolve()), "model": model, "init": init}
    start = load_state(out, recipe, sources, parts)
    resume_log(out, start)
    views = Views(
        found,
        seed=recipe.seed,
        size=(recipe.smallest, recipe.largest),
        batch=recipe.batch,
        video=recipe.video,
        zoomed=recipe.zoomed,
    )
    steps = iter(_loader(views, recipe, start, workers))
    began = time.perf_counter()
    for step in range(start, recipe.steps):
        batch = next(steps)
        if isinstance(batch, InputError):
            raise batch
        for group in optimiser.param_groups:
            group["lr"] = recipe.learning_rate * recipe.rate(step)
        figures = _step(network, head, optimiser, batch, recipe)
        if not math.isfinite(figures["loss"]):
            raise NotFinite(f"The loss is not a number at step {step}; {out} keeps the last good state.")
        ema.update(head, step)
        done = step + 1
        if done % LOG_EVERY == 0 or done == recipe.steps:
            figures["seconds_per_step"] = (time.perf_counter() - began) / (done - start)
            log(out, {"step": done, **figures})
            if progress:
                progress(done, figures)
        if done % save_every == 0 or done == recipe.steps:
            save_head(ema.network, out / "head.safetensors")
            save_state(out, recipe, sources, done, parts)  # last, so that whoever is killed before saves again
    return ema.network


class _Batches(Dataset[Batch | InputError]):
    def __init__(self, views: Views, recipe: PromptRecipe) -> None:
        self._views, self._recipe = views, recipe

    def __getitem__(self, step: int) -> Batch | InputError:
        first = step * self._recipe.batch
        try:
            drawn = [self._views.draw(index) for index in range(first, first + self._recipe.batch)]
        except InputError as error:
            return error  # raised there, it would drag a stack trace into its message
        return _asked(drawn, self._recipe, np.random.default_rng((self._recipe.seed, step, 7)))


def _loader(views: Views, recipe: PromptRecipe, start: int, workers: int) -> DataLoader[Batch | InputError]:
    return DataLoader(
        _Batches(views, recipe),
        batch_size=None,
        sampler=range(start, recipe.steps),
        num_workers=workers,
        collate_fn=lambda batch: batch,
    )


def _asked(views: list[View], recipe: PromptRecipe, rng: np.random.Generator) -> Batch:
    frames = torch.from_numpy(np.stack([view.frame for view in views])).permute(0, 3, 1, 2)
    owner, sessions = [], []
    for row, view in enumerate(views):
        for object_id in view.ids[: recipe.objects]:
            owner.append(row)
            sessions.append(Session(*target_of(view.labels, object_id), np.random.default_rng(rng.integers(1 << 62))))
            sessions[-1].begin()
    return Batch(frames, torch.tensor(owner), sessions)


def _step(
    network: Network, head: PromptHead, optimiser: torch.optim.Optimizer, batch: Batch, recipe: PromptRecipe
) -> dict[str, float]:
    """One optimiser step; the weights stay as they are if the loss is not a number."""
    head.train()
    truth, known = (
        torch.from_numpy(np.stack([getattr(session, name) for session in batch.sessions]))
        for name in ("truth", "known")
    )
    kind = torch.bfloat16 if recipe.precision == "bfloat16" else torch.float32
    with torch.autocast("cpu", kind, enabled=kind != torch.float32):
        with torch.no_grad():
            features = network.query(batch.frames.contiguous(memory_format=torch.channels_last))
        image = head.prepare(features)
        mine = tuple(part[batch.owner] for part in image)
        total, figures = torch.zeros(()), {}
        for number in range(recipe.rounds):
            prompts = torch.from_numpy(np.stack([session.maps() for session in batch.sessions]))
            ambiguous = torch.tensor([session.ambiguous for session in batch.sessions])
            logits, quality = head(mine, prompts)
            total = total + prompt_loss(logits, quality, truth, known, ambiguous)
            with torch.no_grad():
                iou = overlap(logits, truth, known)
                shown = quality.argmax(1)
                rows = torch.arange(len(iou))
                figures[f"iou{number + 1}"] = float(iou[rows, shown].mean())
                figures[f"best{number + 1}"] = float(iou.amax(1).mean())
                masks = logits[rows, shown].float().sigmoid().numpy()
            if number + 1 < recipe.rounds:
                for session, mask in zip(batch.sessions, masks, strict=True):
                    session.correct(mask)
    loss = total / recipe.rounds
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    norm = float(torch.nn.utils.clip_grad_norm_(head.parameters(), 3.0))
    if not math.isfinite(norm):
        return {**figures, "loss": math.nan}
    optimiser.step()
    return {"loss": float(loss.detach()), **figures}
