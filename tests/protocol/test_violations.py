"""Every field of every request, violated once in each way, through both codecs: the fail says how."""

import json
from typing import Any

import pytest

from protocol import json_text, osc
from protocol.errors import ProtocolError
from protocol.examples import REQUESTS as EXAMPLES
from protocol.messages import REQUESTS
from protocol.replies import Fail
from tests.protocol.clients import plain_datagram
from tests.protocol.violations import LEFT_OUT, Wrong, changed, violations

GOOD = {request.spec.name: json.loads(json_text.encode_request(request)) for request in EXAMPLES}
CASES = [(name, wrong) for name, cls in REQUESTS.items() for wrong in violations(cls)]


def plain_of(name: str, wrong: Wrong) -> dict[str, Any]:
    """The wrong message; another field of a `one_of` than the good one's takes its place."""
    one_of = REQUESTS[name].spec.one_of
    others = {} if wrong.name in ("none of", "all of") else dict.fromkeys(one_of, LEFT_OUT)
    given = [field for field in wrong.fields if field in one_of]
    return changed(GOOD[name], {**(others if given else {}), **wrong.fields})


def check(error: ProtocolError | Fail, name: str, wrong: Wrong) -> None:
    """The fail names the request, the field, the rule and the value."""
    told = f"{name}, {wrong.name}: {error.code} {error.field}: {error.text}"
    assert (error.command, error.request_id) == (name, GOOD[name]["id"]), told
    assert (error.code, error.field) == (wrong.code, wrong.field), told
    assert all(word in error.text for word in wrong.words), f"{told}; {wrong.words}"


@pytest.mark.parametrize(("name", "wrong"), CASES, ids=[f"{name}-{wrong.name}" for name, wrong in CASES])
def test_json_says_field_rule_and_value(name: str, wrong: Wrong) -> None:
    with pytest.raises(ProtocolError) as refused:
        json_text.decode_request(json.dumps(plain_of(name, wrong)))
    check(refused.value, name, wrong)


OSC_CASES = [(n, w) for n, w in CASES if w.fits_osc and "osc" in REQUESTS[n].spec.transports]


@pytest.mark.parametrize(("name", "wrong"), OSC_CASES, ids=[f"{n}-{w.name}" for n, w in OSC_CASES])
def test_osc_says_field_rule_and_value(name: str, wrong: Wrong) -> None:
    (timed,) = osc.decode_packet(plain_datagram(plain_of(name, wrong)))
    assert isinstance(timed.message, ProtocolError), f"{name}, {wrong.name} was taken: {timed.message}"
    check(timed.message, name, wrong)


def test_every_request_and_field_is_in_the_table() -> None:
    assert set(GOOD) == set(REQUESTS)
    assert len(CASES) > 600 and len(OSC_CASES) > 400
