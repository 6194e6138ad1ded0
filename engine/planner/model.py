"""The language model itself: transformers' Qwen3 with a cache of our own keeping, loaded from a folder."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from engine.errors import ModelError, TaskError
from engine.planner.grammar import Allowed, Grammar, build_grammar
from engine.planner.vocabulary import Vocabulary, load_vocabulary

if TYPE_CHECKING:
    from transformers import Qwen3ForCausalLM


@dataclass(frozen=True, slots=True, eq=False)
class Planner:
    """A planner in memory. longest: positions it was made for."""

    qwen: "Qwen3ForCausalLM"
    grammar: Grammar
    device: torch.device
    name: str
    longest: int

    @property
    def vocabulary(self) -> Vocabulary:
        """Its tokens."""
        return self.grammar.vocabulary

    def logits(self, states: Tensor, choice: Allowed) -> Tensor:
        """(B, H) -> (B, rows) fp32: only the rows that may be chosen are computed."""
        rows = choice.rows if isinstance(choice.rows, slice) else choice.rows.to(self.device)
        return torch.nn.functional.linear(states, self.qwen.lm_head.weight[rows]).float()


def load_planner(folder: str | Path, device: torch.device, dtype: torch.dtype | None = None) -> Planner:
    """A Qwen3 folder with audio-code tokens: config.json, tokenizer.json, weights.

    dtype: None picks what suits the device. Raises ModelError naming the file or tensor that is wrong.
    """
    from transformers.models.qwen3.modeling_qwen3 import Qwen3ForCausalLM  # not from the top: seconds
    from transformers.utils.logging import disable_progress_bar

    from engine.store import choose_dtype, read_json

    place = Path(folder)
    values = read_json(place / "config.json")
    if values.get("model_type") != "qwen3":
        raise ModelError("bad-config", f"{place}: model_type {values.get('model_type')!r}; qwen3 expected")
    vocabulary = load_vocabulary(place / "tokenizer.json")
    if vocabulary.size > int(values["vocab_size"]):
        text = f"{place}: {vocabulary.size} tokens do not fit {values['vocab_size']} rows of the model"
        raise ModelError("bad-config", text)
    size = sum(file.stat().st_size for file in place.glob("*.safetensors")) // 2  # parameters, at bf16
    disable_progress_bar()
    try:
        qwen, report = Qwen3ForCausalLM.from_pretrained(
            place,
            dtype=dtype or choose_dtype(device, size),
            local_files_only=True,
            output_loading_info=True,
            attn_implementation="sdpa",
        )
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelError("bad-weights", f"{place}: {' '.join(str(error).split())[:300]}") from error
    wrong = sorted(str(name) for kind in ("missing_keys", "mismatched_keys") for name in report[kind])
    if wrong:
        raise ModelError("bad-weights", f"{place}: {len(wrong)} tensors missing or misshapen: {wrong[0]}")
    longest = int(values.get("max_position_embeddings", 32_768))
    qwen = qwen.eval().requires_grad_(False).to(device)
    return Planner(qwen, build_grammar(vocabulary), device, place.name, longest)


class Reader:
    """What a planner has read so far, as keys and values: prompts of a batch side by side.

    It owns the cache, which grows with every `feed`. Prompts of unequal length are filled up on the left and
    the filling is masked out, so that each reads as if it were alone.
    """

    def __init__(self, planner: Planner) -> None:
        from transformers import DynamicCache

        self._planner = planner
        self._cache = DynamicCache()
        self._mask: Tensor | None = None  # (B, tokens so far), None while nothing is filled up
        self.length = 0

    def start(self, prompts: Sequence[Sequence[int]]) -> Tensor:
        """Reads the prompts; returns the last states (B, H)."""
        widest = max(map(len, prompts))
        rows = [[0] * (widest - len(prompt)) + list(prompt) for prompt in prompts]
        if any(len(prompt) < widest for prompt in prompts):
            marks = [[0] * (widest - len(prompt)) + [1] * len(prompt) for prompt in prompts]
            self._mask = torch.tensor(marks, device=self._planner.device)
        return self.states(rows)[:, -1]

    def feed(self, tokens: Sequence[int], batch: int = 1) -> Tensor:
        """Reads the same tokens in every prompt; returns the last states (B, H)."""
        if self._mask is not None:
            more = self._mask.new_ones(batch, len(tokens))
            self._mask = torch.cat((self._mask, more), dim=1)
        return self.states([list(tokens)] * batch)[:, -1]

    @torch.no_grad()
    def states(self, rows: Sequence[Sequence[int]]) -> Tensor:
        """Reads (B, n) tokens; returns all their states (B, n, H). Raises TaskError when it is full."""
        ids = torch.tensor(rows, device=self._planner.device)
        self.length += ids.shape[1]
        if self.length > self._planner.longest:
            name, most = self._planner.name, self._planner.longest
            raise TaskError("too-long", f"{self.length} tokens, but {name} reads {most}")
        more: dict[str, Any] = {}
        if self._mask is not None:
            places = (self._mask.cumsum(1) - 1).clamp(min=0)
            more = {"attention_mask": self._mask, "position_ids": places[:, -ids.shape[1] :]}
        model = self._planner.qwen.model
        found: Tensor = model(
            input_ids=ids, past_key_values=self._cache, use_cache=True, **more
        ).last_hidden_state
        return found
