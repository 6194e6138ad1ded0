"""The table of the model card: held-out songs, estimators we did not write, baselines beside every figure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from engine.catalogue import SHIPPED
from engine.models import Models
from engine.planner.catalogue import find_planners
from engine.training import measures
from engine.training.figures import (
    Case,
    Figures,
    Measure,
    generate_figures,
    repaint_figures,
    vae_figures,
)
from engine.training.figures_layers import extract_figures, lego_figures, vocal_figures
from engine.training.figures_maps import map_figures
from engine.training.figures_planner import planner_figures
from engine.training.figures_real import real_extract_figures
from engine.training.figures_tags import tag_figures
from engine.training.figures_words import lyric_figures
from engine.training.songs import SongAudio, load_audio

Row = dict[str, float]
SUNG = "sung"  # held-out songs that are all sung; the others are unlike the corpus
MEASURED: dict[str, Measure] = {
    "vae": vae_figures,
    "generate": generate_figures,
    "repaint": repaint_figures,
    "extract": extract_figures,
}
MAPS = 20
WHOLE: dict[str, Callable[[Models, list[Case]], Iterable[Figures]]] = {  # of all songs together
    "lego": lego_figures,
    "maps": lambda models, cases: (map_figures(models, n) for n in range(min(MAPS, len(cases)))),
    "tags": tag_figures,
}
EVERY = (*MEASURED, *WHOLE, "lyrics")
STRANGE: dict[str, dict[str, Measure]] = {  # what is measured on each set of other songs
    SUNG: {"lyrics": lyric_figures, "extract": vocal_figures},
    "ood": {"vae": vae_figures, "extract": extract_figures},
    "mma": {"vae": vae_figures, "extract": extract_figures},
    "real": {"vae": vae_figures, "extract": real_extract_figures},
}


def case_of(audio: SongAudio, seed: int) -> Case:
    """A song in memory as a case; stems that are silent are not asked for."""
    stems = (audio.stems / 32768).astype(np.float32)
    named = {name: stem for name, stem in zip(audio.names, stems, strict=True) if stem.any()}
    return Case(audio.song, stems.sum(0), named, seed)


def read_cases(corpus: Path, count: int) -> list[Case]:
    """The first `count` songs of a held-out corpus."""
    return [case_of(audio, seed) for seed, audio in enumerate(load_audio(corpus, count))]


def evaluate(
    models: Models, cases: list[Case], strange: dict[str, list[Case]], what: tuple[str, ...] = EVERY
) -> dict[str, Row]:
    """Measure a model and print a row as soon as it is known; returns the whole table.

    strange: other songs by the name of their set, a key of STRANGE.
    """
    table: dict[str, Row] = {}
    for name in what:
        if name in MEASURED:
            table |= tell(gather(MEASURED[name](models, case) for case in cases))
        elif name in WHOLE:
            table |= tell(gather(WHOLE[name](models, cases)))
    for kind, songs in strange.items():
        for measure in (STRANGE[kind][name] for name in what if name in STRANGE[kind]):
            rows = gather(measure(models, case) for case in songs)
            table |= tell({strange_name(name, kind): values for name, values in rows.items()})
    return table


def planner_table(models: Models, model: str, cases: list[Case]) -> dict[str, Row]:
    """The figures of the planner that lies beside a model (open_models); none where there is none."""
    found = find_planners([Path(model)] if model else [SHIPPED])
    return tell(gather(planner_figures(models, found[0], cases))) if found else {}


def strange_name(name: str, kind: str) -> str:
    """A figure's name on strange songs: extract_sisdri_db.bass, ood -> extract_ood_sisdri_db.bass."""
    if kind == SUNG:
        return name
    head, rest = name.split("_", 1)
    return f"{head}_{kind}_{rest}"


def gather(figures: Iterable[Figures]) -> dict[str, list[float]]:
    """Figures of many songs as lists by name."""
    rows: dict[str, list[float]] = {}
    for one in figures:
        for name, value in one.items():
            rows.setdefault(name, []).append(value)
    return rows


def tell(rows: dict[str, list[float]]) -> dict[str, Row]:
    """The rows with their intervals, printed."""
    table = {name: summary(name, values) for name, values in rows.items()}
    for name, row in table.items():
        print(
            f"{name:36} {row['value']:8.3f}  [{row['lo']:.3f}, {row['hi']:.3f}]  n={row['n']:.0f}", flush=True
        )
    return table


def write_table(table: dict[str, Row], path: Path) -> None:
    """The table as flat JSON: name -> value, lo, hi (95 %), n."""
    path.write_text(json.dumps(table, indent=1) + "\n")


def open_models(model: str) -> Models:
    """A checkpoint by name or folder; "" is the shipped miniature."""
    from engine.store import load_models

    if not model:
        return load_models()
    return load_models(model) if Path(model).is_dir() else load_models(name=model)


def summary(name: str, values: list[float]) -> Row:
    """Value, 95 % interval and count of one figure; times are medians, the others means."""
    center: Callable[..., object] = np.median if name.endswith("_ms") else np.mean
    value, lo, hi = measures.interval(values, center)  # type: ignore[arg-type]
    return {"value": value, "lo": lo, "hi": hi, "n": float(np.isfinite(values).sum())}
