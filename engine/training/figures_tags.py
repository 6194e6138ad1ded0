"""Captions in a user's own words: does the music that is made of them get the tags a listener would expect?

The listener is musicnn (tagger.py). Half of the captions use words of our corpus, the other half words that
are nowhere in it. All are made at one tempo on one grid, so that only the words differ.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.models import Models
from engine.tasks import render
from engine.tasks.values import Prompt, Settings, Text2MusicTask
from engine.training import measures
from engine.training.figures import Case, Figures, quiet
from engine.training.latents import frame_centres
from engine.training.tagger import MISSING, Tagger, hear_tags, likeliest, open_tagger

SECONDS, BPM = 12.0, 110.0
TOP = 5
Array = NDArray[np.float32]
Heard = dict[str, Array]


@dataclass(frozen=True, slots=True)
class Wish:
    """A caption; the tags of either vocabulary that would mean it was understood; the corpus style meant."""

    caption: str
    tags: frozenset[str]
    style: str


def wish(caption: str, tags: str, style: str) -> Wish:
    """A Wish from tags separated by commas."""
    return Wish(caption, frozenset(tags.split(", ")), style)


SEEN = (  # every word is in captions of the corpus
    wish("aggressive distorted guitar, power drum kit", "metal, heavy metal, hard rock, rock", "metal"),
    wish("calm floating drone, warm pad", "ambient, new age, chillout, chill, slow, quiet", "ambient"),
    wish("club, four-on-the-floor, acid bass", "techno, electronic, dance, House, electronica", "house"),
    wish("gentle acoustic guitar, pastoral", "folk, acoustic, guitar, country", "folk"),
    wish("graceful harpsichord with string ensemble", "harpsichord, classical, classic, strings", "chamber"),
    wish("swinging tenor sax, upright bass, brush drum kit", "jazz", "jazz swing"),
    wish("boom bap beats, smoky electric piano", "Hip-Hop, beats, beat, rnb", "hip hop"),
    wish("slow melancholic grand piano", "piano, sad, slow, Mellow, soft, easy listening", "ballad"),
    wish("banjo and fiddle, rolling twang", "country, folk", "country"),
    wish("sweaty syncopated slap bass, clavinet", "funk, soul, rnb", "funk"),
    wish("gritty 12-bar shuffle with harmonica", "blues, classic rock, country", "blues"),
    wish("delicate cello, violin", "cello, violin, strings, classical, classic", "chamber"),
)
UNSEEN = (  # no word of meaning is in them
    wish("headbanging riffs for the mosh pit", "metal, heavy metal, hard rock, rock", "metal"),
    wish("soothing background for yoga", "ambient, new age, chillout, chill, slow, quiet", "ambient"),
    wish("a banger for ravers at the nightclub", "techno, electronic, dance, House, electronica", "house"),
    wish("a troubadour strumming at the campfire", "folk, acoustic, guitar, country", "folk"),
    wish("baroque minuet from Versailles", "harpsichord, classical, classic, strings", "chamber"),
    wish("improvising trio at a Harlem speakeasy", "jazz", "jazz swing"),
    wish("underground rapper freestyling for the Bronx", "Hip-Hop, beats, beat, rnb", "hip hop"),
    wish("gloomy nocturne, lonesome ivories", "piano, sad, slow, Mellow, soft, easy listening", "ballad"),
    wish("cowboys at a Nashville rodeo", "country, folk", "country"),
    wish("getting sassy at a seventies block party", "funk, soul, rnb", "funk"),
    wish("juke joint on the Mississippi delta", "blues, classic rock, country", "blues"),
    wish("concerto, bowed by virtuosos", "cello, violin, strings, classical, classic", "chamber"),
)
KINDS = {"seen": SEEN, "unseen": UNSEEN}


def tag_figures(models: Models, cases: list[Case]) -> Iterable[Figures]:
    """A row a caption, and one for each held-out song whose style a caption means, as a ceiling.

    prompt_tags_top5: 1 when an expected tag is among the five likeliest of either vocabulary; baseline: the
    same music judged by the other captions' tags.  prompt_tags_auc: the share of the other captions' music in
    which the expected tags are heard less; 0.5 is chance.  Fewer than 12 songs: two captions for each.
    """
    tagger = open_tagger()
    if tagger is None:
        print(MISSING, flush=True)
        return []
    count = min(len(SEEN), len(cases))
    kinds = [(kind, one) for kind, wishes in KINDS.items() for one in wishes[:count]]
    wishes = [one for _, one in kinds]
    heard = [hear_tags(tagger, make_music(models, one.caption, i)) for i, one in enumerate(wishes)]
    rows = [judge(tagger, wishes, heard, at) for at in range(len(wishes))]
    named = [
        row | {f"{k}.{kind}": v for k, v in row.items()} for row, (kind, _) in zip(rows, kinds, strict=True)
    ]
    return named + real_figures(tagger, cases)


def make_music(models: Models, caption: str, seed: int) -> Array:
    """12 s of 4/4 at 110 bpm from a caption alone, (2, n)."""
    samples = round(SECONDS * measures.RATE)
    beats = frame_centres(-(-samples // 1920)) * BPM / 60
    grid = np.stack([beats % 1, beats / 4 % 1], 1).astype(np.float32)
    prompt = Prompt(caption, "[Instrumental]", bpm=BPM, timesignature="4", duration_s=SECONDS)
    return render(models, Text2MusicTask(samples, prompt, Settings(seed=seed), grid), quiet).audio


def judge(tagger: Tagger, wishes: list[Wish], heard: list[Heard], at: int) -> Figures:
    """The figures of one caption's music among that of all."""
    own, others = wishes[at], [i for i in range(len(wishes)) if i != at]
    strength = [log_odds(tagger, own.tags, one) for one in heard]
    return {
        "prompt_tags_top5": hit(tagger, own.tags, heard[at]),
        "base_prompt_tags_top5_shuffled": float(
            np.mean([hit(tagger, wishes[i].tags, heard[at]) for i in others])
        ),
        "prompt_tags_auc": float(np.mean([strength[at] > strength[i] for i in others])),
    }


def hit(tagger: Tagger, tags: frozenset[str], heard: Heard) -> float:
    """1 when a tag is among the likeliest of either vocabulary, else 0."""
    tops = (likeliest(tagger.labels[name], values, TOP) for name, values in heard.items())
    return float(any(not tags.isdisjoint(top) for top in tops))


def log_odds(tagger: Tagger, tags: frozenset[str], heard: Heard) -> float:
    """Mean log-odds of the tags over both vocabularies."""
    odds = [
        float(np.log(p / (1 - p)))
        for name, values in heard.items()
        for label, p in zip(tagger.labels[name], np.clip(values, 1e-6, 1 - 1e-6), strict=True)
        if label in tags
    ]
    return float(np.mean(odds))


def real_figures(tagger: Tagger, cases: list[Case]) -> list[Figures]:
    """How often the corpus's own songs get the tags of the captions that mean their style."""
    tags = {one.style: one.tags for one in reversed(SEEN)}
    samples = round(SECONDS * measures.RATE)
    return [
        {"real_prompt_tags_top5": hit(tagger, tags[style], hear_tags(tagger, case.mix[:, :samples]))}
        for case in cases
        if (style := case.song.style) in tags
    ]
