"""The miniature's text side: a byte-level tokenizer learned from captions, a tiny Qwen3 trained along with
the DiT.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

from engine.near_words import FILE as NEAR_WORDS
from engine.style_words import FILE as STYLE_WORDS

END = "<|endoftext|>"
TOKENIZER = "tokenizer.json"
VOCABULARY = 3072

QWEN_CONFIG: dict[str, Any] = {
    "architectures": ["Qwen3Model"],
    "model_type": "qwen3",
    "hidden_size": 256,
    "intermediate_size": 512,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 64,
    "rms_norm_eps": 1e-6,
    "rope_theta": 1e6,
    "max_position_embeddings": 4096,
    "attention_bias": False,
    "hidden_act": "silu",
    "tie_word_embeddings": True,
    "vocab_size": VOCABULARY,
}


def learn_tokenizer(texts: Iterable[str]) -> Tokenizer:
    """Byte-level BPE over `texts`; every byte is a token of its own, so no script is ever unknown."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY, special_tokens=[END], initial_alphabet=alphabet)
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(single=f"$A {END}", special_tokens=[(END, 0)])
    return tokenizer


def open_tokenizer(path: Path, texts: Iterable[str]) -> Tokenizer:
    """The tokenizer of a run: read where it exists, learned and written where not."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        learn_tokenizer(texts).save(str(path))
    return Tokenizer.from_file(str(path))


def copy_words(source: Path, to: Path) -> None:
    """Put a folder's tokenizer, and its tables of words where it has some, into another that exists."""
    shutil.copyfile(source / TOKENIZER, to / TOKENIZER)
    for name in (NEAR_WORDS, STYLE_WORDS):
        if (source / name).exists():
            shutil.copyfile(source / name, to / name)
