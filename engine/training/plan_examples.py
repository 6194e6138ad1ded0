"""What a planner learns from: prompts as engine/planner/prompts.py writes them, and the answers to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from engine.planner import prompts
from engine.planner.blueprint import thought_yaml
from engine.planner.limits import KEYSCALES, LANGUAGES, SECONDS_HI, SECONDS_LO
from engine.planner.vocabulary import END, THOUGHT, Vocabulary
from engine.training.batches import FRAME_S, signature
from engine.training.codes import Codes
from engine.training.corpus.composer import compose
from engine.training.corpus.values import Song
from engine.training.device import DEVICE
from engine.training.latents import LatentSong
from engine.training.sung import sung_lyrics

WINDOW = 5  # latent frames of a code


@dataclass(frozen=True, slots=True)
class PlannerRecipe:
    """Numbers of the training. empty: share of code items whose chain of thought is empty, for guidance.

    composed: songs of words alone, beside those with latents, for the modes that hear nothing: what a
    sentence asks for is learned from many sentences, and composing a song costs milliseconds.
    """

    batch: int = 12
    batch_of_words: int = 24
    composed: int = 6000
    told: float = 0.5  # share of sentences that say a tempo, a key, a meter or a length
    longest: int = 640  # tokens; longer items are cut
    rate: float = 2e-3
    clip: float = 1.0
    average: float = 0.99
    empty: float = 0.1
    modes: tuple[tuple[str, float], ...] = (
        ("plan", 0.25),
        ("codes", 0.05),
        ("understand", 0.05),
        ("inspire", 0.45),
        ("rewrite", 0.2),
    )
    seed: int = 7


RECIPE = PlannerRecipe()


@dataclass(frozen=True, slots=True)
class Coded:
    """A stretch of a song with the codes of its mix; no codes where only its words are wanted."""

    song: Song
    seconds: float
    lyrics: str
    codes: tuple[int, ...]


Example = tuple[list[int], list[int]]  # what is read, and what is to be answered


@torch.no_grad()
def code_song(song: LatentSong, codes: Codes, rng: np.random.Generator) -> Coded:
    """Ten seconds or more of a song from a random bar line on, with their codes."""
    starts = song.bars[song.bars <= len(song.mix) - SECONDS_LO * 25 - WINDOW]
    lo = int(rng.choice(starts)) if len(starts) else 0
    most = (len(song.mix) - lo) // WINDOW * WINDOW
    frames = int(rng.integers(min(SECONDS_LO * 25, most), most + 1)) // WINDOW * WINDOW
    latents = torch.from_numpy(song.mix[lo : lo + frames].astype(np.float32))[None]
    _, found = codes.tokenizer(latents, latents[:, :WINDOW])
    lyrics, _ = sung_lyrics(song.song, lo * FRAME_S, (lo + frames) * FRAME_S)
    text = lyrics.strip() or prompts.INSTRUMENTAL
    return Coded(song.song, frames * FRAME_S, text, tuple(found[0, :, 0].tolist()))


def write_song(song: Song, rng: np.random.Generator) -> Coded:
    """The words of a song, as if it lasted as long as users ask for."""
    seconds = float(rng.integers(SECONDS_LO, 61)) if rng.random() < 0.6 else float(rng.integers(61, 301))
    lines = song.lyrics.strip().split("\n")
    # Most of a song's tokens are its lyrics, and what is asked for is in the others.
    kept = lines[: int(rng.integers(4, 10))] if rng.random() < 0.7 else lines
    return Coded(song, seconds, "\n".join(kept).strip() or prompts.INSTRUMENTAL, ())


def compose_words(count: int, seed: int) -> list[Song]:
    """Songs without their notes."""
    return [replace(compose(1_000_000 * seed + i, 24.0), parts=(), sung=(), backing=()) for i in range(count)]


def sentence_of(coded: Coded, rng: np.random.Generator) -> str:
    """What a user might type for this song: one of its wordings, often with a number or two behind it."""
    song = coded.song
    said = str(rng.choice(song.captions[:-1]))
    if rng.random() >= RECIPE.told:
        return said
    facts = [
        f"{round(float(song.tempo[0].bpm))} {rng.choice(('bpm', 'BPM'))}",
        f"in {song.keyscale}",
        f"{song.meter[0].numerator}/{song.meter[0].denominator}",
        f"{int(coded.seconds)} {rng.choice(('seconds', 's', 'sec'))}",
    ]
    chosen = [fact for fact in facts if rng.random() < 0.5]
    rng.shuffle(chosen)
    return str(rng.choice((", ", " "))).join([said, *chosen])


def thought_of(coded: Coded, caption: str) -> dict[str, str]:
    """The fields a blueprint of this song has."""
    song = coded.song
    texts = {
        "bpm": str(round(float(song.tempo[0].bpm))),
        "caption": caption,
        "duration": str(int(np.clip(coded.seconds, SECONDS_LO, SECONDS_HI))),
        "keyscale": song.keyscale if song.keyscale in KEYSCALES else "",
        "language": song.language if song.language in LANGUAGES else "unknown",
        "timesignature": signature(song.meter[0]) or "4",
    }
    return {name: text for name, text in texts.items() if text}


def inside(vocabulary: Vocabulary, texts: dict[str, str]) -> list[int]:
    """A chain of thought as it is written."""
    thought = vocabulary.encode(thought_yaml(texts) or "\n")
    return [*prompts.opened(vocabulary), *thought, vocabulary.special[THOUGHT]]


def sung_answer(vocabulary: Vocabulary, texts: dict[str, str], lyrics: str) -> list[int]:
    """A chain of thought with lyrics behind it."""
    words = vocabulary.encode(f"\n\n# Lyric\n{lyrics}\n")
    return [*inside(vocabulary, texts), *words, vocabulary.special[END]]


def plan_example(vocabulary: Vocabulary, coded: Coded, rng: np.random.Generator) -> Example:
    """Caption and lyrics to a blueprint."""
    asked = sentence_of(coded, rng)
    answer = inside(vocabulary, thought_of(coded, str(rng.choice(coded.song.captions[-4:]))))
    return prompts.planning(vocabulary, asked, coded.lyrics), answer


def codes_example(vocabulary: Vocabulary, coded: Coded, rng: np.random.Generator) -> Example:
    """Blueprint to codes; sometimes an empty one, which is what guidance leads away from."""
    caption = str(rng.choice(coded.song.captions))
    texts = {} if rng.random() < RECIPE.empty else thought_of(coded, caption)
    read = prompts.coding(vocabulary, caption, coded.lyrics, texts)
    return read, [int(vocabulary.codes[code]) for code in coded.codes]


def understand_example(vocabulary: Vocabulary, coded: Coded, rng: np.random.Generator) -> Example:
    """Codes to a blueprint with lyrics."""
    texts = thought_of(coded, str(rng.choice(coded.song.captions)))
    return prompts.listening(vocabulary, coded.codes), sung_answer(vocabulary, texts, coded.lyrics)


def inspire_example(vocabulary: Vocabulary, coded: Coded, rng: np.random.Generator) -> Example:
    """A few words to a blueprint with lyrics."""
    texts = thought_of(coded, str(rng.choice(coded.song.captions[-4:])))
    is_instrumental = coded.lyrics == prompts.INSTRUMENTAL
    read = prompts.inspiring(vocabulary, sentence_of(coded, rng), is_instrumental)
    return read, sung_answer(vocabulary, texts, coded.lyrics)


def rewrite_example(vocabulary: Vocabulary, coded: Coded, rng: np.random.Generator) -> Example:
    """Rough words to full ones: the tags of the lyrics may be missing."""
    texts = thought_of(coded, coded.song.captions[-1])
    rough = "\n".join(x for x in coded.lyrics.split("\n") if not x.startswith("[") or rng.random() < 0.5)
    read = prompts.rewriting(vocabulary, sentence_of(coded, rng), rough)
    return read, sung_answer(vocabulary, texts, coded.lyrics)


EXAMPLES: dict[str, Callable[[Vocabulary, Coded, np.random.Generator], Example]] = {
    "plan": plan_example,
    "codes": codes_example,
    "understand": understand_example,
    "inspire": inspire_example,
    "rewrite": rewrite_example,
}


HEARD = ("codes", "understand")  # modes that need a song's codes


def draw_examples(
    material: tuple[list[LatentSong], list[Song]],
    codes: Codes,
    vocabulary: Vocabulary,
    recipe: PlannerRecipe,
    step: int,
) -> tuple[str, Tensor, Tensor]:
    """A batch of one mode: its name, ids (B, n) and what is to be answered (B, n), -100 where nothing is.

    material: songs with latents, and songs of which the words are known.
    """
    songs, words = material
    rng = np.random.default_rng((recipe.seed, step))
    names, shares = zip(*recipe.modes, strict=True)
    mode = str(rng.choice(names, p=np.array(shares) / sum(shares)))
    rows = []
    for _ in range(recipe.batch if mode in HEARD else recipe.batch_of_words):
        if mode in HEARD:
            coded = code_song(songs[rng.integers(len(songs))], codes, rng)
        else:
            coded = write_song(words[rng.integers(len(words))], rng)
        rows.append(EXAMPLES[mode](vocabulary, coded, rng))
    length = min(recipe.longest, max(len(read) + len(answer) for read, answer in rows))
    ids = torch.zeros(len(rows), length, dtype=torch.long)
    wanted = torch.full((len(rows), length), -100)
    for row, (read, answer) in enumerate(rows):
        whole = (read + answer)[:length]
        ids[row, : len(whole)] = torch.tensor(whole)
        wanted[row, len(read) : len(whole)] = ids[row, len(read) : len(whole)]
    return mode, ids.to(DEVICE), wanted.to(DEVICE)
