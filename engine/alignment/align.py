"""Known lyrics against audio, or against latents a task has just made: one decoder pass, then arithmetic."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engine.alignment.attention import cross_attention
from engine.alignment.clean import clean
from engine.alignment.heads import Heads, alignment_heads
from engine.alignment.path import row_spans
from engine.alignment.scores import score
from engine.alignment.times import COLUMN, char_times, rows_of_lines, settle, timed_lines
from engine.alignment.values import Alignment, Piece
from engine.alignment.word_path import token_spans, words_of
from engine.alignment.words import LineSpans, Span, lyric_rows, split_lines
from engine.errors import TaskError
from engine.models import Models
from engine.sampler import draw, renoise, seeded
from engine.schedule import family
from engine.tasks.conditions import check_grid, condition_states, context_latents
from engine.tasks.instructions import instruction
from engine.tasks.values import Prompt, Settings
from engine.tasks.window import encode_window, everywhere
from engine.text import MAX_LYRIC_TOKENS, lyric_header, lyric_text
from engine.vae_chunks import OnStep


@dataclass(frozen=True, slots=True, eq=False)
class AlignTask:
    """Say when the prompt's lyrics are sung in audio (2, N) at 48 kHz. Of the settings, seed and steps count.

    grid: (ceil(N / 1920), 2) beat and bar phase in cycles at frame centres, or None.
    """

    audio: Any
    prompt: Prompt
    settings: Settings
    grid: Any = None


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """How audio is read: the prompt with the lyrics, seed and steps of the settings, and the grid or None."""

    prompt: Prompt
    settings: Settings
    grid: Any = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """Lyrics as the model reads them.

    lines: of the lyrics.  rows: which condition states are sung, their tokens (characters of the lyrics) and
    the line of each.
    """

    lyrics: str
    lines: tuple[LineSpans, ...]
    rows: tuple[int, ...]
    tokens: tuple[Span, ...]
    of_line: tuple[int, ...]


def read_sheet(models: Models, prompt: Prompt) -> Sheet:
    """What of the lyrics is to be found: neither header nor section tags nor line ends are sung.

    Raises TaskError when nothing is.
    """
    header = len(lyric_header(prompt))
    offsets = models.text.offsets(lyric_text(prompt), MAX_LYRIC_TOKENS)
    first, stop = lyric_rows(offsets, header, prompt.lyrics)
    tokens = [(a - header, b - header) for a, b in offsets[first:stop]]
    lines = split_lines(prompt.lyrics)
    of_line = rows_of_lines(prompt.lyrics, tokens, lines)
    sung = np.flatnonzero(of_line >= 0)
    if not len(sung):
        raise TaskError("out-of-range", "the lyrics hold no line to sing")
    return Sheet(
        prompt.lyrics,
        lines,
        tuple(int(first + row) for row in sung),
        tuple(tokens[row] for row in sung),
        tuple(int(of_line[row]) for row in sung),
    )


def align_attention(sheet: Sheet, attention: Tensor, by_word: bool = False) -> Alignment:
    """Times from probabilities (heads, rows, columns) of the sheet's rows; columns are 80 ms each.

    by_word: the heads were taught to find words, and a path from word to word says more than one of tokens.
    """
    energy, gain = (map_.cpu().numpy().astype(np.float32) for map_ in clean(attention))
    if by_word:
        shares = attention.float().mean(0).cpu().numpy()
        spans = token_spans(shares, words_of(sheet.lines, sheet.tokens))
    else:
        spans = settle(row_spans(gain, energy), energy.max(1) > 0, np.array(sheet.of_line))
    times = spans.astype(np.int64) * COLUMN
    lines = timed_lines(sheet.lyrics, sheet.lines, char_times(sheet.lyrics, sheet.tokens, times))
    tokens = zip(sheet.tokens, times.tolist(), strict=True)
    sung = sum(not line.is_tag for line in sheet.lines)
    return Alignment(
        lines,
        tuple(Piece(sheet.lyrics[max(a, 0) : b], start, end) for (a, b), (start, end) in tokens),
        score(energy),
        sung - sum(not line.is_tag for line in lines),
    )


def attention_of(models: Models, latents: Tensor, reading: Reading, heads: Heads) -> Tensor:
    """Probabilities (heads, rows, columns) of the sheet's rows at clean latents (1, T, latent).

    One pass at t = 1 / steps on t * noise + (1 - t) * latents, in the conditions of text2music.
    """
    t = 1.0 / (reading.settings.steps or family(models.config).steps)
    states = condition_states(models, reading.prompt, instruction("text2music"))
    context = context_latents(models, models.silence(latents.shape[1]), everywhere(latents), reading.grid)
    noisy = renoise(latents.float(), draw(seeded(reading.settings.seed), latents), t)
    rows = read_sheet(models, reading.prompt).rows
    span = rows[0], rows[-1] + 1
    attention = cross_attention(models.model.decoder, (noisy, t, context, states), heads, span)
    return attention[:, torch.tensor(rows, device=attention.device) - rows[0]]


def columns_of(models: Models, frames: int) -> int:
    """Audio tokens of that many latent frames."""
    return -(-frames // models.config.patch_size)


def align_latents(models: Models, latents: Tensor, span: tuple[int, int], reading: Reading) -> Alignment:
    """Times of the prompt's lyrics in clean latents (1, T, latent): for takes just made.

    They are sung in frames (first, stop) of them; all are heard, what lies outside is context or filling.
    Times count from the first latent. Raises TaskError when there is nothing to sing, or nobody to listen.
    """
    heads = alignment_heads(models.config)
    sheet = read_sheet(models, reading.prompt)
    attention = attention_of(models, latents, reading, heads)
    first = span[0] // models.config.patch_size
    by_word = models.config.alignment_by_word
    found = align_attention(sheet, attention[..., first : columns_of(models, span[1])], by_word)
    return within(later(found, first * COLUMN), span[0] * models.vae.hop, span[1] * models.vae.hop)


def align(models: Models, task: AlignTask, on_step: OnStep) -> Alignment:
    """Do the task. Raises TaskError, and what on_step raises."""
    shape = tuple(task.audio.shape)
    if len(shape) != 2 or shape[0] != 2 or not shape[1]:
        raise TaskError("wrong-shape", f"audio of shape {shape}; (2, samples) expected")
    frames = -(-shape[1] // models.vae.hop)
    check_grid(task.grid, frames)
    alignment_heads(models.config), read_sheet(models, task.prompt)  # before the work
    with torch.no_grad():
        latents = encode_window(models, task.audio, on_step)
        on_step("align", 0, 1)
        reading = Reading(task.prompt, task.settings, task.grid)
        found = align_latents(models, latents, (0, frames), reading)
    on_step("align", 1, 1)
    return within(found, 0, shape[1])


def within(found: Alignment, lo: int, hi: int) -> Alignment:
    """No time outside samples lo..hi: the first and the last column may reach past them."""
    return moved(found, lambda at: min(max(at, lo), hi))


def later(found: Alignment, samples: int) -> Alignment:
    """The alignment so many samples later."""
    return moved(found, lambda at: at + samples)


def moved(found: Alignment, place: Callable[[int], int]) -> Alignment:
    """The alignment with every time, a sample, where `place` puts it."""

    def put(pieces: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(replace(p, start=place(p.start), end=place(p.end)) for p in pieces)

    lines = tuple(replace(line, words=put(line.words)) for line in put(found.lines))
    return replace(found, lines=lines, tokens=put(found.tokens))
