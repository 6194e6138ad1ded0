"""The condition stack: prompt, lyrics and reference timbre packed into the states the DiT attends to."""

import torch
from torch import Tensor, nn

from engine.config import AceStepConfig
from engine.layers import RMSNorm, encoder_layers, random_parameter, run_layers


class LyricEncoder(nn.Module):
    """Lyric token embeddings (B, L, text width) -> (B, L, H)."""

    def __init__(self, config: AceStepConfig) -> None:
        super().__init__()
        self.config = config
        self.embed_tokens = nn.Linear(config.text_hidden_dim, config.hidden_size)
        self.layers = encoder_layers(config, config.num_lyric_encoder_hidden_layers)
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)

    def forward(self, lyrics: Tensor, valid: Tensor | None = None) -> Tensor:
        """valid: (B, L) bool, True for real tokens; None: all are."""
        return self.norm(run_layers(self.layers, self.config, self.embed_tokens(lyrics), valid))


class TimbreEncoder(nn.Module):
    """Reference latents (B, frames, latent) -> one state (B, 1, H).

    The 2B models read the first frame's state; XL puts a learned token in front and reads that.
    """

    def __init__(self, config: AceStepConfig, prepend: bool) -> None:
        super().__init__()
        self.config = config
        self.prepend = prepend
        self.embed_tokens = nn.Linear(config.timbre_hidden_dim, config.hidden_size)
        self.special_token = random_parameter(1.0, 1, 1, config.hidden_size)
        self.layers = encoder_layers(config, config.num_timbre_encoder_hidden_layers)
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)

    def forward(self, reference: Tensor) -> Tensor:
        x = self.embed_tokens(reference)
        if self.prepend:
            x = torch.cat((self.special_token.to(x.dtype).expand(x.shape[0], -1, -1), x), dim=1)
        return self.norm(run_layers(self.layers, self.config, x)[:, :1])


def pack(parts: list[Tensor], masks: list[Tensor]) -> tuple[Tensor, Tensor]:
    """Join state sequences with every real state first, in order, and padding last.

    parts: (B, L_i, H) each.  masks: (B, L_i) bool, True for real.  Returns (B, sum L, H) and (B, sum L) bool.
    """
    states, valid = torch.cat(parts, dim=1), torch.cat(masks, dim=1)
    order = valid.to(torch.uint8).argsort(dim=1, descending=True, stable=True)
    states = states.gather(1, order[:, :, None].expand(states.shape))
    return states, valid.gather(1, order)


class ConditionEncoder(nn.Module):
    """Text, lyrics and timbre to states (B, L + 1 + S, H_enc): lyrics, timbre, text."""

    def __init__(self, config: AceStepConfig) -> None:
        super().__init__()
        stack = config.condition_stack()
        self.text_projector = nn.Linear(stack.text_hidden_dim, stack.hidden_size, bias=False)
        self.lyric_encoder = LyricEncoder(stack)
        self.timbre_encoder = TimbreEncoder(stack, config.has_timbre_token)

    def forward(
        self,
        text: Tensor,
        lyrics: Tensor,
        timbre: Tensor,
        text_mask: Tensor | None = None,
        lyric_mask: Tensor | None = None,
    ) -> tuple[Tensor, Tensor | None]:
        """States and their mask (None when no mask is given: everything is real).

        text: last hidden states (B, S, text width).  lyrics: token embeddings (B, L, text width).
        timbre: reference latents (B, frames, latent); a batch of one serves every item.
        """
        timbre_state = self.timbre_encoder(timbre).expand(text.shape[0], -1, -1)
        parts = [self.lyric_encoder(lyrics, lyric_mask), timbre_state, self.text_projector(text)]
        if text_mask is None and lyric_mask is None:
            return torch.cat(parts, dim=1), None
        given = (lyric_mask, None, text_mask)
        masks = [
            torch.ones(part.shape[:2], dtype=torch.bool, device=part.device) if mask is None else mask.bool()
            for part, mask in zip(parts, given, strict=True)
        ]
        return pack(parts, masks)
