"""The many ways to say one thing: number types, flags, units, maps."""

from fractions import Fraction
from typing import Any

import pytest

from protocol import json_text
from protocol.errors import ProtocolError
from protocol.maps import Meters, Tempos
from protocol.messages import Generate, Notify, Project, Repaint
from protocol.places import POSITION, bars_text
from protocol.request_fields import FILLED_LINE
from protocol.values import BarCount, Bars, Beats, MeterPoint, Samples, Seconds, TempoPoint
from tests.protocol.clients import decoded

NUMBERS = [
    ("i", 17, 7),
    ("h", 17, 7),
    ("f", 17.0, 7.0),
    ("d", 17.0, 7.0),
    ("s", "17", "7"),
    ("s", "17|1", "7.0"),
]


@pytest.mark.parametrize(("tag", "bar", "seed"), NUMBERS)
def test_every_number_type_means_the_same(tag: str, bar: Any, seed: Any) -> None:
    pairs = ("source", "/m.wav", "start.bars", bar, "end.bars", bar, "seed", seed)
    message = decoded("/repaint", f"ssss{tag}s{tag}s{tag}", "r1", *pairs)
    assert message == Repaint(request_id="r1", source="/m.wav", start=Bars(17), end=Bars(17), seed=7)


@pytest.mark.parametrize(("tag", "value"), [("T", True), ("i", 1), ("f", 1.0), ("s", "1"), ("s", "true")])
def test_every_flag_type_means_the_same(tag: str, value: Any) -> None:
    assert decoded("/notify", f"ss{tag}", "n1", "on", value) == Notify(request_id="n1", on=True)


def test_a_number_can_be_an_id_or_a_name() -> None:
    message = decoded("/project", "fsfsi", 42.0, "name", 7.0, "tempo", 120)
    assert (message.request_id, message.name) == ("42", "7")


def test_a_float_counts_as_exactly_what_it_holds() -> None:
    pairs = ("source", "/m", "start.bars", "1", "end.bars", "2", "strength", 0.7)
    message = decoded("/repaint", "ssssssssf", "r1", *pairs)
    assert message.strength == Fraction(11744051, 2**24)


def test_json_numbers_are_the_decimals_that_are_written() -> None:
    message = json_text.decode_request('{"type": "project", "id": 1, "tempo": 119.88}')
    assert message == Project(request_id="1", tempo=(TempoPoint(Fraction(0), Fraction("119.88")),))


POSITIONS = [
    ({"bars": 5}, Bars(5)),
    ({"bars": "5|3"}, Bars(5, 3)),
    ({"bars": "5|3|480"}, Bars(5, 3, Fraction(480))),
    ({"bars": "-1|1|640/3"}, Bars(-1, 1, Fraction(640, 3))),
    ({"beats": "1/3"}, Beats(Fraction(1, 3))),
    ({"beats": -4}, Beats(Fraction(-4))),
    ({"seconds": "12.345"}, Seconds(Fraction("12.345"))),
    ({"samples": 96_000.0}, Samples(96_000)),
    ({"samples": "-2147483647"}, Samples(-(2**31) + 1)),
]


@pytest.mark.parametrize(("plain", "position"), POSITIONS)
def test_positions_are_read_exactly(plain: Any, position: Any) -> None:
    assert POSITION.read(plain, "start") == position


def test_bars_are_written_with_all_three_parts() -> None:
    assert bars_text(Bars(5, 3, Fraction(1, 2))) == "5|3|0.5"


WRONG_POSITIONS = [
    ({"bars": "5|3|1|2"}, 'start.bars="5|3|1|2" is not a bar number or bar|beat|tick'),
    ({"bars": 5.5}, "start.bars=5.5 is not a whole number"),
    ({"bars": "5|0"}, "start.bars: beat=0 is outside 1..64 beats of the bar"),
    ({"bars": "5|1|3841"}, "start.bars: tick=3841 is outside 0..3840 ticks"),
    ({"bars": 100_000}, "start.bars=100000 is outside -999..99999 bars"),
    ({"samples": 2**31}, "start.samples=2147483648 is outside -2147483647..2147483647 samples"),
    (
        {"seconds": "nan"},
        'start.seconds="nan" is not a number (an integer, a finite float, or a text like 12.345 or 1/3)',
    ),
    ({"inches": 5}, "start.inches: a position is in bars, beats, seconds, samples"),
    (5, "start needs exactly one unit: start.bars or start.beats or start.seconds or start.samples"),
    (
        {"bars": 5, "beats": 1},
        "start needs exactly one unit: start.bars or start.beats or start.seconds or start.samples",
    ),
]


@pytest.mark.parametrize(("plain", "text"), WRONG_POSITIONS)
def test_a_wrong_position_is_told_with_field_rule_and_value(plain: Any, text: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        POSITION.read(plain, "start")
    assert caught.value.text == text


def test_a_length_counts_whole_bars() -> None:
    message = decoded("/generate", "ssiss", "g1", "length.bars", 8, "caption", "piano")
    assert message == Generate(request_id="g1", length=BarCount(8), caption="piano")


RAMPED = (
    TempoPoint(Fraction(0), Fraction(120)),
    TempoPoint(Fraction(16), Fraction(120), "beats"),
    TempoPoint(Fraction(32), Fraction(90)),
)
TEMPOS = [
    ("0 120; 16 120 ramp; 32 90", RAMPED),
    (" 0 120 ;16 120 ramp; 32 90;", RAMPED),
    (
        [{"beat": 0, "bpm": 120}, {"beat": "16", "bpm": "120", "ramp": "beats"}, {"beat": 32, "bpm": 90.0}],
        RAMPED,
    ),
    (
        "0 120 ramp-time; 1/3 90",
        (TempoPoint(Fraction(0), Fraction(120), "time"), TempoPoint(Fraction(1, 3), Fraction(90))),
    ),
    (120, (TempoPoint(Fraction(0), Fraction(120)),)),
    ("119.88", (TempoPoint(Fraction(0), Fraction("119.88")),)),
]


@pytest.mark.parametrize(("plain", "points"), TEMPOS)
def test_a_tempo_map_in_all_its_forms(plain: Any, points: Any) -> None:
    assert Tempos().read(plain, "tempo") == points


WRONG_TEMPOS = [
    ("0 9.0", "tempo: bpm=9.0 is outside 10..1000 quarter notes/min"),
    (9.0, "tempo: bpm=9.0 is outside 10..1000 quarter notes/min"),
    ("4 120", "tempo: the first point must be at beat 0"),
    ("0 120; 8 90; 8 100", "tempo: beat 8 does not come after beat 8"),
    ("0 120; 8 90 ramp", "tempo: the last point has nothing to ramp to"),
    ("0 120 slide", 'tempo="0 120 slide" is not a tempo point: beat bpm [ramp | ramp-time]'),
    ("", "tempo has no point"),
    ([{"beat": 0, "tempo": 120}], "tempo=an object is not a point with beat, bpm, ramp"),
    (True, "tempo=true is not a map text or a list of points"),
]


@pytest.mark.parametrize(("plain", "text"), WRONG_TEMPOS)
def test_a_wrong_tempo_map_is_told(plain: Any, text: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        Tempos().read(plain, "tempo")
    assert caught.value.text == text


METERS = [
    ("1 4/4; 9 7/8", (MeterPoint(1, 4, 4), MeterPoint(9, 7, 8))),
    ("6/8", (MeterPoint(1, 6, 8),)),
    ([{"bar": 1, "numerator": 3, "denominator": "4"}], (MeterPoint(1, 3, 4),)),
]


@pytest.mark.parametrize(("plain", "points"), METERS)
def test_a_meter_map_in_all_its_forms(plain: Any, points: Any) -> None:
    assert Meters().read(plain, "meter") == points


WRONG_METERS = [
    ("2 4/4", "meter: the first point must be at bar 1"),
    ("1 4/5", 'meter: denominator="5" is none of 1 | 2 | 4 | 8 | 16 | 32 | 64'),
    ("1 0/4", "meter: numerator=0 is outside 1..64"),
    ("1 4/4; 1 3/4", "meter: bar 1 does not come after bar 1"),
    ("four", 'meter="four" is not a meter point: bar numerator/denominator'),
]


@pytest.mark.parametrize(("plain", "text"), WRONG_METERS)
def test_a_wrong_meter_map_is_told(plain: Any, text: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        Meters().read(plain, "meter")
    assert caught.value.text == text


def test_a_path_may_hold_any_printed_character() -> None:
    path = "/Music/Bildschirm\u202faufnahme \u00a0 'é'.wav"
    assert FILLED_LINE.read(path, "source") == path
