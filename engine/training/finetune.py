"""Teach a miniature a user's own songs: multitracks in, a folder that the daemon can load out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from engine.catalogue import SHIPPED
from engine.near_words import FILE as NEAR_WORDS
from engine.near_words import Near, say_known
from engine.store import load_near_words, load_style_words
from engine.style_words import FILE as STYLE_WORDS
from engine.style_words import StyleWords, known_caption
from engine.training.batches import DitRecipe
from engine.training.codes import load_codes
from engine.training.dit import Material, train_dit
from engine.training.export import export_miniature, load_vae, silence_latent
from engine.training.latents import LatentSong, encode_corpus, load_latents
from engine.training.multitracks import import_multitracks
from engine.training.run import Budget

# Few songs are learned by heart soon: a low rate, and short crops so that short songs serve too.
RECIPE = DitRecipe(rate=2e-4, lengths=(128, 192, 288, 384, 512), frames=3072)
DIT, CONFIG = "miniature-dit", "config.json"
VARIANTS = 4  # mixes of each song, with other levels


def finetune(
    multitracks: Path, work: Path, out: Path, budget: Budget, base: Path = SHIPPED / "miniature"
) -> None:
    """Import, encode, train as long as the budget says, and write the new model to `out`.

    work: holds the imported corpus, latents and run; a second call with a larger budget goes on there.
    Raises BadMultitrack.
    """
    corpus, latents, run = work / "corpus", work / "latents", work / "dit"
    if not corpus.exists():
        for line in import_multitracks(multitracks, corpus):
            print(line, flush=True)
    vae = load_vae(base / "vae")
    encode_corpus(corpus, vae, latents, with_stems=True, variants=VARIANTS)
    words = base / "text-encoder"
    near, styles = load_near_words(words / NEAR_WORDS), load_style_words(words / STYLE_WORDS)
    songs = [in_known_words(song, near, styles) for song in load_latents(latents)]
    shortest = min(len(song.mix) for song in songs)
    lengths = tuple(n for n in RECIPE.lengths if n <= shortest) or (shortest // 2 * 2,)
    material = Material(songs, silence_latent(vae), load_codes(base), base)
    train_dit(material, run, budget, replace(RECIPE, lengths=lengths))
    export_miniature(run, base / "vae", base, out)
    carry_warnings(base / DIT, out / DIT)


def carry_warnings(base: Path, out: Path) -> None:
    """What the base does badly is warned of in the new model too: a few minutes are no proof of better."""
    told, path = json.loads((base / CONFIG).read_text("utf-8")), out / CONFIG
    config = json.loads(path.read_text("utf-8")) | {k: v for k, v in told.items() if k == "weak_tasks"}
    path.write_text(json.dumps(config, indent=2) + "\n", "utf-8")


def in_known_words(song: LatentSong, near: Near, styles: StyleWords) -> LatentSong:
    """The song with its captions, style and tags as the model will be told them once it is used."""
    words = song.song
    style, caption = say_known(words.style, near), known_caption(words.caption, near, styles)
    captions = tuple(known_caption(text, near, styles) for text in words.captions)
    tags = tuple(say_known(text, near) for text in words.tags)
    told = replace(words, style=style, caption=caption, captions=captions, tags=tags)
    return replace(song, song=told)
