"""Which checkpoints are on disk, what they lack, and what can be fetched. Must not import torch.

A bundle folder holds DiT folders beside one `vae/` and one text-encoder folder, as the official repository
does: acestep-v15-turbo, vae, Qwen3-Embedding-0.6B. The shipped miniature has the same layout.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.abilities import BASIC, EVERY, refusal
from engine.alignment.heads import refusal_to_align
from engine.config import AceStepConfig, read_config
from engine.errors import ModelError
from engine.masks import PLAIN, MaskRule, rule_of

SHIPPED = Path(__file__).parent / "weights"
MAIN_REPO = "ACE-Step/Ace-Step1.5"
TEXT_ENCODERS = ("Qwen3-Embedding-0.6B", "text-encoder")
VAE_WEIGHTS = ("diffusion_pytorch_model.safetensors",)
WEIGHTS = ("model.safetensors", "model.safetensors.index.json")
SILENCE = ("silence_latent.safetensors", "silence_latent.pt")


@dataclass(frozen=True, slots=True)
class Part:
    """Files of a hub repository, and the folder of a bundle they go into."""

    repo: str
    patterns: tuple[str, ...]
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """A checkpoint that can be fetched. gigabytes: with VAE and text encoder, about."""

    name: str
    parts: tuple[Part, ...]
    gigabytes: float
    tasks: str


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A DiT folder found on disk with the folders it needs. missing: sentences, empty when complete."""

    name: str
    dit: Path
    vae: Path
    text_encoder: Path
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the models table. state: "installed", "incomplete" or "downloadable"."""

    name: str
    state: str
    folder: str
    repo: str
    gigabytes: float
    notes: tuple[str, ...]


COMMON = Part(MAIN_REPO, ("vae/*", "Qwen3-Embedding-0.6B/*"))
FILES = ("config.json", "*.safetensors", "*.safetensors.index.json", "silence_latent.pt")
BASIC_TASKS, ALL_TASKS = ", ".join(BASIC), ", ".join(EVERY)


def offer(variant: str, gigabytes: float, tasks: str) -> Offer:
    """An official checkpoint that lives in a repository of its own."""
    name = f"acestep-v15-{variant}"
    return Offer(name, (COMMON, Part(f"ACE-Step/{name}", FILES, name)), gigabytes, tasks)


OFFERS = (
    Offer("acestep-v15-turbo", (COMMON, Part(MAIN_REPO, ("acestep-v15-turbo/*",))), 6.3, BASIC_TASKS),
    offer("base", 6.3, ALL_TASKS),
    offer("sft", 6.3, BASIC_TASKS),
    offer("turbo-shift1", 6.3, BASIC_TASKS),
    offer("turbo-shift3", 6.3, BASIC_TASKS),
    offer("turbo-continuous", 6.3, BASIC_TASKS),
    offer("xl-turbo", 11.5, BASIC_TASKS),
    offer("xl-base", 11.5, ALL_TASKS),
    offer("xl-sft", 11.5, BASIC_TASKS),
)


def find_checkpoints(roots: Iterable[Path]) -> list[Checkpoint]:
    """Every checkpoint under the roots, complete or not.

    A root is a bundle, a folder of bundles or a DiT folder.
    """
    found: dict[Path, Checkpoint] = {}
    for root in roots:
        folder = Path(root).expanduser()
        dits = [folder] if is_dit(folder) else [dit for bundle in bundles(folder) for dit in children(bundle)]
        for dit in filter(is_dit, dits):
            found.setdefault(dit.resolve(), describe(dit))
    return list(found.values())


def bundles(root: Path) -> list[Path]:
    """A root and the folders in it."""
    return [root, *children(root)]


def children(folder: Path) -> list[Path]:
    """The folders in a folder, by name; none when it is not there."""
    return sorted(path for path in folder.glob("*") if path.is_dir())


def is_dit(folder: Path) -> bool:
    """Does this folder hold, or claim by its name to hold, a DiT?"""
    if folder.name.startswith("acestep-v15-") or folder.name.endswith("-dit"):
        return folder.is_dir()
    try:
        return bool(json.loads((folder / "config.json").read_text("utf-8"))["model_type"] == "acestep")
    except (OSError, ValueError, KeyError, TypeError):
        return False


def describe(dit: Path) -> Checkpoint:
    """The checkpoint around a DiT folder, and what it lacks."""
    bundle = dit.parent
    text_encoder = next((bundle / name for name in TEXT_ENCODERS if (bundle / name).is_dir()), None)
    text_encoder = text_encoder or bundle / TEXT_ENCODERS[0]
    checkpoint = Checkpoint(dit.name.removesuffix("-dit"), dit, bundle / "vae", text_encoder)
    missing = tuple(f"{path} is missing. {remedy(checkpoint.name)}" for path in missing_files(checkpoint))
    return Checkpoint(checkpoint.name, dit, checkpoint.vae, text_encoder, missing)


def missing_files(checkpoint: Checkpoint) -> Iterator[Path]:
    """The files a checkpoint cannot be loaded without and does not have."""
    needed = (
        (checkpoint.dit, ("config.json",)),
        (checkpoint.dit, WEIGHTS),
        (checkpoint.dit, SILENCE),
        (checkpoint.vae, ("config.json",)),
        (checkpoint.vae, VAE_WEIGHTS),
        (checkpoint.text_encoder, ("config.json",)),
        (checkpoint.text_encoder, ("tokenizer.json",)),
        (checkpoint.text_encoder, WEIGHTS),
    )
    for folder, names in needed:
        if not any((folder / name).is_file() for name in names):
            yield folder / names[-1 if names == SILENCE else 0]
    for folder in (checkpoint.dit, checkpoint.text_encoder):
        if not (folder / WEIGHTS[0]).is_file():
            yield from (path for path in shards(folder) if not path.is_file())


def shards(folder: Path) -> list[Path]:
    """The weight files of a folder: the single one, or those its index names."""
    index = folder / WEIGHTS[1]
    if (folder / WEIGHTS[0]).is_file() or not index.is_file():
        return [folder / WEIGHTS[0]]
    names = json.loads(index.read_text("utf-8"))["weight_map"].values()
    return [folder / name for name in sorted(set(names))]


def remedy(name: str) -> str:
    """How to get what is missing of a checkpoint."""
    known = next((item for item in OFFERS if item.name == name), None)
    if known is None:
        return "Restore it from where this checkpoint came from."
    repos = " and ".join(dict.fromkeys(part.repo for part in known.parts))
    return f"Get it with `run_bridge.py models --download {name}` (Hugging Face: {repos})."


def choose(name: str, roots: Iterable[Path]) -> Checkpoint:
    """The complete checkpoint of that name, or the first complete one for name "". Raises ModelError."""
    places = [Path(root) for root in roots]
    found = find_checkpoints(places)
    named = [item for item in found if name in ("", item.name)]
    complete = [item for item in named if not item.missing]
    if complete:
        return complete[0]
    if named:
        raise ModelError("no-file", named[0].missing[0])
    have = ", ".join(item.name for item in found) or "none"
    searched = ", ".join(map(str, places)) or "nowhere"
    raise ModelError("no-model", f"no checkpoint {name!r} under {searched} (there: {have}). {remedy(name)}")


def models_table(roots: Iterable[Path]) -> list[Row]:
    """What is installed, then what can be fetched."""
    found = find_checkpoints(roots)
    offers = {item.name: item for item in OFFERS}
    rows = []
    for item in found:
        state = "incomplete" if item.missing else "installed"
        known = offers.get(item.name)
        repo = known.parts[-1].repo if known else ""
        size = round(sum(path.stat().st_size for path in weight_files(item)) / 1e9, 3)
        rows.append(Row(item.name, state, str(item.dit), repo, size, item.missing))
    names = {item.name for item in found}
    rest = [item for item in OFFERS if item.name not in names]
    return rows + [
        Row(item.name, "downloadable", "", item.parts[-1].repo, item.gigabytes, (item.tasks,))
        for item in rest
    ]


def weight_files(checkpoint: Checkpoint) -> list[Path]:
    """The safetensors files of a checkpoint that exist: DiT, VAE, text encoder."""
    vae = [checkpoint.vae / name for name in VAE_WEIGHTS]
    files = [*shards(checkpoint.dit), *vae, *shards(checkpoint.text_encoder)]
    return [path for path in files if path.is_file()]


@dataclass(frozen=True, slots=True)
class Traits:
    """What a checkpoint's config.json says of it. cannot: tasks that it was not made for, weak: those it does
    badly, each with the reason; thinks: new pieces are to be planned first; codes: how many audio codes it
    knows, 0 where that cannot be told; mask: how its stems become masks.
    """

    cannot: Mapping[str, str]
    weak: Mapping[str, str]
    thinks: bool
    codes: int
    mask: MaskRule


def traits_of(checkpoint: Checkpoint) -> Traits:
    """A checkpoint's traits; none where its config cannot be read."""
    try:
        config = read_config(checkpoint.dit)
    except ModelError:
        return Traits({}, {}, False, 0, PLAIN)
    cannot, weak = refusals(config, checkpoint.name), dict(config.weak_tasks)
    return Traits(cannot, weak, config.default_thinking, config.codebook_size, rule_of(config))


def refusals(config: AceStepConfig, name: str) -> dict[str, str]:
    """Every task that a checkpoint was not made for, with the reason."""
    reasons = {task: refusal(config, name, task) for task in EVERY}
    reasons["align"] = refusal_to_align(config)
    return {task: text for task, text in reasons.items() if text}
