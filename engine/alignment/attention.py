"""Cross-attention probabilities of chosen heads, from one pass that ends at the last of them."""

import torch
from torch import Tensor

from engine.alignment.heads import Heads
from engine.dit import DiT
from engine.layers import rope_tables, self_masks


@torch.no_grad()
def cross_attention(
    decoder: DiT, inputs: tuple[Tensor, float, Tensor, Tensor], heads: Heads, rows: tuple[int, int]
) -> Tensor:
    """What share of its attention each audio token pays to condition states rows = (first, stop).

    inputs: latents at t (1, T, latent), t, context (1, T, 2 latent + grid), condition states (1, S, H_enc).
    Returns fp32 (heads, stop - first, ceil(T / 2)), heads in the table's order; one audio token is two latent
    frames, 80 ms.  The softmax is over all S states, so a column of the rows returned sums to 1 at most.
    Layers after the last one named are not run, nor what the last one does after its cross-attention.
    """
    xt, t, context, states = inputs
    config, wanted = decoder.config, dict(heads)
    _, time = decoder.times(torch.full((1,), t, device=xt.device))
    embedded = decoder.condition_embedder(states)
    x = decoder.patchify(torch.cat((context, xt.to(context.dtype)), dim=-1))  # (1, tokens, H)
    rope = rope_tables(x.shape[1], config.head_dim, config.rope_theta, x)
    masks = self_masks(x.shape[1], config.sliding_window, None, x)
    last, found = max(wanted), []
    for index, layer in enumerate(decoder.layers[: last + 1]):
        mask = masks[config.window(index) is not None]
        heard, modulations = layer.cross_attn.keys_values(embedded), layer.modulations(time, x)
        x = layer.listen(x, modulations, rope, mask)
        if index in wanted:
            asked = layer.cross_attn.queries(layer.cross_attn_norm(x))[0]  # (heads, tokens, D)
            found += [probabilities(asked, heard[0][0], head, rows) for head in wanted[index]]
        if index < last:
            x = layer.answer(x, modulations, (heard, None))
    return torch.stack(found)


def probabilities(queries: Tensor, keys: Tensor, head: int, rows: tuple[int, int]) -> Tensor:
    """One head's probabilities of the rows, fp32 (rows, tokens).

    queries: (heads, tokens, D).  keys: (groups, S, D); as many heads in order share each group.
    """
    key = keys[head * keys.shape[0] // queries.shape[0]].float()
    scores = key @ queries[head].float().T * queries.shape[-1] ** -0.5  # (S, tokens)
    return scores.softmax(0)[rows[0] : rows[1]]
