"""The whole checkpoint as one module tree, named as the published state dict names it."""

from torch import Tensor, nn

from engine.conditions import ConditionEncoder
from engine.config import AceStepConfig
from engine.dit import DiT
from engine.layers import random_parameter
from engine.tokenizer import AudioDetokenizer, AudioTokenizer


class AceStepModel(nn.Module):
    """decoder = DiT, encoder = condition stack, tokenizer and detokenizer = audio codes.

    with_codes: False leaves the two code modules out, for checkpoints that do not carry them.
    """

    def __init__(self, config: AceStepConfig, with_codes: bool = True) -> None:
        super().__init__()
        self.config = config
        self.decoder = DiT(config)
        self.encoder = ConditionEncoder(config)
        self.tokenizer = AudioTokenizer(config) if with_codes else None
        self.detokenizer = AudioDetokenizer(config) if with_codes else None
        self.null_condition_emb = random_parameter(1.0, 1, 1, config.condition_width)

    def null_states(self, like: Tensor) -> Tensor:
        """The learned empty condition in the shape of condition states (B, S, H_enc)."""
        return self.null_condition_emb.to(like.dtype).expand_as(like)
