"""Drawn items as tensors: words as token ids, contexts as channels, and which token is sung when."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from engine.grid_condition import grid_features
from engine.key_condition import key_features
from engine.text import MAX_CAPTION_TOKENS, MAX_LYRIC_TOKENS, caption_text, lyric_header, lyric_text
from engine.training.batches import FRAME_S, DitRecipe, Item
from engine.training.codes import Codes
from engine.training.device import DEVICE
from engine.training.shape import MODEL_CONFIG

COLUMN_S = 2 * FRAME_S  # an audio token is two latent frames


@dataclass(frozen=True, slots=True)
class Inputs:
    """A batch of B items of T frames.

    latents (B, T, 64); context (B, T, 128 + grid + key); weight (B, T, 1); text, lyrics: token ids (B, S)
    with masks; timbre (B, n, 64); drop (B,): the prompt is not told; sung (B,); where (B, T / 2, lyric
    tokens) bool: what is sung in which column.
    """

    tasks: tuple[str, ...]
    latents: Tensor
    context: Tensor
    weight: Tensor
    text: Tensor
    text_mask: Tensor
    lyrics: Tensor
    lyric_mask: Tensor
    timbre: Tensor
    drop: Tensor
    sung: Tensor
    where: Tensor


def to_inputs(  # noqa: PLR0913, PLR0917 - what a batch is made of
    items: list[Item],
    tokenizer: Tokenizer,
    silence: Tensor,
    codes: Codes,
    recipe: DitRecipe,
    rng: np.random.Generator,
) -> Inputs:
    """A drawn batch as the learner's inputs."""
    stack = {name: torch.from_numpy(np.stack([getattr(item, name) for item in items])) for name in TRACKS}
    captions = [caption_text(item.prompt, item.instruction) for item in items]
    text, text_mask, _ = encode_texts(tokenizer, captions, MAX_CAPTION_TOKENS)
    lines = [lyric_text(item.prompt) for item in items]
    lyrics, lyric_mask, spans = encode_texts(tokenizer, lines, MAX_LYRIC_TOKENS)
    drop = torch.from_numpy(rng.random(len(items)) < recipe.drop_condition)
    where = torch.stack(
        [
            sung_where(item, span, stack["latents"].shape[1], lyrics.shape[1])
            for item, span in zip(items, spans, strict=True)
        ]
    )
    given = Inputs(
        tasks=tuple(item.task for item in items),
        latents=stack["latents"],
        context=context_of(items, stack, codes, recipe, rng),
        weight=stack["weight"][..., None],
        text=text,
        text_mask=text_mask,
        lyrics=lyrics,
        lyric_mask=lyric_mask,
        timbre=timbre_of(items, silence),
        drop=drop,
        sung=where.any(2).any(1) & ~drop,
        where=where,
    )
    return moved(given)


def moved(given: Inputs) -> Inputs:
    """The same where training runs."""
    tensors = {f.name: getattr(given, f.name) for f in fields(given) if f.name != "tasks"}
    return replace(given, **{name: tensor.to(DEVICE) for name, tensor in tensors.items()})


TRACKS = ("latents", "source", "mask", "weight", "phase")


def context_of(
    items: list[Item], stack: dict[str, Tensor], codes: Codes, recipe: DitRecipe, rng: np.random.Generator
) -> Tensor:
    """Source, mask, grid and key channels (B, T, 128 + grid + key)."""
    source = stack["source"].clone()
    coded = torch.tensor([item.coded for item in items])
    if coded.any():
        source[coded] = codes.hints(source[coded])
    told = torch.from_numpy(rng.random(len(items)) >= recipe.drop_grid)[:, None, None]
    mask = stack["mask"][..., None].expand_as(source)
    keys = torch.stack([key_features(item.prompt.keyscale) for item in items])[:, None].expand(
        -1, mask.shape[1], -1
    )
    return torch.cat((source, mask, grid_features(stack["phase"]) * told, keys), -1)


def timbre_of(items: list[Item], silence: Tensor) -> Tensor:
    """References (B, n, 64); silence where an item has none."""
    frames = MODEL_CONFIG["timbre_fix_frame"]
    silent = silence.expand(frames, -1)
    return torch.stack([silent if i.timbre is None else torch.from_numpy(i.timbre) for i in items])


def sung_where(item: Item, spans: list[tuple[int, int]], frames: int, tokens: int) -> Tensor:
    """(ceil(frames / 2), tokens) bool: which lyric tokens write the word that is sung in a column."""
    where = torch.zeros(-(-frames // 2), tokens, dtype=torch.bool)
    header = len(lyric_header(item.prompt))
    for word in item.words:
        rows = [i for i, (a, b) in enumerate(spans) if a < header + word.stop and b > header + word.start]
        first, last = round(word.from_s / COLUMN_S), round(word.to_s / COLUMN_S)
        if rows:
            where[max(0, first) : max(first + 1, last), rows[0] : rows[-1] + 1] = True
    return where


def encode_texts(
    tokenizer: Tokenizer, texts: list[str], most: int
) -> tuple[Tensor, Tensor, list[list[tuple[int, int]]]]:
    """Texts -> ids (B, S), padded at the end, their mask (B, S) bool, and each token's characters."""
    tokenizer.enable_truncation(most)
    tokenizer.enable_padding(pad_id=0)
    encoded = tokenizer.encode_batch(texts)
    mask = torch.tensor([e.attention_mask for e in encoded], dtype=torch.bool)
    return torch.tensor([e.ids for e in encoded]), mask, [e.offsets for e in encoded]
