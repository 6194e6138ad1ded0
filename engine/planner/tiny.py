"""A planner folder with small random weights: writes grammatical nonsense. For tests and dry runs."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from engine.planner.vocabulary import SPECIAL, byte_signs

QWEN: dict[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "rms_norm_eps": 1e-6,
    "rope_theta": 1000000.0,
    "max_position_embeddings": 32768,
    "tie_word_embeddings": True,
}


def write_tiny_planner(
    folder: str | Path, seed: int = 0, codes: int = 64_000, words: int = 0, **config: Any
) -> Path:
    """Writes config.json, model.safetensors and tokenizer.json into `folder` and returns it.

    codes: how many audio codes it knows.  words: tokens of several bytes beside the 256 of one; only the
    model writes them.  config: keys of the model's config to change.
    """
    from transformers.models.qwen3.modeling_qwen3 import Qwen3Config, Qwen3ForCausalLM
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    size = write_tokenizer(place / "tokenizer.json", codes, words)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = Qwen3ForCausalLM(Qwen3Config(**{**QWEN, "vocab_size": size, **config}))
        model.save_pretrained(place)
    return place


def many_bytes(count: int) -> Iterator[bytes]:
    """Different runs of 2 to 9 bytes: words, blanks, line ends, and pieces of characters of any script."""
    chance, seen = random.Random(count), set[bytes]()
    pieces = [
        *map(chr, range(32, 127)),
        " ",
        " ",
        "\n",
        ": ",
        " #",
        ".\n",
        "é",
        "ي",
        "好",
        "한",
        "🎵",
        "\u2028",
    ]
    while len(seen) < count:
        text = "".join(chance.choices(pieces, k=chance.randint(2, 6))).encode()
        start = chance.randint(0, 1)
        piece = text[start : start + chance.randint(2, 9)]
        if len(piece) > 1 and piece not in seen:
            seen.add(piece)
            yield piece


def write_tokenizer(path: Path, codes: int, words: int = 0) -> int:
    """A tokenizer of one token per byte, then the chat's signs, then the codes; returns its size."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers

    signs = byte_signs()
    shown = {byte: sign for sign, byte in signs.items()}
    longer = ("".join(shown[byte] for byte in piece) for piece in many_bytes(words))
    vocabulary = signs | {word: 256 + number for number, word in enumerate(longer)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.normalizer = normalizers.NFC()  # as the official one
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(name, special=True) for name in SPECIAL])
    tokenizer.add_tokens([AddedToken(f"<|audio_code_{n}|>", normalized=False) for n in range(codes)])
    tokenizer.save(str(path))
    return int(tokenizer.get_vocab_size())
