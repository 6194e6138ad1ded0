"""Numbers as they come over the wire, read exactly, and written so that nothing is lost.

A client may send an integer, a float (taken as the exact value it holds) or a text: "12.345", "1e-3", "1/3".
"""

import json
import math
import re
from fractions import Fraction
from typing import Any

from protocol.errors import ProtocolError

# Bounds that keep every accepted number small enough to compute with, and to write back in one text.
_FINEST = 2**100
_LARGEST = 10**30
_WORDS = {"None": "null", "True": "true", "False": "false"}
_DECIMAL = re.compile(r"[+-]?(\d{1,48}(\.\d{0,30})?|\.\d{1,30})([eE][+-]?\d{1,2})?", re.ASCII)
_RATIO = re.compile(r"[+-]?\d{1,64}/\d{1,32}", re.ASCII)


def shown(plain: Any) -> str:
    """A client's value for an error text: what was sent, on one line, at most about 60 characters."""
    if isinstance(plain, str):
        text = json.dumps(plain, ensure_ascii=False)
    elif isinstance(plain, Fraction):
        text = number_text(plain)
    elif isinstance(plain, int) and not isinstance(plain, bool) and abs(plain) > _LARGEST:
        text = "a huge integer"
    elif isinstance(plain, (list, dict)):
        text = "a list" if isinstance(plain, list) else "an object"
    else:
        text = _WORDS.get(str(plain), str(plain))
    return text if len(text) <= 60 else text[:57] + "..."


def wrong_type(field: str, plain: Any, wanted: str) -> ProtocolError:
    """The error for a value that cannot be read as what the field holds."""
    return ProtocolError("wrong-type", f"{field}={shown(plain)} is not {wanted}", field)


def read_number(plain: Any, field: str) -> Fraction:
    """The exact value of a number sent as integer, float, decimal text or ratio text."""
    value = _fraction(plain)
    if value is None:
        raise wrong_type(field, plain, "a number (an integer, a finite float, or a text like 12.345 or 1/3)")
    if value.denominator > _FINEST or abs(value) > _LARGEST:
        raise ProtocolError("out-of-range", f"{field}={shown(plain)} is too fine or too large", field)
    return value


def read_whole(plain: Any, field: str) -> int:
    """The value of a whole number, however it was sent."""
    value = read_number(plain, field)
    if value.denominator != 1:
        raise wrong_type(field, plain, "a whole number")
    return value.numerator


def is_number(plain: Any) -> bool:
    """Whether a plain value came as a number, not as a text or a flag."""
    return isinstance(plain, (int, float, Fraction)) and not isinstance(plain, bool)


def exact_decimal(text: str) -> Fraction | str:
    """The number a JSON decimal stands for; a monstrous one stays text, so that its field refuses it."""
    value = _text_fraction(text)
    return text if value is None or value.denominator > _FINEST or abs(value) > _LARGEST else value


def digits_of(plain: Any) -> Any:
    """The digits of a whole number sent where a text is wanted; anything else unchanged."""
    value = _fraction(plain) if is_number(plain) else None
    is_small_whole = value is not None and value.denominator == 1 and abs(value) <= _LARGEST
    return str(value) if is_small_whole else plain


def number_text(value: Fraction) -> str:
    """The shortest exact text: "5", "12.345", or a ratio like "1/3" where decimals would not end soon."""
    if value.denominator == 1:
        return str(value.numerator)
    rest, digits = value.denominator, 0
    while rest % 10 == 0:
        rest, digits = rest // 10, digits + 1
    prime = 2 if rest % 2 == 0 else 5
    while rest % prime == 0:
        rest, digits = rest // prime, digits + 1
    if rest != 1 or digits > 15:
        return f"{value.numerator}/{value.denominator}"
    whole, part = divmod(abs(value.numerator) * 10**digits // value.denominator, 10**digits)
    return f"{'-' if value < 0 else ''}{whole}.{part:0{digits}d}"


def _fraction(plain: Any) -> Fraction | None:
    if isinstance(plain, bool):
        return None
    if isinstance(plain, (int, Fraction)):
        return Fraction(plain)
    if isinstance(plain, float):
        return Fraction(plain) if math.isfinite(plain) else None
    return _text_fraction(plain.strip()) if isinstance(plain, str) else None


def _text_fraction(text: str) -> Fraction | None:
    if _DECIMAL.fullmatch(text):
        return Fraction(text)
    if _RATIO.fullmatch(text) and int(text.partition("/")[2]) != 0:
        return Fraction(text)
    return None
