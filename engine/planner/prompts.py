"""What the language model is told, token for token as it was trained: ChatML with an instruction."""

from collections.abc import Mapping, Sequence

from engine.planner.blueprint import thought_yaml
from engine.planner.limits import check_text
from engine.planner.vocabulary import END, START, THINK, THOUGHT, Vocabulary

INSTRUCTIONS = {
    "generate": "Generate audio semantic tokens based on the given conditions:",
    "understand": "Understand the given musical conditions and describe the audio semantics accordingly:",
    "inspire": "Expand the user's input into a more detailed and specific musical description:",
    "rewrite": "Format the user's input into a more detailed and specific musical description:",
}
NO_INPUT = "NO USER INPUT"
INSTRUMENTAL = "[Instrumental]"
LYRICS_CHARS = 16_384


def turn(vocabulary: Vocabulary, role: str, inside: Sequence[int]) -> list[int]:
    """One turn of a chat."""
    start, end = vocabulary.special[START], vocabulary.special[END]
    return [start, *vocabulary.encode(f"{role}\n"), *inside, end, *vocabulary.encode("\n")]


def chat(vocabulary: Vocabulary, kind: str, user: Sequence[int]) -> list[int]:
    """A whole prompt, up to where the answer begins."""
    system = vocabulary.encode(f"# Instruction\n{INSTRUCTIONS[kind]}\n\n")
    answer = [vocabulary.special[START], *vocabulary.encode("assistant\n")]
    return [*turn(vocabulary, "system", system), *turn(vocabulary, "user", user), *answer]


def opened(vocabulary: Vocabulary) -> list[int]:
    """How every answer begins."""
    return [vocabulary.special[THINK], *vocabulary.encode("\n")]


def song_request(caption: str, lyrics: str) -> str:
    """Caption and lyrics as the user's turn."""
    return f"# Caption\n{caption}\n\n# Lyric\n{lyrics}\n"


def planning(vocabulary: Vocabulary, caption: str, lyrics: str) -> list[int]:
    """For the chain of thought of a song."""
    return chat(vocabulary, "generate", vocabulary.encode(song_request(caption, lyrics)))


def coding(vocabulary: Vocabulary, caption: str, lyrics: str, texts: Mapping[str, str]) -> list[int]:
    """For codes: the chain of thought is a finished turn of the assistant, the codes come behind it."""
    user = vocabulary.encode(song_request(caption, lyrics))
    inside = [*opened(vocabulary), *vocabulary.encode(thought_yaml(texts) or "\n")]
    inside += [vocabulary.special[THOUGHT], *vocabulary.encode("\n\n")]
    system = vocabulary.encode(f"# Instruction\n{INSTRUCTIONS['generate']}\n\n")
    turns = (("system", system), ("user", user), ("assistant", inside))
    return [token for role, ids in turns for token in turn(vocabulary, role, ids)]


def listening(vocabulary: Vocabulary, codes: Sequence[int]) -> list[int]:
    """For understanding: codes are the user's turn; none at all is the empty question."""
    ids = [int(vocabulary.codes[code]) for code in codes]
    return chat(vocabulary, "understand", ids or vocabulary.encode(NO_INPUT))


def inspiring(vocabulary: Vocabulary, sentence: str, is_instrumental: bool) -> list[int]:
    """For a whole blueprint from one sentence."""
    text = f"{sentence.strip() or NO_INPUT}\n\ninstrumental: {'true' if is_instrumental else 'false'}"
    return chat(vocabulary, "inspire", vocabulary.encode(text))


def rewriting(vocabulary: Vocabulary, caption: str, lyrics: str) -> list[int]:
    """For a fuller caption and lyrics in their usual form."""
    text = f"# Caption\n{caption.strip() or NO_INPUT}\n\n# Lyric\n{lyrics.strip() or INSTRUMENTAL}"
    return chat(vocabulary, "rewrite", vocabulary.encode(text))


def checked_words(caption: str, lyrics: str) -> None:
    """Raises TaskError when a text is too long or holds what no text should."""
    check_text("caption", caption, LYRICS_CHARS)
    check_text("lyrics", lyrics, LYRICS_CHARS)
