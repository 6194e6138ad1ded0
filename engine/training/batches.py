"""Training items for the DiT: crops of latent songs, what of them is shown and what is wanted, and the words.

Every task is one function in DRAW; what it shows the model is what engine/tasks shows it at inference.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.tasks.instructions import STEM_CLASSES, instruction
from engine.tasks.values import Prompt
from engine.training.corpus.values import MeterPoint, Song
from engine.training.items import Array, Crop, DitRecipe, Item
from engine.training.keys import key_between
from engine.training.latents import LatentSong
from engine.training.sung import SungWord, instrumental, sung_lyrics
from engine.training.wordings import part_caption

FRAME_S = 0.04
SIGNATURES = {(2, 4): "2", (3, 4): "3", (4, 4): "4", (6, 8): "6"}
Draw = Callable[[Crop, Array, DitRecipe, np.random.Generator], Item]


def draw_batch(
    songs: list[LatentSong], silence: Array, recipe: DitRecipe, rng: np.random.Generator
) -> list[Item]:
    """Items of one random length. silence: (64,), the latent of silence."""
    longest = max(len(s.mix) for s in songs)
    length = int(rng.choice([n for n in recipe.lengths if n <= longest]))
    fitting = [s for s in songs if len(s.mix) >= length]
    return [draw_item(fitting, length, silence, recipe, rng) for _ in range(recipe.frames // length)]


def draw_item(
    songs: list[LatentSong], length: int, silence: Array, recipe: DitRecipe, rng: np.random.Generator
) -> Item:
    """One crop and a task for it; songs without stems only get the tasks that need none."""
    weights = np.array([song_weight(song, recipe) for song in songs])
    song = songs[rng.choice(len(songs), p=weights / weights.sum())]
    names, shares = zip(*recipe.tasks, strict=True)
    task = str(rng.choice(names, p=np.array(shares) / sum(shares)))
    if task in LAYERED and len(song.names) < 2:
        task = "repaint" if rng.random() < 0.4 else "text2music"
    quiet = np.broadcast_to(silence, (length, len(silence)))
    return DRAW[task](draw_crop(song, length, recipe, rng), quiet, recipe, rng)


def song_weight(song: LatentSong, recipe: DitRecipe) -> float:
    """How often a song is drawn beside the others."""
    sung, usual, without_stems = recipe.often
    return without_stems if not song.names else sung if song.song.sung else usual


def draw_crop(song: LatentSong, length: int, recipe: DitRecipe, rng: np.random.Generator) -> Crop:
    """A stretch that mostly starts on a bar line."""
    last = len(song.mix) - length
    starts = song.bars[song.bars <= last]
    on_bar = len(starts) and rng.random() < recipe.bar_start
    lo = int(rng.choice(starts)) if on_bar else int(rng.integers(last + 1))
    return Crop(song, slice(lo, lo + length))


def draw_text2music(crop: Crop, quiet: Array, recipe: DitRecipe, rng: np.random.Generator) -> Item:
    """The mix from the prompt, sometimes with a reference of its timbre."""
    prompt, words = draw_prompt(crop, rng)
    timbre = draw_timbre(crop.song.mix, rng) if rng.random() < recipe.reference else None
    return whole(crop, "text2music", crop.of(crop.song.mix), quiet, prompt, words, timbre=timbre)


def draw_repaint(crop: Crop, quiet: Array, recipe: DitRecipe, rng: np.random.Generator) -> Item:
    """The mix with a zone of it hidden."""
    prompt, words = draw_prompt(crop, rng)
    mask = draw_zone(crop.song.bars - crop.span.start, crop.length, rng)
    mix = crop.of(crop.song.mix)
    source = np.where(mask[:, None] > 0, quiet, mix).astype(np.float32)
    item = whole(crop, "repaint", mix, source, prompt, words)
    return replace(item, mask=mask, weight=mask + (1 - mask) * recipe.outside_weight)


def draw_cover(crop: Crop, quiet: Array, recipe: DitRecipe, rng: np.random.Generator) -> Item:
    """The mix from what its codes keep of it, seldom from its own latents."""
    prompt, words = draw_prompt(crop, rng)
    timbre = draw_timbre(crop.song.mix, rng) if rng.random() < recipe.reference else None
    mix = crop.of(crop.song.mix)
    item = whole(crop, "cover", mix, mix, prompt, words, timbre=timbre)
    return replace(item, coded=rng.random() < 0.9)


def draw_extract(crop: Crop, quiet: Array, recipe: DitRecipe, rng: np.random.Generator) -> Item:
    """One stem of the mix; now and then a class that is not in it, whose stem is silence."""
    song = crop.song
    mix = crop.of(song.mix)
    if rng.random() < recipe.absent:
        name = str(rng.choice([c for c in STEM_CLASSES if c not in song.names]))
        prompt, _ = draw_prompt(crop, rng, caption="")
        return whole(crop, "extract", quiet, mix, prompt, (), (name,))
    at = int(rng.integers(len(song.names)))
    if "vocals" in song.names and rng.random() < recipe.voice:
        at = song.names.index("vocals")
    prompt, words = layer_prompt(crop, at, rng)
    return whole(crop, "extract", crop.of(song.stems[at]), mix, prompt, words, (song.names[at],))


def draw_lego(crop: Crop, quiet: Array, recipe: DitRecipe, rng: np.random.Generator) -> Item:
    """One stem for the rest of the mix, everywhere or in a zone."""
    song = crop.song
    at = int(rng.integers(len(song.names)))
    prompt, words = layer_prompt(crop, at, rng)
    item = whole(
        crop, "lego", crop.of(song.stems[at]), crop.of(song.rests[at]), prompt, words, (song.names[at],)
    )
    if rng.random() < 0.4:
        return item
    mask = draw_zone(song.bars - crop.span.start, crop.length, rng)
    return replace(item, mask=mask, weight=mask + (1 - mask) * 0.3)


def draw_complete(crop: Crop, quiet: Array, recipe: DitRecipe, rng: np.random.Generator) -> Item:
    """The rest of the mix for one stem, for the voice where there is one and the dice agree."""
    song = crop.song
    at = int(rng.integers(len(song.names)))
    if "vocals" in song.names and rng.random() < 0.6:
        at = song.names.index("vocals")
    others = tuple(name for i, name in enumerate(song.names) if i != at)
    prompt, words = draw_prompt(crop, rng)
    named = others if rng.random() < 0.7 else ()
    kept = words if "vocals" in others else ()
    return whole(crop, "complete", crop.of(song.rests[at]), crop.of(song.stems[at]), prompt, kept, named)


DRAW: dict[str, Draw] = {
    "text2music": draw_text2music,
    "repaint": draw_repaint,
    "cover": draw_cover,
    "extract": draw_extract,
    "lego": draw_lego,
    "complete": draw_complete,
}
LAYERED = ("extract", "lego", "complete")


def whole(  # noqa: PLR0913, PLR0917 - the parts of an item
    crop: Crop,
    task: str,
    latents: Array,
    source: Array,
    prompt: Prompt,
    words: tuple[SungWord, ...],
    stems: tuple[str, ...] = (),
    timbre: Array | None = None,
) -> Item:
    """An item that is generated everywhere."""
    ones = np.ones(crop.length, np.float32)
    phase = crop.song.phase[crop.span]
    told = instruction(task, stems)
    return Item(task, latents, source, ones, ones, phase, words, told, prompt, timbre=timbre)


def draw_zone(bars: NDArray[np.int64], length: int, rng: np.random.Generator) -> Array:
    """A zone of 8..60 % of the crop, mostly from bar line to bar line, sometimes open to one side."""
    width = int(length * rng.uniform(0.08, 0.6))
    lo = int(rng.integers(length - width + 1))
    hi = lo + width
    inside = bars[(bars > 0) & (bars < length)]
    if len(inside) > 1 and rng.random() < 0.75:  # the nearest bar lines
        lo, hi = (int(inside[np.abs(inside - x).argmin()]) for x in (lo, hi))
    if rng.random() < 0.1:
        lo, hi = rng.choice(((0, hi), (lo, length)))
    mask = np.zeros(length, np.float32)
    mask[lo : max(hi, lo + 8)] = 1
    return mask


def draw_timbre(track: NDArray[np.float16], rng: np.random.Generator, segment: int = 50) -> Array:
    """Three segments (3 x 2 s) from anywhere in a track, as a reference is cut."""
    starts = rng.integers(max(1, len(track) - segment), size=3)
    timbre: Array = np.concatenate([track[a : a + segment] for a in starts]).astype(np.float32)
    return timbre


def draw_prompt(
    crop: Crop, rng: np.random.Generator, caption: str | None = None
) -> tuple[Prompt, tuple[SungWord, ...]]:
    """What a user may say of this music, and where its lyrics are sung: a random wording, pieces left out."""
    song = crop.song.song
    if caption is None:
        caption = str(rng.choice(song.captions)) if rng.random() < 0.95 else ""
    prompt = song_prompt(song, crop.length * FRAME_S, caption)
    start_s, stop_s = crop.span.start * FRAME_S, crop.span.stop * FRAME_S
    lyrics, words = sung_lyrics(song, start_s, stop_s)
    if not words:
        lyrics = instrumental(song, rng)
    elif rng.random() < 0.1:
        lyrics, words = "", ()
    keep = rng.random(3) < 0.75
    keyscale = key_between(song.keyscale, crop.song.notes, start_s, stop_s)
    prompt = replace(
        prompt,
        lyrics=lyrics,
        language=song.language if words else "en",
        bpm=prompt.bpm if keep[0] else None,
        keyscale=keyscale if keep[1] else "",
        timesignature=prompt.timesignature if keep[2] else "",
    )
    return prompt, words


def layer_prompt(crop: Crop, at: int, rng: np.random.Generator) -> tuple[Prompt, tuple[SungWord, ...]]:
    """The prompt for one stem: nothing, the song's caption, or words for the part itself."""
    song, name = crop.song.song, crop.song.names[at]
    caption = (None, "", part_caption(song, name, rng))[rng.choice(3, p=(0.3, 0.35, 0.35))]
    prompt, words = draw_prompt(crop, rng, caption)
    if "vocals" not in name:
        return (replace(prompt, lyrics="") if rng.random() < 0.8 else prompt), ()
    return prompt, words if name == "vocals" else ()


def song_prompt(song: Song, seconds: float, caption: str) -> Prompt:
    """The full prompt of a song."""
    return Prompt(
        caption=caption,
        lyrics="[Instrumental]",
        language="en",
        bpm=float(song.tempo[0].bpm),
        keyscale=song.keyscale,
        timesignature=signature(song.meter[0]),
        duration_s=seconds,
    )


def signature(meter: MeterPoint) -> str:
    """ACE-Step's spelling of a time signature; empty for those it has no word for."""
    return SIGNATURES.get((meter.numerator, meter.denominator), "")
