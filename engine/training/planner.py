"""Train a miniature planner: a Qwen3 of two million parameters over text and audio codes, for all four modes.

It is written as a planner folder (engine/planner/catalogue.py), so that the same code runs it and an official
one. What it reads is what engine/planner/prompts.py writes; the loss is on the answer alone.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from torch import nn
from transformers.models.qwen3.modeling_qwen3 import Qwen3Config, Qwen3ForCausalLM

from engine.planner.vocabulary import SPECIAL, load_vocabulary
from engine.training.codes import Codes
from engine.training.device import DEVICE, mixed
from engine.training.latents import LatentSong
from engine.training.plan_examples import RECIPE, PlannerRecipe, compose_words, draw_examples
from engine.training.run import Average, Budget, cosine_rate, draw_curves, open_run, steps

FOLDER = "barline-5hz-lm"
WORDS = 1280  # tokens of text, 256 of them single bytes
LM_CONFIG: dict[str, Any] = {
    "architectures": ["Qwen3ForCausalLM"],
    "model_type": "qwen3",
    "hidden_size": 160,
    "intermediate_size": 448,
    "num_hidden_layers": 5,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 40,
    "rms_norm_eps": 1e-6,
    "rope_theta": 1e6,
    "max_position_embeddings": 8192,
    "attention_bias": False,
    "hidden_act": "silu",
    "tie_word_embeddings": True,
}


def write_tokenizer(path: Path, texts: Sequence[str], codes: int) -> None:
    """Byte-level BPE over `texts`, then the chat's signs, then the audio codes."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=WORDS, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.add_special_tokens([AddedToken(name, special=True) for name in SPECIAL])
    tokenizer.add_tokens([AddedToken(f"<|audio_code_{n}|>", normalized=False) for n in range(codes)])
    path.parent.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(path))


def train_planner(
    songs: list[LatentSong], codes: Codes, folder: Path, budget: Budget, recipe: PlannerRecipe = RECIPE
) -> None:
    """Train as long as the budget says, resuming what `folder` holds; writes checkpoint and curves there."""
    torch.manual_seed(recipe.seed)
    run, state = open_run(folder, budget.minutes, {"lm": LM_CONFIG, "songs": len(songs)})
    words = [song.song for song in songs] + compose_words(recipe.composed, recipe.seed)
    path = folder / "tokenizer.json"
    if not path.exists():
        texts = [text for song in words for text in (*song.captions, song.lyrics)]
        write_tokenizer(path, texts, codes.tokenizer.quantizer.codebook_size)
    vocabulary = load_vocabulary(path)
    model = Qwen3ForCausalLM(Qwen3Config(**LM_CONFIG, vocab_size=vocabulary.size)).to(DEVICE)
    optimiser = torch.optim.AdamW(model.parameters(), lr=recipe.rate, betas=(0.9, 0.97), fused=True)
    average = Average(model, recipe.average)
    if state:
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        average.resume(state["average"])

    def save() -> None:
        weights = {"model": model.state_dict(), "average": average.values}
        run.save({**weights, "optimiser": optimiser.state_dict()})

    for step in steps(run, save):
        for group in optimiser.param_groups:
            group["lr"] = recipe.rate * cosine_rate(run.progress)
        mode, ids, wanted = draw_examples((songs, words), codes, vocabulary, recipe, step)
        with mixed():
            logits = model(input_ids=ids).logits
        loss = nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1).float(), wanted[:, 1:].flatten())
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), recipe.clip)
        optimiser.step()
        average.update(model, step)
        run.note({"loss": float(loss.detach()), mode: float(loss.detach())})
    draw_curves(folder)


def export_planner(run: Path, out: Path) -> None:
    """Write a run's averaged weights as a planner folder, fp16, beside the miniature's others."""
    state = torch.load(run / "checkpoint.pt", weights_only=True, map_location="cpu")
    vocabulary = load_vocabulary(run / "tokenizer.json")
    config = LM_CONFIG | {"vocab_size": vocabulary.size, "audio_codes": len(vocabulary.codes)}
    model = Qwen3ForCausalLM(Qwen3Config(**config))
    average = Average(model, 0.0)
    average.resume(state["average"])
    average.copy_to(model)
    folder = out / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    (folder / "tokenizer.json").write_bytes((run / "tokenizer.json").read_bytes())
    weights = {
        k: v.to(torch.float16).contiguous() for k, v in model.state_dict().items() if k != "lm_head.weight"
    }
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
