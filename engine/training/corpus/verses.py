"""Lines of lyrics: phrases joined to a line that has about as many syllables as the melody has notes."""

from functools import lru_cache
from random import Random

from .spelling import Syllables, pronounce, show_word
from .wordbank import BANKS, ORDERS, ORDERS_VERB_LAST

CANDIDATES = 40
Words = tuple[tuple[str, Syllables], ...]  # as written, and their syllables
LANGUAGES = {  # language -> weight
    "en": 4,
    "es": 2,
    "de": 2,
    "fr": 1.5,
    "it": 1.5,
    "pt": 1.5,
    "ja": 1.5,
    "pl": 1,
    "tr": 1,
    "sw": 1,
}


@lru_cache(maxsize=4096)
def spell(word: str, language: str) -> tuple[str, Syllables]:
    """A word of the bank as written, and its syllables."""
    return show_word(word, language), pronounce(word, language)


def count_syllables(words: Words) -> int:
    """Syllables of all words."""
    return sum(len(syllables) for _, syllables in words)


def draw_words(rng: Random, language: str) -> Words:
    """The words of a line."""
    bank = BANKS[language]
    lists = {"d": bank.doing, "t": bank.things, "p": bank.places, "c": bank.calls}
    order = rng.choice(ORDERS_VERB_LAST if bank.verb_last else ORDERS)
    return tuple(spell(word, language) for kind in order for word in rng.choice(lists[kind]).split())


def pick_words(rng: Random, language: str, notes: int) -> Words:
    """The line of several whose syllables fit a melody's notes best; too many is worse than too few."""
    drawn = [draw_words(rng, language) for _ in range(CANDIDATES)]
    misses = [count_syllables(words) - notes for words in drawn]
    costs = [3 * miss if miss > 0 else -miss for miss in misses]
    return drawn[costs.index(min(costs))]


def write_text(words: Words, language: str) -> str:
    """A line as written: capitalised; Japanese with a blank between words too."""
    text = " ".join(word for word, _ in words)
    return text if language == "ja" else text[0].upper() + text[1:]
