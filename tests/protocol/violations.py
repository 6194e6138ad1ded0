"""Everything that can be wrong with a request, made from its declaration: a new field is covered at once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from protocol.codes import LONGEST, MOST, Codes
from protocol.fields import Declared, declared
from protocol.kinds import Choice, Flag, Integer, Number, Text
from protocol.limits import OSC_BYTES
from protocol.maps import Meters, Tempos
from protocol.picks import Picks
from protocol.places import Place
from protocol.regions import Regions

LEFT_OUT: Any = object()


@dataclass(frozen=True, slots=True)
class Wrong:
    """One field violated once. fields: to change in a good request (LEFT_OUT takes one away).

    code, field: of the fail.  words: that its text must hold, the rule and the value among them.
    """

    name: str
    fields: dict[str, Any]
    code: str
    field: str
    words: tuple[str, ...]

    @property
    def fits_osc(self) -> bool:
        """Whether a datagram can say it: OSC has no lists and objects, and ends at its size."""
        plain = [value for value in self.fields.values() if value is not LEFT_OUT]
        flat = [next(iter(v.values())) if isinstance(v, dict) and len(v) == 1 else v for v in plain]
        return all(isinstance(v, str | int | float) for v in flat) and len(str(flat)) < OSC_BYTES.value // 2


Fault = tuple[Any, str, tuple[str, ...]]
"""Value, code, words of the text."""


def text_faults(kind: Text, name: str) -> Iterator[Fault]:
    """A list, too many characters, too few, a line end."""
    yield ["a"], "wrong-type", ("a list", "not a text")
    yield "x" * (kind.hi + 1), "too-long", (f"{kind.hi + 1} characters", kind.range)
    if kind.lo:
        yield "", "out-of-range", ("0 characters", kind.range)
    if kind.is_line:
        yield "a\nb", "wrong-type", ('"a\\nb"', "control characters")


def integer_faults(kind: Integer, name: str) -> Iterator[Fault]:
    """No number, half a number, one too many at both ends."""
    yield "many", "wrong-type", ('"many"', "not a number")
    yield 1.5, "wrong-type", ("1.5", "not a whole number")
    yield from number_faults(kind, name)


def number_faults(kind: Integer | Number, name: str) -> Iterator[Fault]:
    """No number, and beyond both ends."""
    yield ["1"], "wrong-type", ("a list", "not a number")
    for value in (kind.lo - 1, kind.hi + 1):
        yield value, "out-of-range", (str(value), f"outside {kind.range}")


def flag_faults(kind: Flag, name: str) -> Iterator[Fault]:
    """Neither yes nor no."""
    yield "perhaps", "wrong-type", ('"perhaps"', "not a flag")
    yield 2, "wrong-type", ("2", "not a flag")


def choice_faults(kind: Choice, name: str) -> Iterator[Fault]:
    """Another word, and no word."""
    yield "kazoo", "out-of-range", ('"kazoo"', f"none of {kind.range}")
    yield ["kazoo"], "wrong-type", ("a list", "one of")


def place_faults(kind: Place, name: str) -> Iterator[Fault]:
    """No unit, an unknown one, no number in it, too far."""
    yield 7, "wrong-type", ("exactly one unit", f"{name}.bars")
    yield {"furlongs": 7}, "unknown-field", (f"{name}.furlongs", kind.unit)
    yield {"bars": "soon"}, "wrong-type", ('"soon"',)
    yield {"samples": 2**31}, "out-of-range", (str(2**31), "outside")
    yield {"seconds": 10**6}, "out-of-range", (str(10**6), "outside")


def picks_faults(kind: Picks, name: str) -> Iterator[Fault]:
    """A number, an unknown word, one twice, too few."""
    yield 7, "wrong-type", ("7", "a list of words")
    yield "kazoo", "out-of-range", ('"kazoo"', "none of")
    yield f"{kind.words[0]} {kind.words[0]}", "out-of-range", (kind.words[0], "each once")
    if kind.lo:
        yield "", "out-of-range", (f"at least {kind.lo}",)


def codes_faults(kind: Codes, name: str) -> Iterator[Fault]:
    """No codes, one out of range, too many."""
    yield 7, "wrong-type", ("7", "a list of codes")
    yield "1 two", "wrong-type", ('"two"', "whole numbers")
    yield f"1 {MOST + 1}", "out-of-range", (str(MOST + 1), f"outside 0..{MOST}")
    yield [1] * (LONGEST + 1), "too-long", (str(LONGEST + 1), str(LONGEST))


def region_faults(kind: Regions, name: str) -> Iterator[Fault]:
    """No list, an object without its end, an unknown field, too many."""
    start = '{"start": {"bars": 1}}'
    yield 7, "wrong-type", ("7", "a list of regions")
    yield "soon", "wrong-type", ('"soon"', "JSON")
    yield f"[{start}]", "missing-field", ("[0].end is missing",)
    yield '[{"stop": 1}]', "unknown-field", ("'stop'",)
    yield [7] * (kind.hi + 1), "too-long", (f"{kind.hi + 1} regions", f"at most {kind.hi}")


def tempo_faults(kind: Tempos, name: str) -> Iterator[Fault]:
    """No tempo, one too slow, a first point that is not first."""
    yield "slow", "wrong-type", ('"slow"',)
    yield 9, "out-of-range", ("9", "outside 10..1000")
    yield "4 120", "out-of-range", ("first point",)


def meter_faults(kind: Meters, name: str) -> Iterator[Fault]:
    """No signature, one with an odd denominator, a first point that is not first."""
    yield "waltz", "wrong-type", ('"waltz"',)
    yield "3/5", "out-of-range", ("5",)
    yield "2 3/4", "out-of-range", ("first point",)


FAULTS: dict[type, Callable[[Any, str], Iterator[Fault]]] = {
    Text: text_faults,
    Integer: integer_faults,
    Number: number_faults,
    Flag: flag_faults,
    Choice: choice_faults,
    Place: place_faults,
    Picks: picks_faults,
    Codes: codes_faults,
    Regions: region_faults,
    Tempos: tempo_faults,
    Meters: meter_faults,
}


def violations(cls: Any) -> Iterator[Wrong]:
    """Every field of a request violated once in each way that its kind knows; its id has tests of its own."""
    for field in declared(cls):
        if field.wire != "id":
            yield from field_violations(field)
    yield Wrong("no such field", {"kazoo": 1}, "unknown-field", "kazoo", ("no field 'kazoo'", cls.spec.name))
    one_of = cls.spec.one_of
    if one_of:
        rule = (" and ".join(one_of),)
        yield Wrong("none of", dict.fromkeys(one_of, LEFT_OUT), "missing-field", one_of[0], rule)
        both = {name: {"bars": 2} for name in one_of}
        yield Wrong("all of", both, "missing-field", one_of[0], rule)


def field_violations(field: Declared) -> Iterator[Wrong]:
    """One field left out where it is needed, and wrong in every way."""
    if field.is_required:
        rule = (f"{field.wire} is missing", field.doc)
        yield Wrong(f"{field.wire} left out", {field.wire: LEFT_OUT}, "missing-field", field.wire, rule)
    for number, (value, code, words) in enumerate(FAULTS[type(field.kind)](field.kind, field.wire)):
        name = f"{field.wire} {code} {number}"
        yield Wrong(name, {field.wire: value}, code, field.wire, (field.wire, *words))


def changed(good: dict[str, Any], fields: dict[str, Any]) -> dict[str, Any]:
    """A good message with some of its fields changed; of `one_of` fields the one that is changed stays."""
    return {name: value for name, value in {**good, **fields}.items() if value is not LEFT_OUT}
