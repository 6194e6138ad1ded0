"""Captions and lyrics to hidden states: the templates ACE-Step was trained with, and the text encoder."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from engine.near_words import Near
from engine.style_words import StyleWords, known_caption

if TYPE_CHECKING:
    from transformers import Qwen3Model

    from engine.tasks.values import Prompt

MAX_CAPTION_TOKENS = 256
MAX_LYRIC_TOKENS = 2048
UNKNOWN = "N/A"


def metas(prompt: "Prompt") -> str:
    """Tempo, meter, key and length in the lines the model knows; tempo in whole beats a minute."""
    bpm = UNKNOWN if prompt.bpm is None or prompt.bpm <= 0 else str(round(prompt.bpm))
    return (
        f"- bpm: {bpm}\n"
        f"- timesignature: {prompt.timesignature.strip() or UNKNOWN}\n"
        f"- keyscale: {prompt.keyscale.strip() or UNKNOWN}\n"
        f"- duration: {int(prompt.duration_s)} seconds\n"
    )


def caption_text(prompt: "Prompt", instruction: str) -> str:
    """The whole text the caption states are made from."""
    caption = f"# Instruction\n{instruction}\n\n# Caption\n{prompt.caption}\n\n"
    return f"{caption}# Metas\n{metas(prompt)}<|endoftext|>\n"


def lyric_header(prompt: "Prompt") -> str:
    """What stands before the lyrics themselves."""
    return f"# Languages\n{prompt.language}\n\n# Lyric\n"


def lyric_text(prompt: "Prompt") -> str:
    """The whole text the lyric embeddings are made from."""
    return f"{lyric_header(prompt)}{prompt.lyrics}<|endoftext|>"


@dataclass(frozen=True, slots=True)
class TextEncoder:
    """transformers' Qwen3 and its tokenizer.

    tokenize: text, most tokens -> ids, cut at the end.  offsets: the same tokens as the characters (from, to)
    of the text that each writes; (0, 0) for one the tokenizer appends.  near: what to say for words that the
    encoder never read; empty for encoders that know them.  styles: which style such words mean.
    """

    qwen: "Qwen3Model"
    tokenize: Callable[[str, int], list[int]]
    device: torch.device
    offsets: Callable[[str, int], list[tuple[int, int]]]
    near: Near = field(default_factory=dict)
    styles: StyleWords = field(default_factory=StyleWords)

    def understood(self, prompt: "Prompt") -> "Prompt":
        """The prompt with a caption in words that the encoder knows."""
        return replace(prompt, caption=known_caption(prompt.caption, self.near, self.styles))

    @torch.no_grad()
    def caption_states(self, text: str) -> Tensor:
        """Last hidden states (1, S, H) of at most 256 tokens."""
        states: Tensor = self.qwen(input_ids=self._ids(text, MAX_CAPTION_TOKENS)).last_hidden_state
        return states

    @torch.no_grad()
    def lyric_embeddings(self, text: str) -> Tensor:
        """Token embeddings (1, L, H) of at most 2048 tokens; the lyric encoder gives them their context."""
        embeddings: Tensor = self.qwen.embed_tokens(self._ids(text, MAX_LYRIC_TOKENS))
        return embeddings

    def _ids(self, text: str, most: int) -> Tensor:
        return torch.tensor([self.tokenize(text, most)], device=self.device)


def tokenize_with(tokenizer: Any) -> Callable[[str, int], list[int]]:
    """A `tokenizers.Tokenizer` as TextEncoder's function; what the tokenizer appends by itself stays."""

    return lambda text, most: encode_with(tokenizer, text, most).ids


def offsets_with(tokenizer: Any) -> Callable[[str, int], list[tuple[int, int]]]:
    """A `tokenizers.Tokenizer` as TextEncoder's other function."""
    return lambda text, most: encode_with(tokenizer, text, most).offsets


def encode_with(tokenizer: Any, text: str, most: int) -> Any:
    """The tokenizer's own encoding of a text, cut at `most` tokens and not padded."""
    tokenizer.no_padding()
    tokenizer.enable_truncation(most)
    return tokenizer.encode(text)
