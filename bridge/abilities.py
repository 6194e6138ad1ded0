"""What this daemon can do, as plain JSON objects: what `describe` answers."""

from collections.abc import Callable
from typing import Any

from bridge.journey import ENGINE_TASKS
from bridge.parts import Bridge
from bridge.sources import ACCEPTED, RATE_MAX, RATE_MIN
from engine.catalogue import models_table
from engine.planner.catalogue import find_planners
from protocol.describe import describe_limits, describe_messages

TASKS: dict[str, str] = {
    "repaint": "makes a region of a source anew, as long as the grid says; the rest stays bit for bit",
    "generate": "makes a new piece from words, exactly as long as the grid says",
    "extract": "takes stems out of a source; masked ones and their remainder add up to it",
    "lego": "makes a layer of one class for a region of a source",
    "complete": "makes tracks of some classes around a source",
    "vocal2bgm": "makes a backing for a voice",
    "cover": "makes a source's piece anew in another style",
    "plan": "plans a song from words: tempo, key, caption, lyrics and audio codes (needs a planner)",
    "understand": "measures tempo, key and loudness of a source; a planner adds caption and lyrics",
    "align": "finds out when known lyrics are sung in a source: LRC, subtitles, MIDI, REAPER text",
}


def describe(bridge: Bridge, what: str, name: str) -> dict[str, Any]:
    """One part, or all of them by name. Raises ProtocolError when there is no message of that name."""
    parts: dict[str, Callable[[Bridge], dict[str, Any]]] = {
        "models": describe_models,
        "tasks": describe_tasks,
        "limits": describe_all_limits,
        "formats": lambda _: describe_formats(),
        "messages": lambda _: describe_messages(name),
    }
    if what == "all":
        return {part: describe_part(bridge) for part, describe_part in parts.items()}
    return parts[what](bridge)


def describe_tasks(bridge: Bridge) -> dict[str, Any]:
    """What can be asked for; of what this model cannot do, why, and of what it does badly, what to expect."""
    told = {}
    for task, doc in TASKS.items():
        name = ENGINE_TASKS.get(task, task)
        cannot, weak = bridge.setting.cannot.get(name), bridge.setting.weak.get(name)
        told[task] = doc + (f" (not now: {cannot})" if cannot else f" (weak: {weak})" if weak else "")
    return told


def describe_models(bridge: Bridge) -> dict[str, Any]:
    """The loaded model with what the engine says of it, what else is here or can be had, and planners."""
    rows = models_table(bridge.config.model_roots)
    return {
        "loaded": bridge.setting.model,
        "engine": dict(bridge.worker.facts),
        "installed": [row.name for row in rows if row.state == "installed"],
        "downloadable": [row.name for row in rows if row.state == "downloadable"],
        "planners": [folder.name for folder in find_planners(bridge.setting.planners)],
    }


def describe_all_limits(bridge: Bridge) -> dict[str, Any]:
    """The protocol's limits, and this daemon's own."""
    limits, rule = bridge.config.limits, bridge.setting.rule
    return describe_limits() | {
        "queue_jobs": {"value": limits.jobs, "unit": "jobs", "doc": "most that wait"},
        "client_jobs": {
            "value": limits.jobs_per_client,
            "unit": "jobs",
            "doc": "most that wait of one client",
        },
        "subscribers": {"value": limits.subscribers, "unit": "", "doc": "most that notify"},
        "window_s": {
            "value": float(rule.max_window_s),
            "unit": "s",
            "doc": "most that the model sees at once",
        },
    }


def describe_formats() -> dict[str, Any]:
    """What is read and written."""
    return {
        "sources": ACCEPTED,
        "source_rates": {"from": RATE_MIN, "to": RATE_MAX, "unit": "Hz"},
        "takes": "the container, rate, channels and depth of the source",
        "generated": {"containers": ["wav"], "depths": ["16", "24", "32", "float"]},
    }
