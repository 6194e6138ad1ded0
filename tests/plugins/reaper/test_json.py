"""The scripts' own JSON, against Python's."""

import json
from typing import Any

import pytest

from tests.plugins.reaper.daw import LuaError, Reaper

GOOD = [
    '{"a": [1, 2.5, -0.125, 1e3, true, false], "b": {}, "c": []}',
    r'"\u00e9\ud83d\ude00\n\t\"\\\/"',
    '"it\'s \\"my\\" s\u00f6ng \u266b 中文"',
    " [ ] ",
    "9007199254740993",
    "-0",
    '{"x": {"y": [{"z": "\u007f"}]}}',
]
BAD = {
    "": "not a value",
    "{": "wants a name",
    "[1,]": "not a value",
    '{"a":1,}': "wants a name",
    '{"a" 1}': "wants :",
    '{"a":1 "b":2}': "wants , or }",
    "[1 2]": "wants , or ]",
    "01": "not a number",
    "1.": "not a number",
    "+1": "not a value",
    "1e": "not a number",
    "NaN": "not a value",
    "nul": "not a value",
    '"a': "no end",
    '"\t"': "control character",
    r'"\x"': "unknown escape",
    r'"\u12"': "hexadecimal",
    "[1] 2": "follows",
    '{"a":1,"a":2}': "twice",
    "[" * 100: "too deep",
}


@pytest.mark.parametrize("text", GOOD)
def test_a_text_goes_through_unchanged(reaper: Reaper, text: str) -> None:
    again = reaper.do("return json.encode(json.decode(text))", text=text)
    assert json.loads(again) == json.loads(text)


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_json_is_refused_with_the_reason(reaper: Reaper, text: str) -> None:
    ok, why = reaper.do("return {pcall(json.decode, text)}", text=text)
    assert not ok and BAD[text] in why


@pytest.mark.parametrize("value", ["0/0", "1/0", "print", "{[1]=2}", "{{}, x=1}", '"\\xff"'])
def test_what_json_cannot_tell_is_refused(reaper: Reaper, value: str) -> None:
    with pytest.raises(LuaError, match="json:"):
        reaper.do(f"return json.encode({value})")


def test_a_table_that_holds_itself_is_refused(reaper: Reaper) -> None:
    with pytest.raises(LuaError, match="holds itself"):
        reaper.do("local t = {} t.t = t return json.encode(t)")


@pytest.mark.parametrize("number", [0.1, 1 / 3, 119.88, 1e-7, 2**53 + 1, -5, 1.7976931348623157e308])
def test_numbers_keep_every_bit(reaper: Reaper, number: Any) -> None:
    again = reaper.do("return json.encode(json.decode(text))", text=json.dumps(number))
    assert json.loads(again) == number and type(json.loads(again)) is type(number)


def test_half_a_pair_stands_for_the_replacement_character(reaper: Reaper) -> None:
    assert reaper.do("return json.decode(text)", text=r'"\ud800x"') == "�x"


def test_keys_are_written_in_order_so_that_the_same_message_is_the_same_text(reaper: Reaper) -> None:
    assert reaper.do("return json.encode({b=1, a=2, c=json.null})") == '{"a":2,"b":1,"c":null}'
