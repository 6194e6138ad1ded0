"""Locked to the grid, on audio with known errors: stretched, shifted, wandering, swung, even and on ramps.

Where a note ended is seen on a click that is moved by the same map, not told by the estimator.
Run: python -m tests.acceptance.conform [--soundfont FILE] [--each N] [--first SEED]
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from bridge.conform import ConformReport, Zone, conform
from engine.timewarp import played_at, warp_audio
from engine.training.corpus.values import Song
from tests.acceptance.common import require
from tests.acceptance.conform_set import (
    RATE,
    WANDER,
    Case,
    Fault,
    clicks,
    find_click,
    has_beat,
    is_odd,
    is_swung,
    make_case,
    songs,
    tighten,
)

NEAR_MS = 5.0
WORSE_MS = 1.0  # more than this is worse
HELD_OUT = 900_000  # no song from here on was looked at while the method was made
SPACING_S = 0.15  # between clicks of one witness, so that they are told apart
EVEN = [Fault("clean"), *(Fault(f"{100 * r - 100:+.1f} %", Fraction(r).limit_denominator(10_000)) for r in
        (0.97, 0.98, 0.99, 0.995, 1.005, 1.01, 1.02, 1.03))]  # fmt: skip
LATE = [Fault(f"{s:+.2f}/16", sixteenths=s) for s in (-1.0, -0.6, -0.3, 0.3, 0.6, 1.0)]
BOTH = [Fault(f"{100 * r - 100:+.1f} % {s:+.1f}/16", Fraction(r).limit_denominator(10_000), s) for r, s in
        ((0.985, 0.5), (0.975, -0.8), (1.015, -0.5), (1.03, 1.0))]  # fmt: skip
SWUNG = [EVEN[2], EVEN[4], EVEN[5], EVEN[8], LATE[0], LATE[2], LATE[4], *BOTH]
DRIFT = [Fault("wander", wander=WANDER), Fault("wander -", wander=-WANDER)]
MIXED = [EVEN[0], EVEN[2], EVEN[4], EVEN[6], EVEN[8], LATE[1], LATE[4], BOTH[0], BOTH[2]]
KINDS: dict[str, tuple[Callable[[Song], bool], list[Fault]]] = {  # the first that fits and lacks a fault
    "no drums": (lambda song: not has_beat(song), [EVEN[0], EVEN[2], LATE[4], BOTH[1]]),
    "swung": (is_swung, EVEN[:1] * 8),
    "swung off": (is_swung, SWUNG),
    "odd": (is_odd, MIXED),
    "ramps": (lambda song: len(song.tempo) > 1, MIXED),
    "even": (lambda song: len(song.tempo) == 1, [*EVEN, *LATE, *BOTH, *DRIFT]),
    "loose": (lambda song: len(song.tempo) == 1, [EVEN[0], EVEN[3], EVEN[7], LATE[1], LATE[4], BOTH[1]]),
}
TIGHT = ("odd", "ramps", "even")  # the others as their players play


@dataclass(frozen=True, slots=True)
class Outcome:
    """before_ms, after_ms: median distance of the notes from where they belong."""

    kind: str
    case: Case
    report: ConformReport
    before_ms: float
    after_ms: float

    @property
    def is_worse(self) -> bool:
        """Whether it was better left alone."""
        return self.after_ms > max(self.before_ms + WORSE_MS, 0.0)


def judge(kind: str, case: Case) -> Outcome:
    """Conform a file and look where its notes went."""
    count = case.audio.shape[1]
    done = conform(case.audio, case.grid, Zone(Fraction(0), 0, count))
    before = float(np.median(np.abs(case.wrong_s - case.right_s)))
    after = before
    if done.warp is not None:
        wanted = np.arange(0.0, count / RATE, 0.001)
        kept = thin_out(case.wrong_s)
        witness = warp_audio(clicks(case.wrong_s[kept], count), done.warp)
        went = np.interp(case.wrong_s[kept], played_at(done.warp, wanted), wanted)  # where to look
        inside = (went > 0.03) & (went < count / RATE - 0.03)
        found = np.array([find_click(witness, at) for at in went[inside]])
        after = float(np.median(np.abs(found - case.right_s[kept][inside])))
    return Outcome(kind, case, done.report, 1000 * before, 1000 * after)


def thin_out(times: np.ndarray) -> list[int]:
    """Indices of times at least SPACING_S apart."""
    kept: list[int] = []
    for index, at in enumerate(times):
        if not kept or at - times[kept[-1]] >= SPACING_S:
            kept.append(index)
    return kept


def cases(each: int, soundfont: str | None, first: int) -> Iterator[tuple[str, Case]]:
    """The whole set: every song is heard once, with the next fault that its kind still lacks.

    each: files of a fault; first: seed of the first song.
    """
    left = {kind: list(faults) * each for kind, (_, faults) in KINDS.items()}
    for song in songs(first):
        kind = next((kind for kind, (fits, _) in KINDS.items() if left[kind] and fits(song)), "")
        if kind:
            played = tighten(song) if kind in TIGHT else song
            yield kind, make_case(played, left[kind].pop(0), soundfont)
        if not any(left.values()):
            return


def row(outcome: Outcome) -> str:
    """One line of the table."""
    song, report = outcome.case.song, outcome.report
    mark = "worse" if outcome.is_worse else "" if outcome.after_ms <= NEAR_MS else "off"
    return (
        f"{outcome.kind:<9}{song.seed:>7} {song.style[:12]:<13}{float(song.tempo[0].bpm):>4.0f} "
        f"{song.meter[0].numerator}/{song.meter[0].denominator} {song.swing:.2f}  "
        f"{outcome.case.fault.name:<17}"
        f"{report.action:<8}{report.bpm_ratio:>8.4f}{report.phase_ms:>8.1f}{report.confidence:>6.2f}"
        f"{outcome.before_ms:>8.1f}{outcome.after_ms:>7.1f}  {mark}"
    )


def summary(outcomes: list[Outcome]) -> dict[str, float]:
    """The figures that are promised, and the others. A file that was left off the grid is a miss."""
    swung = [o for o in outcomes if o.kind == "swung"]
    beat = [o for o in outcomes if has_beat(o.case.song)]
    sure = [o for o in outcomes if o.report.action != "unsure"]
    by_kind = {
        f"{kind}: of {sum(o.kind == kind for o in outcomes)} within 5 ms": float(
            sum(o.kind == kind and o.after_ms <= NEAR_MS for o in outcomes)
        )
        for kind in KINDS
    }
    return {
        **by_kind,
        "share within 5 ms, all": share_near(outcomes),
        "share within 5 ms, with drums": share_near(beat),
        "share within 5 ms, where it was sure": share_near(sure),
        "median of all, ms": float(np.median([o.after_ms for o in outcomes])),
        "swung files": len(swung),
        "swung untouched": sum(o.report.action in ("none", "unsure") for o in swung),
        "left alone as unsure": sum(o.report.action == "unsure" for o in outcomes),
        "files made worse": sum(o.is_worse for o in outcomes),
    }


def share_near(outcomes: list[Outcome]) -> float:
    """Share of files whose notes end within 5 ms of the grid, by their median; 1 of none."""
    return float(np.mean([o.after_ms <= NEAR_MS for o in outcomes])) if outcomes else 1.0


def main() -> int:
    """The script."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--soundfont", help="General MIDI soundfont (default: our own synths)")
    parser.add_argument("--each", type=int, default=1, help="files of each fault (default: 1)")
    parser.add_argument("--first", type=int, default=HELD_OUT, help="seed of the first song")
    options = parser.parse_args()
    print(
        "kind       seed style          bpm met swing fault            action     tempo   phase"
        "  conf  before  after"
    )
    began, outcomes = time.monotonic(), []
    for kind, case in cases(options.each, options.soundfont, options.first):
        outcomes.append(judge(kind, case))
        print(row(outcomes[-1]), flush=True)
    figures = summary(outcomes)
    for name, value in figures.items():
        print(f"  {name:<38}{value:.3f}".rstrip("0").rstrip("."))
    print(f"  {len(outcomes)} files in {time.monotonic() - began:.0f} s")
    require(figures["share within 5 ms, with drums"] >= 0.95, ">= 95 % end within 5 ms of the grid")
    require(figures["swung untouched"] == figures["swung files"], "swung songs are left alone")
    require(figures["files made worse"] == 0, "no file is made worse")
    return 0


if __name__ == "__main__":
    sys.exit(main())
