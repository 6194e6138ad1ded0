"""A blueprint: everything a song is planned with, as a value and as YAML that people and scripts can edit."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import yaml

from engine.errors import TaskError
from engine.planner.limits import CAPTION_CHARS, CHECKS, CLOSED, FIELDS, Span, check_text

YAML_CHARS = 65_536
NESTING = "an alias, a tag or a nested value"


@dataclass(frozen=True, slots=True)
class Blueprint:
    """Fields that are None or empty are not decided.

    bpm: quarter notes a minute, 30..300.  caption: one line.  duration: whole seconds, 10..600.
    keyscale: as "C# minor".  language: ISO code of the lyrics.  timesignature: "2", "3", "4" or "6".
    """

    bpm: int | None = None
    caption: str = ""
    duration: int | None = None
    keyscale: str = ""
    language: str = ""
    timesignature: str = ""
    lyrics: str = ""

    @property
    def texts(self) -> dict[str, str]:
        """The decided fields of the chain of thought, as text, in its order."""
        values = {name: getattr(self, name) for name in FIELDS}
        return {name: str(value) for name, value in values.items() if value not in (None, "")}


def build_blueprint(texts: Mapping[str, str]) -> Blueprint:
    """A blueprint of checked fields. Raises TaskError naming field, rule and value."""
    known = [field.name for field in fields(Blueprint)]
    values: dict[str, Any] = {}
    for name, text in texts.items():
        if name not in known:
            raise TaskError(
                "unknown-field", f"{name!r} is no field of a blueprint; there are {', '.join(known)}"
            )
        if name == "lyrics":
            values[name] = check_text(name, text, CAPTION_CHARS)
        elif text.strip():
            checked = CHECKS[name](text)
            values[name] = int(checked) if isinstance(CLOSED.get(name), Span) else checked
    return Blueprint(**values)


class _Block(str):
    """A text of several lines, written as a literal block."""


def _write_block(dumper: yaml.SafeDumper, text: _Block) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style="|")


class _Dumper(yaml.SafeDumper):
    """SafeDumper that writes lyrics as people write them; YAML itself quotes what a block cannot hold."""


_Dumper.add_representer(_Block, _write_block)


def to_yaml(blueprint: Blueprint) -> str:
    """YAML with one key for each decided field, in a fixed order; any script's letters stay as they are."""
    values: dict[str, Any] = dict(blueprint.texts)
    values |= {name: int(values[name]) for name in ("bpm", "duration") if name in values}
    if blueprint.lyrics:
        values["lyrics"] = _Block(blueprint.lyrics)
    return yaml.dump(values, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1_000_000)


def from_yaml(text: str) -> Blueprint:
    """The blueprint a text holds. Raises TaskError saying what is wrong where."""
    return build_blueprint(read_mapping(text))


def read_mapping(text: str) -> dict[str, str]:
    """The keys and scalars of a YAML mapping, all as text: "no" stays Norwegian and 4 stays "4"."""
    if len(text) > YAML_CHARS:
        raise TaskError("too-long", f"the blueprint has {len(text)} characters, allowed are {YAML_CHARS}")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        raise TaskError(
            "malformed", f"the blueprint is no YAML: {' '.join(str(error).split())[:300]}"
        ) from error
    if node is None:
        return {}
    if not isinstance(node, yaml.MappingNode):
        raise TaskError("wrong-type", "the blueprint is no mapping of fields to values")
    found: dict[str, str] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode) or not isinstance(value, yaml.ScalarNode):
            raise TaskError(
                "wrong-type", f"{str(key.value)[:40]!r} holds {NESTING}, allowed are plain values"
            )
        if key.value in found:
            raise TaskError("duplicate-field", f"{key.value!r} is given twice")
        is_empty = value.tag == "tag:yaml.org,2002:null"
        found[key.value] = "" if is_empty else value.value
    return found


def thought_yaml(texts: Mapping[str, str]) -> str:
    """The inside of a chain of thought, folded as the models were trained on it (80 columns, sorted keys)."""
    values: dict[str, Any] = {
        name: int(text) if text.isascii() and text.isdigit() and name != "caption" else text
        for name, text in texts.items()
    }
    return yaml.safe_dump(values, allow_unicode=True, sort_keys=True) if values else ""
