"""Figures of real recordings, of which only one instrument is known apart from the rest."""

from __future__ import annotations

from engine.models import Models
from engine.training import measures
from engine.training.figures import Case, Figures
from engine.training.figures_layers import separate

ASKED = ("drums", "bass", "guitar")  # what the songs of recordings.py have


def real_extract_figures(models: Models, case: Case) -> Figures:
    """SI-SDR of the extracted guitar and of the mix without it, over that of the mix: 0 dB is no gain.

    The band's other guitars are in the rest, so that a perfect model would not get all of what is here.
    """
    found = separate(models, case, ASKED)["guitar"]
    figures: Figures = {}
    for name, estimate in (("guitar", found), ("rest", case.mix - found)):
        before, after = (measures.si_sdr_db(case.stems[name], x) for x in (case.mix, estimate))
        figures[f"extract_sisdri_db.{name}"] = after - before
        figures[f"base_mix_sisdr_db.{name}"] = before
    return figures
