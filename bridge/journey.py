"""The way of a job, message -> plan -> task -> audio -> files -> reply, one function per step and kind.

Runs in threads, blocks on files. Knows the grid, the plan and the delivery; knows no sockets, journal or
processes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from bridge.delivery import Delivered, Place, Which
from bridge.folders import allowed_file, allowed_folder
from bridge.grid import Grid
from bridge.pipe import Frame
from bridge.plan import ContextRule
from bridge.sources import SourceFormat
from bridge.uploads import UPLOAD, uploaded_file
from engine.masks import PLAIN, MaskRule
from protocol.json_text import encode_request
from protocol.messages import Project

SIGNATURES = {"2/4": "2", "3/4": "3", "4/4": "4", "6/8": "6"}
"""Time signatures that ACE-Step has a word for; others are left to the grid."""


ENGINE_TASKS = {"generate": "text2music", "vocal2bgm": "complete"}
"""The engine's name of a request's task, where it has another."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a journey needs to know of the daemon."""

    roots: tuple[Path, ...]
    uploads: Path
    takes: Path
    """Where files lie that the client gave no folder for."""
    model: str
    rule: ContextRule
    cannot: Mapping[str, str] = field(default_factory=dict)
    """The engine's tasks that this model was not made for, each with the reason and the way out."""
    weak: Mapping[str, str] = field(default_factory=dict)
    """The engine's tasks that this model does badly, each with what to expect."""
    thinks: bool = False
    """Whether new pieces are planned first unless the request says otherwise."""
    planners: tuple[Path, ...] = ()
    """Folders in which planners are looked for."""
    codes: int = 0
    """How many audio codes the model knows; a planner of another number writes for another model."""
    mask: MaskRule = PLAIN
    """How the model's stems become masks."""


@dataclass(frozen=True, slots=True)
class Order:
    """One job as its client gave it."""

    request: Any
    """Repaint | Generate"""
    project: Project
    seed: int


@dataclass(frozen=True, slots=True)
class Route:
    """An order, planned. source, reference (audio whose timbre is wanted): None when there is none."""

    order: Order
    grid: Grid
    plan: Any
    source: SourceFormat | None = None
    reference: SourceFormat | None = None
    more: tuple[Any, ...] = ()
    """Plans of further regions."""
    thought: Any = None
    """What a planner, or the client in its place, decides for a new piece (bridge.thinking)."""
    weak: str = ""
    """What to expect of a task that the model does badly; empty when it does not."""
    mask: MaskRule = PLAIN
    """How stems become masks."""
    old_lyrics: str | None = None
    """The text of the LRC to merge new lyrics into, as it was when the job was planned; None for none."""


def one_pass(route: Route) -> int:
    """The whole job at once."""
    return 1


def keep_nothing(route: Route, index: int, rendered: Frame, folder: Path) -> None:
    """For jobs of one pass: `deliver` gets what it made."""


@dataclass(frozen=True, slots=True)
class Journey:
    """The steps that differ between kinds of jobs."""

    plan: Callable[[Setting, Order], Route]
    task: Callable[[str, Route, int], Frame]
    """The frame of one pass, counted from 0."""
    deliver: Callable[[Route, Frame, Place, Mapping[str, Any]], Delivered]
    reply: Callable[[Route, Delivered, str, Mapping[str, Any]], Any]
    passes: Callable[[Route], int] = one_pass
    """How many turns of the engine it takes."""
    keep: Callable[[Route, int, Frame, Path], None] = keep_nothing
    """Puts what a pass made into a folder of the job's own; `deliver` gets the last pass alone."""


# --- before the engine


def choose_seed(request: Any) -> int:
    """The seed the client gave, or one that follows from its id: the same at every start."""
    return (
        request.seed
        if request.seed >= 0
        else int.from_bytes(sha256(request.request_id.encode()).digest()[:4])
    )


def folder_of(setting: Setting, request: Any) -> Path:
    """Where its files will lie. Raises ProtocolError."""
    return allowed_folder(request.out, setting.roots) if request.out else setting.takes


def find_source(setting: Setting, source: str) -> Path:
    """The file behind a `source` field. Raises ProtocolError."""
    if source.startswith(UPLOAD):
        return uploaded_file(setting.uploads, source)
    return allowed_file(source, setting.roots)


def words(route: Route, samples: int) -> dict[str, Any]:
    """Prompt and settings, as the engine's own fields; samples: of the window at 48 kHz."""
    request, plan = route.order.request, route.plan
    prompt = {
        "caption": request.caption,
        "lyrics": getattr(request, "lyrics", ""),
        "language": getattr(request, "language", "en"),
        "bpm": plan.bpm,
        "keyscale": getattr(request, "key", "") or route.order.project.key,
        "timesignature": SIGNATURES.get(plan.meter, ""),
        "duration_s": samples / 48_000,
    }
    settings = {
        "seed": route.order.seed,
        "steps": request.steps or None,
        "guidance": float(request.guidance) or None,
        "strength": float(getattr(request, "strength", 1)),
        "takes": getattr(request, "takes", 1),
    }
    return {"prompt": prompt, "settings": settings}


# --- after the engine


def place_of(route: Route, folder: Path, when: float) -> Place:
    """Where the delivery writes. when: unix seconds."""
    request = route.order.request
    stem = route.source.path.stem if route.source is not None else route.order.project.name
    which: Which = getattr(request, "deliver", "take")
    return Place(folder, stem, request.request_id, datetime.fromtimestamp(when), which)


def provenance(route: Route, rendered: Frame, model: Mapping[str, Any]) -> dict[str, Any]:
    """What makes the result again, as JSON values."""
    order = route.order
    return {
        "request": msgspec.json.decode(encode_request(order.request)),
        "project": msgspec.json.decode(encode_request(order.project)),
        "seed": order.seed,
        "model": dict(model),
        "seconds": rendered.values["seconds"],
    }


def text_of(path: Path | None) -> str:
    """A path as text, empty for none."""
    return "" if path is None else str(path)


def seconds_text(seconds: Mapping[str, Any]) -> str:
    """Times by stage as JSON, to the millisecond."""
    return msgspec.json.encode({stage: round(float(spent), 3) for stage, spent in seconds.items()}).decode()


def seeds_text(seed: int, takes: int) -> tuple[str, ...]:
    """The seed of each take, as the engine chooses them (engine/tasks/takes.py), as digits."""
    return (str(seed), *(str((seed + index) % 2**32) for index in range(1, takes)))
