"""One example of every message: the documentation shows them, the golden files hold their bytes."""

from fractions import Fraction
from typing import Any

from protocol import messages as m
from protocol import replies as r
from protocol.binary import Frame
from protocol.messages import Request
from protocol.replies import Reply
from protocol.values import BarCount, Bars, Beats, MeterPoint, TempoPoint

TEMPO = (
    TempoPoint(Fraction(0), Fraction(120)),
    TempoPoint(Fraction(16), Fraction(120), "beats"),
    TempoPoint(Fraction(32), Fraction(90)),
)
REPAINT = m.Repaint(
    request_id="r1",
    project="song",
    source="/music/mix.wav",
    start=Bars(17),
    end=Bars(21),
    caption="same groove, brass stabs",
    seed=7,
)

REQUESTS: tuple[Request, ...] = (
    m.Hello(request_id="h1", client="reaper"),
    m.Describe(request_id="d1", what="messages", name="repaint"),
    m.Notify(request_id="n1", port=9001, jobs="all"),
    m.Sync(request_id="s1"),
    m.Project(
        request_id="p1",
        name="song",
        tempo=TEMPO,
        meter=(MeterPoint(1, 4, 4), MeterPoint(9, 7, 8)),
        key="A minor",
    ),
    REPAINT,
    m.Generate(
        request_id="g1", length=BarCount(8), caption="slow piano, brushed drums", start=Beats(Fraction(33, 2))
    ),
    m.Extract(
        request_id="e1", source="/music/mix.wav", start=Bars(17), end=Bars(21), stems=("drums", "bass")
    ),
    m.Lego(request_id="l1", source="/music/mix.wav", start=Bars(17), end=Bars(21), stem="bass"),
    m.Complete(request_id="k1", source="/music/guitar.wav", stems=("drums", "bass"), caption="slow rock"),
    m.Vocal2Bgm(request_id="v1", source="/music/voice.wav", caption="warm soul band", deliver="both"),
    m.Cover(
        request_id="o1",
        source="/music/mix.wav",
        caption="string quartet",
        strength=Fraction(3, 4),
        reference="/music/quartet.wav",
    ),
    m.Align(
        request_id="a1",
        source="/music/mix.wav",
        start=Bars(17),
        end=Bars(21),
        lyrics="[chorus]\nroll on, river\nשיר של יום חדש",
        formats=("lrc", "midi"),
        relative="project",
        merge="/music/mix.lrc",
    ),
    m.Plan(request_id="b1", mode="simple", caption="a slow waltz for rain", blueprint="language: fr\n"),
    m.Understand(request_id="v1", source="/music/mix.wav", start=Bars(5), end=Bars(9)),
    m.Cancel(request_id="c1", job="r1"),
    m.Status(request_id="q1", job="r1"),
    m.Fetch(request_id="f1", job="r1"),
    m.Shutdown(request_id="x1"),
    m.Upload(request_id="u1", name="mix.wav", size=2_304_044),
    m.Download(request_id="w1", job="r1", which="full"),
)

_SECONDS = '{"decode":0.25,"denoise":2.5,"encode":0.5}'
_CONFORM = (
    '[{"action":"stretch","bpm":121.318,"bpm_ratio":1.01098,"confidence":1.0,"drift_ms":0.0,'
    '"phase_ms":4.5,"region":1,"residual_ms":0.6,"take":1}]'
)
_SCORES = (
    '[{"alignment":{"confidence":0.62,"coverage":1.0,"monotonicity":1.0,"value":0.62},"planner":null,'
    '"region":1,"seed":"7","take":1}]'
)
_MADE: dict[str, Any] = {
    "sidecar": "/takes/made.json",
    "start_sample": 1_536_000,
    "end_sample": 1_920_000,
    "start_bar": "17|1|0",
    "end_bar": "21|1|0",
    "sample_rate": 48_000,
    "seed": "7",
    "model": "acestep-v15-base",
    "seconds": _SECONDS,
    "warnings": (),
}

REPLIES: tuple[Reply, ...] = (
    r.Accepted(request_id="r1", command="repaint", position=0),
    r.Progress(request_id="r1", stage="denoise", step=3, of=8),
    r.Fail(
        request_id="r1",
        command="repaint",
        code="out-of-range",
        field="fade_ms",
        text="fade_ms=5000 is outside 0..1000 ms",
    ),
    r.Cancelled(request_id="r1", command="repaint"),
    r.Synced(request_id="s1"),
    r.EngineEvent(state="restarting", text="the engine stopped answering"),
    r.HelloDone(
        request_id="h1",
        version="0.1.0",
        protocol=1,
        osc_port=7770,
        ws_port=7771,
        model="turbo",
        engine="ready",
        fresh="k3f9c21a0",
    ),
    r.DescribeDone(request_id="d1", what="limits", content='{"horizon_s":{"unit":"s","value":60}}'),
    r.NotifyDone(request_id="n1", on=True, port=9001, jobs="all"),
    r.ProjectDone(request_id="p1", name="song", tempo_points=3, meter_points=2, sample_rate=48_000),
    r.RepaintDone(
        request_id="r1",
        take="/takes/r1.take.wav",
        takes=("/takes/r1.take.wav",),
        seeds=("7",),
        full="/takes/r1.full.wav",
        full_start=185_880,
        sidecar="/takes/r1.json",
        start_sample=1_721_880,
        end_sample=2_169_880,
        start_bar="17|1|0",
        end_bar="21|1|0",
        fade_samples=960,
        sample_rate=48_000,
        seed="7",
        model="turbo",
        regions='[{"end_bar":"21|1|0","end_sample":2169880,"start_bar":"17|1|0",'
        '"start_sample":1721880,"takes":1}]',
        conform=_CONFORM,
        scores=_SCORES,
        lyric_names=("1-lrc", "1-json"),
        lyric_files=("/takes/r1.take.lrc", "/takes/r1.take-lyrics.json"),
        seconds=_SECONDS,
        warnings=("the caption names no key",),
    ),
    r.GenerateDone(
        request_id="g1",
        take="/takes/g1.take.wav",
        takes=("/takes/g1.take.wav",),
        seeds=("4294967295",),
        sidecar="/takes/g1.json",
        start_sample=396_000,
        end_sample=1_164_000,
        start_bar="5|1|480",
        end_bar="13|1|480",
        sample_rate=48_000,
        seed="4294967295",
        model="turbo",
        blueprint="bpm: 120\ncaption: slow piano, brushed drums\nduration: 16\nkeyscale: A minor\n",
        codes=80,
        planner="acestep-5Hz-lm-0.6B",
        seconds=_SECONDS,
        warnings=(),
    ),
    r.ExtractDone(
        request_id="e1",
        stems=("drums", "bass", "remainder"),
        mode="masked",
        takes=("/takes/e1-drums.wav", "/takes/e1-bass.wav", "/takes/e1-remainder.wav"),
        **_MADE,
    ),
    r.LegoDone(request_id="l1", take="/takes/l1.wav", conform=_CONFORM, **_MADE),
    r.CompleteDone(request_id="k1", take="/takes/k1.wav", **_MADE),
    r.Vocal2BgmDone(request_id="v1", take="/takes/v1.wav", full="/takes/v1.full.wav", **_MADE),
    r.CoverDone(request_id="o1", take="/takes/o1.wav", **_MADE),
    r.AlignDone(
        request_id="a1",
        formats=("lrc", "midi", "merged"),
        files=("/takes/a1.lrc", "/takes/a1.mid", "/takes/a1-merged.lrc"),
        lines=2,
        score='{"confidence":0.62,"coverage":1.0,"monotonicity":1.0,"value":0.62}',
        **_MADE,
    ),
    r.PlanDone(
        request_id="b1",
        file="/takes/b1_blueprint.yaml",
        sidecar="/takes/b1_take.json",
        blueprint="bpm: 84\ncaption: slow waltz, accordion\nduration: 120\nlanguage: fr\n",
        codes=0,
        score="{}",
        seed="7",
        planner="acestep-5Hz-lm-0.6B",
        seconds='{"load":1.5,"think":2.25}',
        warnings=(),
    ),
    r.UnderstandDone(
        request_id="v1",
        sidecar="/takes/v1_take.json",
        measured='{"bpm":119.98,"keyscale":"A minor","lufs":-14.2,"project_bpm":120}',
        listener='{"bpm":120,"caption":"warm house","keyscale":"A minor"}',
        start_sample=384_000,
        end_sample=768_000,
        start_bar="5|1|0",
        end_bar="9|1|0",
        sample_rate=48_000,
        seed="7",
        planner="acestep-5Hz-lm-0.6B",
        seconds='{"measure":0.25,"think":2.25}',
        warnings=(),
    ),
    r.CancelDone(request_id="c1", job="r1", state="running"),
    r.StatusDone(
        request_id="q1",
        job="r1",
        state="running",
        position=0,
        stage="denoise",
        step=3,
        of=8,
        running="r1",
        queued=2,
        engine="ready",
    ),
    r.FetchDone(request_id="f1", job="r1", state="done"),
    r.ShutdownDone(request_id="x1"),
    r.UploadDone(request_id="u1", source="upload:u1", size=2_304_044, sha256="9f86d081" * 8),
    r.DownloadDone(request_id="w1", name="r1.full.wav", size=2_304_044, sha256="9f86d081" * 8),
)

# A cue 4.5 seconds into the year 1900: only its bytes matter.
BUNDLE: tuple[Request, ...] = (m.Sync(request_id="s1"), m.Cancel(request_id="c1", job="r1"))
BUNDLE_DUE = Fraction(9, 2)
FRAME = Frame("upload", "u1", 1_048_576, 2_304_044, bytes(range(16)))
