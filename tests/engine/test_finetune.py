"""Teaching the shipped miniature a folder of somebody's own songs, shortened."""

from pathlib import Path

import numpy as np
import soundfile
import torch

from engine.catalogue import SHIPPED
from engine.store import load_models
from engine.training.finetune import finetune
from engine.training.run import Budget

RATE, SECONDS = 44_100, 7


def write_multitrack(folder: Path, seed: int) -> None:
    """A bass and drums at 120 bpm, said so in a sheet."""
    rng, time_s = np.random.default_rng(seed), np.arange(RATE * SECONDS) / RATE
    folder.mkdir(parents=True)
    stems = {
        "bass": 0.2 * np.sin(2 * np.pi * (55 + 5 * seed) * time_s),
        "drums": 0.3 * rng.standard_normal(len(time_s)) * np.exp(-30 * (time_s % 0.5)),
    }
    for name, sound in stems.items():
        soundfile.write(folder / f"{name}.wav", sound, RATE, subtype="PCM_16")
    (folder / "song.yaml").write_text("bpm: 120\nkeyscale: A minor\nsignature: 4/4\ncaption: gloomy techno\n")


def test_a_folder_of_songs_makes_another_model_that_loads_and_warns_of_the_same(tmp_path: Path) -> None:
    for number in range(2):
        write_multitrack(tmp_path / "songs" / f"song {number}", number)
    finetune(tmp_path / "songs", tmp_path / "work", tmp_path / "mine", Budget(4 / 60))
    base, mine = (load_models(folder) for folder in (SHIPPED / "miniature", tmp_path / "mine"))
    weights = [models.model.decoder.state_dict() for models in (base, mine)]
    assert any(not torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
    assert base.config.weak_tasks and mine.config == base.config
    assert (tmp_path / "work" / "dit" / "curves.png").is_file()
