"""An LRC that is there already, to merge new lines into."""

from collections.abc import Sequence
from pathlib import Path

from bridge.folders import allowed_file
from protocol.errors import ProtocolError

MERGE_BYTES = 4 << 20


def read_old(roots: Sequence[Path], given: str, clock: str, prefix: str = "") -> str | None:
    """The LRC's text, None for none. clock: what the new times count from; prefix: of the fields' names,
    which end in merge and relative, or merge and clock.

    Raises ProtocolError that blames one of the two.
    """
    merge, relative = f"{prefix}merge", f"{prefix}clock" if prefix else "relative"
    if not given:
        return None
    if clock == "bars":
        text = f"{relative}=bars: an LRC to merge into counts in seconds"
        raise ProtocolError("out-of-range", text, relative)
    path = allowed_file(given, roots, merge)
    if path.stat().st_size > MERGE_BYTES:
        text = f"{merge}={path.name} has {path.stat().st_size} bytes, more than {MERGE_BYTES}"
        raise ProtocolError("too-long", text, merge)
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise ProtocolError("malformed", f"{merge}={path.name} is not UTF-8: {error}", merge) from error
