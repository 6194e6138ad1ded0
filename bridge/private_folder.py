"""Folders that are this user's alone, and files in them that are never seen half written.

Whoever may write into such a folder may ask the daemon for anything, so others must not; links are not
followed, so that no other place is written to by its name.
"""

import os
import stat
from pathlib import Path

PART = ".part"
"""End of a name that nobody reads yet."""


class NotPrivate(OSError):
    """The folder is a link, no folder, or another user's; the text says which."""


def make_private(folder: Path) -> None:
    """Makes the folder if it is not there, and closes it to others. Raises NotPrivate, OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise NotPrivate(f"{folder} is a link or no folder")
    if not hasattr(os, "getuid"):
        return  # Windows: the user's own folders are closed to others
    if found.st_uid != os.getuid():
        raise NotPrivate(f"{folder} belongs to another user")
    if stat.S_IMODE(found.st_mode) & 0o077:
        folder.chmod(0o700)


def write_private(path: Path, content: bytes) -> None:
    """Writes a file that only its owner may read, whole or not at all. Raises OSError."""
    part = path.with_suffix(PART)
    part.unlink(missing_ok=True)  # of a daemon that was killed, or a link somebody laid there
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    os.replace(part, path)
