"""A zone of a window painted anew, in view of what surrounds it."""

import torch
from torch import Tensor

from engine.models import Models
from engine.sampler import Kept
from engine.tasks import conditions
from engine.tasks.instructions import instruction
from engine.tasks.takes import denoise_takes, joined
from engine.tasks.values import Rendered, RepaintTask
from engine.tasks.window import check_window, decode_zone, encode_window, part_of
from engine.vae_chunks import OnStep

SEAM_FRAMES = 4  # latents go over from painted to kept in this many frames outside the zone


def seam(latents: Tensor, kept: Kept) -> Tensor:
    """`latents` inside the zone, the clean source outside, and a short linear way over just outside."""
    inside = kept.zone.to(latents.dtype).transpose(1, 2)  # (1, 1, T)
    reach = torch.nn.functional.max_pool1d  # widening the zone by n frames each way = a moving maximum
    widened = [reach(inside, 2 * n + 1, stride=1, padding=n) for n in range(1, SEAM_FRAMES + 1)]
    share = torch.stack([inside, *widened]).mean(0).transpose(1, 2)
    return torch.where(kept.zone, latents, kept.clean + share * (latents - kept.clean))


def render(models: Models, task: RepaintTask, on_step: OnStep) -> Rendered:
    """The zone's latent frames and 0.5 s around them. Raises TaskError, and what on_step raises."""
    _, first, stop = check_window(models, task)
    seconds: dict[str, float] = {}
    with conditions.timed(models, "text", seconds):
        states = conditions.condition_states(models, task.prompt, instruction("repaint"))
    with conditions.timed(models, "encode", seconds):
        clean = encode_window(models, task.audio, on_step)
    places = torch.arange(clean.shape[1], device=clean.device)[None, :, None]
    kept = Kept(clean, (places >= first) & (places < stop))
    source = torch.where(kept.zone, models.silence(clean.shape[1]), clean)
    context = conditions.context_latents(models, source, kept.zone, task.grid, task.prompt.keyscale)
    run = conditions.plan_run(models, task.settings, context, states, kept)
    with conditions.timed(models, "denoise", seconds):
        takes = denoise_takes(models, run, task.settings, on_step)
    samples, parts, start = task.audio.shape[1], [], 0
    seamed = tuple(seam(latents, kept) for latents in takes)
    with conditions.timed(models, "decode", seconds):
        for index, latents in enumerate(seamed):
            told = part_of(on_step, index, len(seamed))
            audio, start = decode_zone(models, latents, (first, stop), samples, told)
            parts.append(audio)
    return Rendered(joined(parts), start, seconds, seamed, clean)
