"""The table of the model card: held-out songs, estimators we did not write, baselines beside every figure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from engine.models import Models
from engine.training import measures
from engine.training.figures import (
    Case,
    Figures,
    Measure,
    generate_figures,
    repaint_figures,
    vae_figures,
)
from engine.training.figures_layers import extract_figures, lego_figures
from engine.training.figures_maps import map_figures
from engine.training.figures_words import lyric_figures
from engine.training.songs import SongAudio, load_audio

Row = dict[str, float]
MEASURED: dict[str, Measure] = {
    "vae": vae_figures,
    "generate": generate_figures,
    "repaint": repaint_figures,
    "extract": extract_figures,
    "lyrics": lyric_figures,
}
OTHER = ("lego", "maps")
EVERY = (*MEASURED, *OTHER)
MAPS = 20
STRANGE = ("vae", "extract")  # what is measured on songs unlike the corpus, under names with "ood" in them


def case_of(audio: SongAudio, seed: int) -> Case:
    """A song in memory as a case; stems that are silent are not asked for."""
    stems = (audio.stems / 32768).astype(np.float32)
    named = {name: stem for name, stem in zip(audio.names, stems, strict=True) if stem.any()}
    return Case(audio.song, stems.sum(0), named, seed)


def read_cases(corpus: Path, count: int) -> list[Case]:
    """The first `count` songs of a held-out corpus."""
    return [case_of(audio, seed) for seed, audio in enumerate(load_audio(corpus, count))]


def evaluate(
    models: Models, cases: list[Case], strange: list[Case], what: tuple[str, ...] = EVERY
) -> dict[str, Row]:
    """Measure a model and print a row as soon as it is known; returns the whole table.

    strange: songs of another soundfont, composer or of real recordings; may be empty.
    """
    table: dict[str, Row] = {}
    for name in what:
        if name in MEASURED:
            rows = gather(MEASURED[name](models, case) for case in cases)
        elif name == "lego":
            rows = gather(lego_figures(models, cases))
        else:
            rows = gather(map_figures(models, number) for number in range(min(MAPS, len(cases))))
        table |= tell(rows)
    for name in (n for n in what if n in STRANGE and strange):
        rows = gather(MEASURED[name](models, case) for case in strange)
        table |= tell({ood_name(k): v for k, v in rows.items()})
    return table


def ood_name(name: str) -> str:
    """A figure's name on strange songs: extract_sisdri_db.bass -> extract_ood_sisdri_db.bass."""
    head, rest = name.split("_", 1)
    return f"{head}_ood_{rest}"


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
