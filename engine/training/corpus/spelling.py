"""From letters to speech sounds and syllables, by a small table of rules for each language."""

from functools import lru_cache
from itertools import pairwise

from .lexicon import ENGLISH, FRENCH, GERMAN, PORTUGUESE
from .phones import PHONES, is_vowel, split_symbols

# Spellings and their sounds; the longest spelling that fits wins, # is the edge of a word.
SPANISH = """
a a e e i i o o u u á a é e í i ó o ú u ü w ia ja ie je io jo iu ju iá ja ié je ió jo ua wa ue we ué we uá
wa ai aI ay# aI ei eI ey# eI au aU oy# OI b b v b c k ce se ci si cie sje cio sjo cé se ch tS d d f f g g
ge xe gi xi gue ge gui gi gü gw gua gwa h . j x k k l l ll j m m n n ñ J p p que ke qui ki quí ki qué ke
quie kje r 4 #r rr rr rr lr lrr nr nrr s s t t x ks y j y# i #y# i z s
"""
ITALIAN = """
a a e e i i o o u u à a è E é e ì i ò O ù u ia ja ie je io jo iu ju uo wo ua wa ue we ui wi ai aI ei eI au
aU oi OI #io# io #mio# mio #tuo# tuo #tua# tua #mia# mia #suo# suo #via# via b b bb b c k cc k ca ka ce
tSe ci tSi cia tSa cio tSo ciò tSo ccia tSa ccio tSo cce tSe cci tSi che ke chi ki chia kja chie kje d d
dd d f f ff f g g gg g ge dZe gi dZi gia dZa gio dZo giu dZu ggi dZi gge dZe ggio dZo ghe ge ghi gi gli li
glia lja glio ljo glie lje gn J h . l l ll l m m mm m n n nn n p p pp p qu kw r 4 #r rr rr rr s s ss s sc
sk sce Se sci Si scia Sa t t tt t v v vv v z ts zz ts
"""
POLISH = """
a a ą O~ b b c ts ć tS ci tSi cia tSa cie tSe cio tSo ch x cz tS d d dz dz dź dZ dzi dZi dzia dZa dzie dZe
dzień dZeJ dż dZ e E ę E~ ę# E f f g g h x i i ia ja ie jE io jo iu ju j j k k l l ł w m m n n ń J ni Ji
nia Ja nie JE nio Jo o O ó u p p r 4 rz Z prz pS krz kS s s ś S si Si sia Sa sie SE sio So się SE sz S t t
u u w v #w# v w# f y 1 z z ź Z zi Zi zia Za zie ZE ż Z z# s d# t b# p ź# S ż# S g# k
"""
TURKISH = """
a a b b c dZ ç tS d d e E f f g g ğ . h h ı 1 i i j Z k k l l m m n n o o ö 2 p p r 4 s s ş S t t u u ü y
v v y j z z
"""
SWAHILI = """
a a b b ch tS d d dh D e E f f g g gh G h h i i j dZ k k kh x l l m m mw mw n n ng Ng ng' N ny J o O p p r
4 s s sh S t t th T u u v v w w y j z z nj ndZ mb mb nd nd nz nz
"""
KANA_ROWS = {  # consonants of a row of romaji -> its five kana; y and w rows have gaps
    "": "あいうえお", "k": "かきくけこ", "s": "さしすせそ", "t": "たちつてと", "n": "なにぬねの",
    "h": "はひふへほ", "m": "まみむめも", "y": "や ゆ よ", "r": "らりるれろ", "w": "わ   を",
    "g": "がぎぐげご", "z": "ざじずぜぞ", "d": "だぢづでど", "b": "ばびぶべぼ",
}  # fmt: skip
KANA = {
    row + vowel: kana for row, five in KANA_ROWS.items() for vowel, kana in zip("aiueo", five, strict=True)
}
KANA |= {"shi": "し", "chi": "ち", "tsu": "つ", "fu": "ふ", "ji": "じ", "n": "ん"}
KANA |= {f"{c}{v}": KANA[f"{c}i" if c in KANA_ROWS else c + "i"] + small
         for c in ("sh", "ch", "j") for v, small in zip("auo", "ゃゅょ", strict=True)}  # fmt: skip
KANA |= {f"{c}y{v}": KANA[f"{c}i"] + small
         for c in "krnhm" for v, small in zip("auo", "ゃゅょ", strict=True)}  # fmt: skip
ROMAJI = {"sh": "S", "ch": "tS", "ts": "ts", "j": "dZ", "y": "j", "r": "4", "f": "f"}
TABLES = {
    "es": SPANISH,
    "it": ITALIAN,
    "pl": POLISH,
    "tr": TURKISH,
    "sw": SWAHILI,
}
LEXICA = {"en": ENGLISH, "fr": FRENCH, "de": GERMAN, "pt": PORTUGUESE}
ONSETS = {"approximant", "tap"}  # what may stand between an onset's first consonant and the vowel
MARKS = ".,!?;:'\"()¡¿"
Syllables = tuple[tuple[str, ...], ...]


@lru_cache(maxsize=len(TABLES))
def read_table(language: str) -> dict[str, str]:
    """Spelling -> sounds of a language."""
    items = TABLES[language].split()
    return dict(zip(items[::2], items[1::2], strict=True))


def apply_rules(word: str, table: dict[str, str]) -> str:
    """The sounds of a word, longest spelling first; an edge (#) may be read twice, a letter once."""
    text, at, sounds = f"#{word}#", 0, []
    longest = max(map(len, table))
    while at < len(text):
        match = next((text[at : at + n] for n in range(longest, 0, -1) if text[at : at + n] in table), "")
        if not match and text[at] != "#":
            raise ValueError(f"no rule for {text[at]!r} in {word!r}")
        sounds.append(table.get(match, ""))
        at += max(1, len(match))
    return " ".join(sounds)


def read_romaji(word: str) -> tuple[str, list[str]]:
    """A Japanese word written in Latin letters as kana, and its morae."""
    morae, at = [], 0
    while at < len(word):
        mora = next(word[at : at + n] for n in (3, 2, 1) if word[at : at + n] in KANA)
        morae.append(mora)
        at += len(mora)
    return "".join(KANA[mora] for mora in morae), morae


def say_mora(mora: str) -> str:
    """The sounds of a mora."""
    head, vowel = (mora[:-1], mora[-1]) if mora != "n" else ("n", "")
    return f"{ROMAJI.get(head, head.replace('y', 'j').replace('r', '4'))} {vowel}"


def pronounce(word: str, language: str) -> Syllables:
    """The syllables of a word, each a tuple of sounds.  Raises ValueError for a word without a rule."""
    plain = word.lower().strip(MARKS)
    if language == "ja":
        return split_syllables(split_symbols(" ".join(map(say_mora, read_romaji(plain)[1]))))
    lexicon = LEXICA.get(language)
    if lexicon is None:
        return split_syllables(split_symbols(apply_rules(plain, read_table(language))))
    if plain not in lexicon:
        raise ValueError(f"no sounds for {plain!r}")
    return split_syllables(split_symbols(lexicon[plain]))


def show_word(word: str, language: str) -> str:
    """A word as it is written: Japanese in kana."""
    return read_romaji(word)[0] if language == "ja" else word


def split_syllables(sounds: tuple[str, ...]) -> Syllables:
    """Sounds as syllables: of the consonants between two vowels the
    last opens the next one, with the one before it when they make an onset ("pr", "kl").
    """
    vowels = [at for at, symbol in enumerate(sounds) if is_vowel(symbol)]
    if not vowels:
        return (sounds,)
    cuts = [0]
    for here, there in pairwise(vowels):
        between = there - here - 1
        start = there - min(1, between)
        opens = (
            between >= 2
            and PHONES[sounds[there - 1]].kind in ONSETS
            and PHONES[sounds[there - 2]].kind in ("stop", "fricative")
        )
        cuts.append(start - 1 if opens else start)
    return tuple(sounds[lo:hi] for lo, hi in pairwise([*cuts, len(sounds)]))
