"""python -m engine.training words: the table of near words beside a text encoder (engine/near_words.py).

Made once, by all-MiniLM-L6-v2, a sentence encoder that has read what ours has not and is too big to ship: for
common English words and words for music, the word or phrase of our corpus whose sentence vector is nearest.
The words that captions of the corpus are made of stand for themselves.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from engine.near_words import FILE, LONGEST, key_of
from engine.tasks.instructions import STEM_CLASSES
from engine.training.corpus.captions import COLOURS, KINDS, PACES
from engine.training.corpus.composer import STYLES, compose
from engine.training.corpus.instruments import INSTRUMENTS
from engine.training.corpus.singers import SINGERS
from engine.training.corpus.wordbank import BANKS
from engine.training.music_words import music_words
from engine.training.near_check import MEANT, NOTHING
from engine.training.style_table import write_styles
from engine.training.text_compare import MISSING, Encoder, open_pretrained, pretrained_folder, unit
from engine.training.wordings import VOICES

# Of "{} music", "a {} song" and the bare word, the first found most of near_check's meanings (75, 73, 68 %).
TEMPLATE = "{} music"
# Cosine: 88 % of near_check's words with a meaning are above it, 80 % of them right, and 2 of its 20 others.
NEAR_ENOUGH = 0.65
# Of the corpus's words those that are near to everything, or tell little of what is heard.
SAY_LITTLE = frozenset(
    "band radio study open easy three-four machine kit lead 808 deep liquid tight fx pad atmosphere".split()
)
SONGS, SEED = 160, 8_000_000  # songs whose captions' words are known; far from every corpus
SHORTEST = 3  # letters
AT_ONCE = 4096  # words between two lines of progress
STOP_WORDS = frozenset(
    """about above after again against all also although always among and another any anybody anyone
    anything are aren around because been before being below between both but can cannot could did
    didn does doesn doing don done down during each either else ever every everyone everything few
    for from further get gets got had hadn has hasn have having her here hers herself him himself
    his how however into isn its itself just let like made make makes many may maybe might mine more
    most much must mustn myself neither never nobody none nor not nothing now off often once one
    only onto other others our ours ourselves out over own per perhaps please put quite rather
    really same shall she should shouldn since some somebody someone something still such than that
    the their theirs them themselves then there these they thing things this those though through
    thus till too toward towards two under until upon use used using very want wants was wasn way
    well were weren what whatever when where whether which while who whole whom whose why will with
    within without won would wouldn yet you your yours yourself yourselves""".split()
)


def targets() -> list[str]:
    """What may be said for another word: the corpus's styles, moods, tags, paces, colours, instruments and
    singers; what an instrument is, where two or more have it in their names.
    """
    styles = [text for style in STYLES.values() for text in (style.name, *style.moods, *style.tags)]
    scales = [word for words in (*(words for _, words in PACES), *COLOURS.values()) for word in words]
    heads = Counter(name.split()[-1] for name in INSTRUMENTS)
    classes = [name.replace("_", " ") for name in STEM_CLASSES]
    kinds = [*(name for name, count in heads.items() if count > 1), *classes]
    voices = [f"{name} vocals" for singer in SINGERS for name in (singer.name, singer.sex)]
    others = [word for words in VOICES.values() for word in words]
    every = dict.fromkeys([*styles, *scales, *INSTRUMENTS, *kinds, *voices, *others])
    return [phrase for phrase in every if phrase not in SAY_LITTLE]


def known_words() -> set[str]:
    """Keys of all words that captions of the corpus have, and of the phrases that belong together."""
    captions = [caption for seed in range(SEED, SEED + SONGS) for caption in compose(seed, 8.0).captions]
    texts = [
        *captions,
        *(kind for kinds in KINDS.values() for kind in kinds),
        *(b.name for b in BANKS.values()),
    ]
    phrases = {key_of(phrase) for phrase in targets()}
    return phrases | {word for text in [*texts, *phrases] for word in key_of(text).split()}


def candidates(known: set[str], vocabulary: Iterable[str]) -> list[str]:
    """Words and phrases, as keys, that people may write and our corpus does not have."""
    common = sorted(word for word in vocabulary if re.fullmatch(f"[a-z]{{{SHORTEST},}}", word))
    asked = dict.fromkeys(key_of(phrase) for phrase in (*music_words(), *listeners_tags(), *common))
    met = known | STOP_WORDS
    return [key for key in asked if not met.issuperset(key.split()) and len(key.split()) <= LONGEST]


def single_words(vocabulary: Iterable[str]) -> list[str]:
    """Every common word of its own and every word people use for music, as keys; no word of grammar."""
    whole = (word for word in vocabulary if word.isalpha())  # not the pieces, which begin with "##"
    asked = " ".join(map(key_of, (*whole, *music_words(), *listeners_tags()))).split()
    return sorted({word for word in asked if re.fullmatch(f"[a-z]{{{SHORTEST},}}", word)} - STOP_WORDS)


def listeners_tags() -> tuple[str, ...]:
    """musicnn's 100 tags; none without its package."""
    if find_spec("musicnn") is None:
        return ()
    from musicnn import configuration  # type: ignore[import-untyped]  # lists of constants, nothing else

    return (*configuration.MTT_LABELS, *configuration.MSD_LABELS)


def nearest(encoder: Encoder, known: list[str], asked: list[str]) -> list[tuple[str, float]]:
    """For each word asked the phrase that is nearest in the template, and the cosine."""
    there = unit(encoder.vectors([TEMPLATE.format(phrase) for phrase in known]))
    found: list[tuple[str, float]] = []
    for start in range(0, len(asked), AT_ONCE):
        part = asked[start : start + AT_ONCE]
        closeness = unit(encoder.vectors([TEMPLATE.format(word) for word in part])) @ there.T
        best = closeness.argmax(1)
        found += [(known[i], float(row[i])) for i, row in zip(best, closeness, strict=True)]
        if len(asked) > AT_ONCE:
            print(f"{start + len(part)} of {len(asked)} words", flush=True)
    return found


def measure(found: dict[str, tuple[str, float]], near_enough: float) -> tuple[float, float, float]:
    """How many of near_check's words with a meaning get a near word, how many of those are right, and how
    many of its words without one get one: shares.
    """
    kept = [word for word in MEANT if found[word][1] >= near_enough]
    right = [word for word in kept if found[word][0] in MEANT[word].split(", ")]
    wrongly = [word for word in NOTHING if found[word][1] >= near_enough]
    return len(kept) / len(MEANT), len(right) / max(1, len(kept)), len(wrongly) / len(NOTHING)


def write_table(out: Path) -> None:
    """Make the table and write it to the folder `out`, and print how it does on the words set aside."""
    encoder, folder = open_pretrained(), pretrained_folder()
    if encoder is None or folder is None:
        print(MISSING)
        return
    phrases, known = targets(), known_words()
    checked = [*MEANT, *NOTHING]
    found = dict(zip(checked, nearest(encoder, phrases, checked), strict=True))
    for near_enough in np.arange(0.55, 0.80, 0.05):
        shares = measure(found, float(near_enough))
        print(
            "from {:.2f}: {:.2f} said, {:.2f} of them right, {:.2f} of the others".format(
                near_enough, *shares
            )
        )
    vocabulary = json.loads((folder / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    asked = candidates(known, vocabulary)
    write_styles(encoder, single_words(vocabulary), out)
    answers = zip(asked, nearest(encoder, phrases, asked), strict=True)
    near = {word: said for word, (said, closeness) in answers if closeness >= NEAR_ENOUGH}
    save_table(known, phrases, near, out / FILE)
    print(f"{len(near)} of {len(asked)} words, {(out / FILE).stat().st_size / 1000:.0f} kB")


def save_table(known: set[str], phrases: list[str], near: dict[str, str], path: Path) -> None:
    """Known words for themselves, the others for their near ones; a line each, in the alphabet's order."""
    table = {key: key for key in known} | near | {key_of(phrase): phrase for phrase in phrases}
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(table, ensure_ascii=False, indent=0, sort_keys=True, separators=(",", ":"))
    path.write_text(text + "\n", "utf-8")
