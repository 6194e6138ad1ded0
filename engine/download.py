"""Official checkpoints from the Hugging Face hub into a bundle folder. Must not import torch."""

from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from engine.catalogue import OFFERS, Offer, Part
from engine.errors import ModelError
from engine.planner.catalogue import OFFERS as PLANNERS

OnFile = Callable[[str, int, int], None]


def find_offer(name: str) -> Offer:
    """The offer of that name. Raises ModelError."""
    known = {offer.name: offer for offer in (*OFFERS, *PLANNERS)}
    if name not in known:
        raise ModelError("no-model", f"{name!r} is not an official checkpoint; there are: {', '.join(known)}")
    return known[name]


def download(name: str, folder: Path, on_file: OnFile, hub: Any = None) -> Path:
    """Fetches what `name` lacks in the bundle `folder`; returns its DiT folder.

    on_file: called with (file, bytes done, bytes of all) before every file and once at the end; may raise to
    stop.  hub: an object like the huggingface_hub module, which is the default.
    Raises ModelError, and whatever the hub raises when it cannot be reached.
    """
    wanted = find_offer(name)
    hub = hub or import_hub()
    files = [(part, *entry) for part in wanted.parts for entry in list_files(hub, part)]
    total, done = sum(size for _, _, size in files), 0
    for part, file, size in files:
        on_file(file, done, total)
        target = folder / part.folder
        if not ((target / file).is_file() and (target / file).stat().st_size == size):
            hub.hf_hub_download(part.repo, file, local_dir=str(target))
        done += size
    on_file("", done, total)
    return folder / name


def import_hub() -> Any:
    """huggingface_hub, imported only when something is fetched."""
    import huggingface_hub

    return huggingface_hub


def list_files(hub: Any, part: Part) -> list[tuple[str, int]]:
    """(file, bytes) of a repository that match the part's patterns. Raises ModelError when none does."""
    found = hub.HfApi().model_info(part.repo, files_metadata=True).siblings
    files = [(item.rfilename, item.size or 0) for item in found if matches(item.rfilename, part.patterns)]
    if not files:
        raise ModelError("no-file", f"{part.repo} on Hugging Face has none of {', '.join(part.patterns)}")
    return files


def matches(file: str, patterns: tuple[str, ...]) -> bool:
    """Is this one of the files meant? `*` also crosses folders, so flat patterns take no nested file."""
    return any(fnmatch(file, pattern) and file.count("/") == pattern.count("/") for pattern in patterns)
