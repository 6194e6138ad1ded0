"""The requests the demo and the benchmark send for a song, as values of the protocol."""

from fractions import Fraction
from pathlib import Path

from bridge.demo_songs import DemoSong
from protocol.maps import Meters, Tempos
from protocol.messages import Generate, Project, Repaint
from protocol.values import Bars

SEED = 8


def project_of(song: DemoSong, rate: int) -> Project:
    """The song's grid, as a project of the same name; positions in samples count at `rate` hertz."""
    return Project(
        request_id=f"project-{song.name}",
        name=song.name,
        tempo=Tempos().read(song.tempo, "tempo"),
        meter=Meters().read(song.meter, "meter"),
        key=song.key,
        sample_rate=rate,
    )


def repaint_of(job_id: str, song: DemoSong, source: Path, out: Path) -> Repaint:
    """Repaint the song's bars; take and full file go to `out`."""
    return Repaint(
        request_id=job_id,
        project=song.name,
        source=str(source),
        start=Bars(song.start_bar),
        end=Bars(song.end_bar),
        caption=song.caption,
        lyrics=song.lyrics,
        seed=SEED,
        fade_ms=Fraction(20),
        deliver="both",
        out=str(out),
    )


def generate_of(job_id: str, song: DemoSong, out: Path) -> Generate:
    """Make a new piece for the song's bars."""
    return Generate(
        request_id=job_id,
        project=song.name,
        start=Bars(song.start_bar),
        end=Bars(song.end_bar),
        caption=song.caption,
        seed=SEED,
        out=str(out),
    )
