"""The requests the demo and the benchmark send for a song, as values of the protocol."""

from fractions import Fraction
from pathlib import Path
from typing import Any

from bridge.demo_songs import DemoSong
from protocol.layers import Extract, Lego, Vocal2Bgm
from protocol.lyric_tasks import Align
from protocol.maps import Meters, Tempos
from protocol.messages import Generate, Project, Repaint
from protocol.tasks import Cover
from protocol.values import Bars

SEED = 8
LAYER = "bass"


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


def region_of(song: DemoSong, source: Path) -> dict[str, Any]:
    """The fields that say which bars of which file."""
    bars = {"start": Bars(song.start_bar), "end": Bars(song.end_bar)}
    return {"project": song.name, "source": str(source), "seed": SEED, **bars}


def extract_of(job_id: str, song: DemoSong, source: Path, out: Path) -> Extract:
    """Take the song's classes out of its bars, with the remainder."""
    given = region_of(song, source)
    return Extract(request_id=job_id, stems=tuple(song.stems), caption=song.caption, out=str(out), **given)


def lego_of(job_id: str, song: DemoSong, source: Path, out: Path) -> Lego:
    """Make a bass for the song's bars, from another noise than the one they were repainted from."""
    given = region_of(song, source) | {"seed": SEED + 1}
    return Lego(request_id=job_id, stem=LAYER, caption=song.caption, key=song.key, out=str(out), **given)


def backing_of(job_id: str, song: DemoSong, source: Path, out: Path) -> Vocal2Bgm:
    """Make a backing for a voice, and the mix of both; its lyrics come back timed in bars."""
    return Vocal2Bgm(
        request_id=job_id,
        stems=tuple(song.stems),
        deliver="both",
        caption=song.caption,
        lyrics=song.lyrics,
        language=song.language,
        lyric_clock="bars",
        key=song.key,
        out=str(out),
        **region_of(song, source),
    )


def align_of(job_id: str, song: DemoSong, source: Path, out: Path) -> Align:
    """Find out when the song's words are sung, in the project's time."""
    return Align(
        request_id=job_id,
        lyrics=song.lyrics,
        language=song.language,
        relative="project",
        caption=song.caption,
        key=song.key,
        out=str(out),
        **region_of(song, source),
    )


def cover_of(job_id: str, song: DemoSong, source: Path, out: Path) -> Cover:
    """Make the song's bars anew in another style."""
    given = region_of(song, source)
    return Cover(request_id=job_id, caption=song.cover, key=song.key, out=str(out), **given)
