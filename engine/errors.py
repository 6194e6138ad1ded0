"""What the engine raises on purpose; any other exception is a bug of ours."""


class Cancelled(Exception):
    """Raised by an `on_step` callback to end a render between two steps."""


class TaskError(Exception):
    """The task cannot be done with this model or this audio.

    code: short and stable ("out-of-range", "too-short", "wrong-shape", ...).  text: the rule and the value.
    """

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class ModelError(Exception):
    """A checkpoint is missing, incomplete or of a kind this engine does not know.

    code: "no-model", "no-file", "no-device", "bad-config" or "bad-weights".
    text: what is wrong, and the cure.
    """

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
