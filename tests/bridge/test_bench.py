"""The benchmark, once, with a tiny model: it measures what it says it does."""

import argparse
import os
import sys
from pathlib import Path

import pytest

from bridge.bench import family, peak_megabytes, run_bench
from engine.tiny import write_tiny_checkpoint


def test_the_benchmark_prints_every_figure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = write_tiny_checkpoint(tmp_path / "tiny")
    assert run_bench(argparse.Namespace(model=str(model), repeats=1, evaluate=0)) == 0
    shown = capsys.readouterr().out
    assert all(
        word in shown
        for word in (
            "daemon answers",
            "model is loaded",
            "repaint of 4 bars",
            "4 other bars",
            "text2music of 30 s",
            "warm",
        )
    )


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
def test_memory_of_this_process_is_known() -> None:
    assert os.getpid() in family(os.getpid())
    assert peak_megabytes(os.getpid()) > 10


def test_memory_of_nobody_is_zero() -> None:
    assert peak_megabytes(2**30) == 0
