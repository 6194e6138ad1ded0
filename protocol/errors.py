"""What a client can get wrong, and the stable codes that say so.

Knows no field and no transport: it only carries the blame from where it was found to whoever answers.
"""

CODES: dict[str, str] = {
    "malformed": "the bytes are no OSC packet, no JSON object or no binary frame",
    "unknown-address": "no request has this address or type (wildcards are not matched)",
    "wrong-transport": "this request travels on the other transport only",
    "missing-field": "a field without a default was not given",
    "unknown-field": "the request has no such field; the nearest name is told",
    "duplicate-field": "the same field was given twice",
    "wrong-type": "the value cannot be read as what the field holds",
    "out-of-range": "the value was read, but lies outside the declared range",
    "too-long": "a text, list or message is above its declared size",
    "id-taken": "the request id already belongs to a different request",
    "too-late": "a timetag lies further ahead than the horizon",
    "unknown-job": "no job has this id",
    "unknown-project": "no project of this name was declared",
    "no-file": "the file is not there or cannot be read",
    "no-audio": "the file is there but holds no audio that can be read",
    "not-allowed": "the path lies outside the folders the daemon may touch, or the token is wrong",
    "no-model": "the model is not installed",
    "no-task": "the loaded model was not made for this task; the text names one that was",
    "busy": "the queue is full",
    "not-ready": "the engine is starting or restarting",
    "not-finished": "the job has no result yet",
    "engine-lost": "the engine died twice on this job",
    "io-error": "a file could not be read or written: a full disk, say; the text has the details",
    "internal": "a fault of the daemon; its log has the details",
}


class ProtocolError(Exception):
    """The client's message cannot be accepted.

    code: a key of CODES.  text: states field, rule and value.  field: its wire name, "" where none is.
    command, request_id: of the offending message, "" when they could not be read; with them a `fail`
    reaches the request that caused it.
    """

    def __init__(
        self, code: str, text: str, field: str = "", command: str = "", request_id: str = ""
    ) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.field = field
        self.command = command
        self.request_id = request_id

    def about(self, command: str, request_id: str) -> "ProtocolError":
        """The same complaint, addressed to one request."""
        return ProtocolError(self.code, self.text, self.field, command, request_id)
