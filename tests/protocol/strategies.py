"""Hypothesis strategies made from the declarations: a new field or message is covered without a word here."""

from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from protocol.codes import MOST, Codes
from protocol.documents import Json, Texts, canonical
from protocol.fields import declared
from protocol.kinds import Choice, Flag, Integer, Number, Text
from protocol.maps import Meters, Tempos
from protocol.picks import Picks
from protocol.places import LENGTH, POSITION, Place
from protocol.regions import Regions
from protocol.values import BarCount, Bars, Beats, FurtherRegion, MeterPoint, Samples, Seconds, TempoPoint

LINE = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"))
ANY = st.characters(exclude_categories=("Cs",), exclude_characters="\0")


def exact(lo: int, hi: int) -> st.SearchStrategy[Fraction]:
    """Fractions, decimals and whole numbers of a range."""
    return st.fractions(lo, hi, max_denominator=10**6) | st.integers(lo, hi).map(Fraction)


def _text(kind: Text) -> st.SearchStrategy[str]:
    return st.text(LINE if kind.is_line else ANY, min_size=kind.lo, max_size=min(kind.hi, 24))


def _place(kind: Place) -> st.SearchStrategy[Any]:
    if kind is LENGTH or kind == LENGTH:
        above_zero = exact(0, 600).filter(bool)
        return st.one_of(
            st.builds(BarCount, st.integers(1, 9999)),
            st.builds(Beats, above_zero),
            st.builds(Seconds, above_zero),
            st.builds(Samples, st.integers(1, 2**31 - 1)),
        )
    return st.one_of(
        st.builds(Bars, st.integers(-999, 99_999), st.integers(1, 64), exact(0, 3840)),
        st.builds(Beats, exact(-200_000, 200_000)),
        st.builds(Seconds, exact(-10_800, 10_800)),
        st.builds(Samples, st.integers(-(2**31) + 1, 2**31 - 1)),
    )


@st.composite
def _tempo_map(draw: st.DrawFn) -> tuple[TempoPoint, ...]:
    beats = [Fraction(0), *sorted(draw(st.sets(exact(1, 1000), max_size=6)))]
    ramps = st.sampled_from(("none", "beats", "time"))
    points = [TempoPoint(beat, draw(exact(10, 1000)), draw(ramps)) for beat in beats]
    return (*points[:-1], TempoPoint(points[-1].beat, points[-1].bpm))


@st.composite
def _meter_map(draw: st.DrawFn) -> tuple[MeterPoint, ...]:
    bars = [1, *sorted(draw(st.sets(st.integers(2, 99_999), max_size=6)))]
    denominators = st.sampled_from((1, 2, 4, 8, 16, 32, 64))
    return tuple(MeterPoint(bar, draw(st.integers(1, 64)), draw(denominators)) for bar in bars)


KINDS: dict[type, Any] = {
    Text: _text,
    Integer: lambda kind: st.integers(kind.lo, kind.hi),
    Number: lambda kind: exact(kind.lo, kind.hi),
    Flag: lambda kind: st.booleans(),
    Choice: lambda kind: st.sampled_from(kind.words),
    Texts: lambda kind: st.lists(st.text(LINE, min_size=1, max_size=20), max_size=4).map(tuple),
    Json: lambda kind: st.dictionaries(
        st.text(LINE, max_size=5), st.integers() | st.text(LINE), max_size=4
    ).map(canonical),
    Place: _place,
    Regions: lambda kind: st.lists(
        st.builds(FurtherRegion, _place(POSITION), _place(POSITION), st.none() | st.text(ANY, max_size=9)),
        max_size=3,
    ).map(tuple),
    Picks: lambda kind: st.lists(
        st.sampled_from(kind.words), min_size=kind.lo, max_size=len(kind.words), unique=True
    ).map(tuple),
    Codes: lambda kind: st.lists(st.integers(0, MOST), max_size=9).map(tuple),
    Tempos: lambda kind: _tempo_map(),
    Meters: lambda kind: _meter_map(),
}


def messages(cls: Any) -> st.SearchStrategy[Any]:
    """Any valid message of a class; of its `one_of` fields exactly one is there."""
    one_of = getattr(cls.spec, "one_of", ())
    return st.sampled_from(one_of or ("",)).flatmap(
        lambda chosen: st.builds(cls, **_fields(cls, one_of, chosen))
    )


def _fields(cls: Any, one_of: tuple[str, ...], chosen: str) -> dict[str, st.SearchStrategy[Any]]:
    found = {field.name: KINDS[type(field.kind)](field.kind) for field in declared(cls)}
    for field in declared(cls):
        if field.name in one_of:
            found[field.name] = found[field.name] if field.name == chosen else st.none()
        elif field.default is None:
            found[field.name] |= st.none()
    return found
