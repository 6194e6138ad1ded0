"""The messages between a DAW script and Barline: bytes in, values out.

Opens no socket, reads no clock, and knows nothing of jobs, audio or models. The declarations need only the
standard library, so that `barline --help` can list them before anything is installed; the wires need more.

    from protocol import osc, json_text, binary     # one module per wire
    for timed in osc.decode_packet(datagram): ...   # Timed(due, Request | ProtocolError)
    datagram = osc.encode_reply(Accepted(request_id="r1", command="repaint", position=0))
"""

from protocol.codec import fingerprint
from protocol.errors import CODES, ProtocolError
from protocol.limits import LIMITS, PROTOCOL_VERSION
from protocol.messages import REQUESTS, Request
from protocol.replies import DONES, PLAIN_REPLIES, Reply

__all__ = [
    "CODES",
    "DONES",
    "LIMITS",
    "PLAIN_REPLIES",
    "PROTOCOL_VERSION",
    "REQUESTS",
    "ProtocolError",
    "Reply",
    "Request",
    "fingerprint",
]
