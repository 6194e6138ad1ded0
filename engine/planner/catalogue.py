"""Which planners are on disk, and where they can be had. Must not import torch."""

import json
from collections.abc import Iterable
from pathlib import Path

from engine.catalogue import MAIN_REPO, WEIGHTS, Offer, Part, Row, bundles, children
from engine.errors import ModelError

TASKS = "plan, understand, codes for text2music"
PATTERNS = ("*.json", "*.safetensors")


def offer(size: str, gigabytes: float) -> Offer:
    """A planner in a repository of its own."""
    name = f"acestep-5Hz-lm-{size}"
    return Offer(name, (Part(f"ACE-Step/{name}", PATTERNS, name),), gigabytes, TASKS)


OFFERS = (
    offer("0.6B", 1.4),
    Offer("acestep-5Hz-lm-1.7B", (Part(MAIN_REPO, ("acestep-5Hz-lm-1.7B/*",)),), 3.7, TASKS),
    offer("4B", 8.4),
)
NEEDED = (("config.json",), ("tokenizer.json",), WEIGHTS)


def find_planners(roots: Iterable[Path]) -> list[Path]:
    """Every complete planner folder under the roots: a root itself, in it, or in a bundle in it."""
    found: dict[Path, None] = {}
    for root in map(Path, roots):
        places = [root, *(place for bundle in bundles(root) for place in children(bundle))]
        found |= dict.fromkeys(place.resolve() for place in places if is_planner(place))
    return list(found)


def planners_table(roots: Iterable[Path]) -> list[Row]:
    """Which planners are installed, then which can be fetched."""
    offers = {item.name: item for item in OFFERS}
    found = {folder.name: folder for folder in find_planners(roots)}
    rows = [
        Row(
            name,
            "installed",
            str(folder),
            offers[name].parts[0].repo if name in offers else "",
            round(sum(file.stat().st_size for file in folder.glob("*.safetensors")) / 1e9, 3),
            (TASKS,),
        )
        for name, folder in found.items()
    ]
    rest = [item for name, item in offers.items() if name not in found]
    return rows + [
        Row(item.name, "downloadable", "", item.parts[0].repo, item.gigabytes, (item.tasks,)) for item in rest
    ]


def is_planner(folder: Path) -> bool:
    """Does this folder hold a whole language model with a name that says it writes 5 Hz codes?"""
    if "5hz-lm" not in folder.name.lower() or not folder.is_dir():
        return False
    if not all(any((folder / name).is_file() for name in names) for names in NEEDED):
        return False
    try:
        return bool(json.loads((folder / "config.json").read_text("utf-8"))["model_type"] == "qwen3")
    except (OSError, ValueError, KeyError, TypeError):
        return False


def codes_of(folder: Path) -> int:
    """How many audio codes a planner writes, if its config.json says so (ours does); 0 if it does not."""
    return int(json.loads((folder / "config.json").read_text("utf-8")).get("audio_codes", 0))


def choose_planner(name: str, roots: Iterable[Path], codes: int = 0) -> Path:
    """The planner of that name, or the first for "", of those whose codes a model can follow that knows
    `codes` of them; 0: its codes do not matter. Raises ModelError naming what to download.
    """
    found = [folder for folder in find_planners(roots) if not codes or codes_of(folder) in (0, codes)]
    named = [folder for folder in found if name in ("", folder.name)]
    if named:
        return named[0]
    have = ", ".join(folder.name for folder in found) or "none"
    others = ", ".join(item.name for item in OFFERS[1:])
    cure = f"Get one with `run_bridge.py models --download {OFFERS[0].name}` (or {others}; Hugging Face)"
    raise ModelError("no-model", f"no planner {name!r} is installed for this model (there: {have}). {cure}")
