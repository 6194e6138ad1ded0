"""Which paths a client may name: only what really lies, links followed, inside one of the allowed folders.

Checks names; opens nothing.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from protocol.errors import ProtocolError


def allowed_file(text: str, roots: Sequence[Path], field: str = "source") -> Path:
    """The real path of an existing file. Raises ProtocolError: not-allowed, no-file."""
    path = allowed_path(text, roots, field)
    if not path.is_file():
        raise ProtocolError("no-file", f"{field}={text!r} is not a file", field)
    if not os.access(path, os.R_OK):
        raise ProtocolError("no-file", f"{field}={text!r} cannot be read", field)
    return path


def allowed_folder(text: str, roots: Sequence[Path], field: str = "out") -> Path:
    """The real path of a folder that can be written to; it need not be there yet. Raises ProtocolError."""
    path = allowed_path(text, roots, field)
    there = next(folder for folder in (path, *path.parents) if folder.exists())
    if not there.is_dir():
        raise ProtocolError("no-file", f"{field}={text!r} is not a folder", field)
    if not os.access(there, os.W_OK):
        raise ProtocolError("not-allowed", f"{field}={text!r} cannot be written to", field)
    return path


def allowed_path(text: str, roots: Sequence[Path], field: str) -> Path:
    """The real path, links followed, if it lies inside one of `roots` (real paths themselves).

    Raises ProtocolError: not-allowed, no-file.
    """
    path = absolute_path(text, field)
    try:
        real = path.resolve()
    except (OSError, RuntimeError) as error:  # a loop of links
        raise ProtocolError("no-file", f"{field}={text!r} cannot be resolved", field) from error
    if not any(real.is_relative_to(root) for root in roots):
        places = ", ".join(map(str, roots))
        text = f"{field}={text!r} lies outside the allowed folders ({places}); start with --allow to add one"
        raise ProtocolError("not-allowed", text, field)
    return real


def absolute_path(text: str, field: str) -> Path:
    """A path as a client may write it. Raises ProtocolError: not-allowed."""
    if any(ord(letter) < 32 for letter in text):
        raise ProtocolError("not-allowed", f"{field} holds control characters", field)
    # Looking at \\machine\share would make Windows log in there, before any check of ours.
    if text.startswith(("\\\\", "//")):
        raise ProtocolError("not-allowed", f"{field}={text!r} is on another machine", field)
    path = Path(text)
    if not path.is_absolute():
        raise ProtocolError("not-allowed", f"{field}={text!r} is not an absolute path", field)
    return path
