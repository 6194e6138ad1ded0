"""Which cross-attention heads follow the lyrics: a fact about a checkpoint, kept in its config.json."""

from collections.abc import Iterable

from engine.config import HEADS as KEY
from engine.config import AceStepConfig
from engine.errors import ModelError, TaskError

Heads = tuple[tuple[int, tuple[int, ...]], ...]
"""(layer, heads) pairs, layers rising."""

DEFAULT_2B: Heads = ((2, (6,)), (3, (10, 11)), (4, (3,)), (5, (8, 9)), (6, (8,)))


def make_table(pairs: Iterable[tuple[int, int]]) -> Heads:
    """(layer, head) pairs in any order as a table."""
    table: dict[int, set[int]] = {}
    for layer, head in pairs:
        table.setdefault(layer, set()).add(head)
    return tuple((layer, tuple(sorted(table[layer]))) for layer in sorted(table))


def heads_to_json(heads: Heads) -> dict[str, list[int]]:
    """The table as config.json holds it."""
    return {str(layer): list(of_layer) for layer, of_layer in heads}


def every_head(config: AceStepConfig) -> Heads:
    """All heads of all layers."""
    each = tuple(range(config.num_attention_heads))
    return tuple((layer, each) for layer in range(config.num_hidden_layers))


def alignment_heads(config: AceStepConfig) -> Heads:
    """The checkpoint's table; the 2B family's own where a 2B config does not say.

    Raises TaskError "no-task" for every other checkpoint without a table (upstream takes the 2B heads then,
    which mean nothing in another model), and ModelError when the table names a head that is not there.
    """
    heads: Heads = config.lyric_alignment_layers_config
    if not heads and is_2b(config):
        heads = DEFAULT_2B
    if not heads:
        text = f"this checkpoint's config.json has no {KEY}; find its heads with find_alignment_heads"
        raise TaskError("no-task", text)
    check_heads(config, heads)
    return heads


def refusal_to_align(config: AceStepConfig) -> str:
    """Why this checkpoint cannot follow lyrics; "" when it can."""
    try:
        alignment_heads(config)
    except (TaskError, ModelError) as error:
        return error.text
    return ""


def is_2b(config: AceStepConfig) -> bool:
    """Whether the DiT has the 2B family's shape."""
    shape = (config.hidden_size, config.num_hidden_layers, config.num_attention_heads)
    return shape == (2048, 24, 16)


def check_heads(config: AceStepConfig, heads: Heads) -> None:
    """Raises ModelError when a head is not in the model."""
    for layer, of_layer in heads:
        if not 0 <= layer < config.num_hidden_layers:
            raise ModelError("bad-config", f"{KEY}: layer {layer} of {config.num_hidden_layers}")
        for head in of_layer:
            if not 0 <= head < config.num_attention_heads:
                raise ModelError("bad-config", f"{KEY}: head {head} of {config.num_attention_heads}")
