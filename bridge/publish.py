"""Files that appear whole or not at all and never replace another one; knows nothing of what is in them.

Everything is written under a temporary name in the folder it will live in, synced to disk, then linked to
its final name.
"""

import os
import re
import secrets
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

PART_PREFIX, PART_SUFFIX = ".barline-", ".part"
NAME_BYTES = 160  # of a file name's stem; most file systems take 255 in all
# What some shell, DAW or file system trips over goes; letters of any script are kept.
UNSAFE = re.compile(r"[^\w.+#()-]+")
COPIES = 9_999  # names tried before giving up


@dataclass(slots=True)
class Delivery:
    """Files on their way into one folder. Owns its temporary files: they go when the delivery ends."""

    folder: Path
    parts: list[Path] = field(default_factory=list)

    def part(self) -> Path:
        """A fresh temporary path in the folder; nothing is created."""
        path = self.folder / f"{PART_PREFIX}{secrets.token_hex(8)}{PART_SUFFIX}"
        self.parts.append(path)
        return path

    def publish(self, stem: str, files: Mapping[str, Path]) -> dict[str, Path]:
        """Give the parts their names `stem` + ending, all with the same number where a name is taken.

        files: ending ("_take.wav") -> part.  Returns ending -> final path. Raises FileExistsError after
        COPIES names.
        """
        for part in files.values():
            sync(part)
        for number in range(1, COPIES + 1):
            base = stem if number == 1 else f"{stem}_{number}"
            named = {ending: self.folder / f"{base}{ending}" for ending in files}
            if link_all([(files[ending], path) for ending, path in named.items()]):
                sync_folder(self.folder)
                return named
        raise FileExistsError(f"{COPIES} files named like {stem} in {self.folder}")


@contextmanager
def delivery_into(folder: Path) -> Iterator[Delivery]:
    """A delivery into a folder, made when it is missing; what was not published is gone afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    delivery = Delivery(folder)
    try:
        yield delivery
    finally:
        for part in delivery.parts:
            part.unlink(missing_ok=True)


def link_all(pairs: list[tuple[Path, Path]]) -> bool:
    """Publish every (part, final) or none; False when one of the names is taken."""
    done: list[Path] = []
    try:
        for part, final in pairs:
            link_new(part, final)
            done.append(final)
    except FileExistsError:
        withdraw(done)
        return False
    except OSError:
        withdraw(done)
        raise
    return True


def withdraw(paths: list[Path]) -> None:
    """Remove what was just published."""
    for path in paths:
        path.unlink(missing_ok=True)


def link_new(part: Path, final: Path) -> None:
    """Give a part its final name. Raises FileExistsError rather than replace anything."""
    try:
        os.link(part, final)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):  # no hard links here (exFAT, some network drives)
        reserve_and_move(part, final)


def reserve_and_move(part: Path, final: Path) -> None:
    """Take the name with an empty file of our own, which fails where it exists, then move the part over."""
    os.close(os.open(final, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    try:
        os.replace(part, final)
    except OSError:
        final.unlink(missing_ok=True)
        raise


def sync(path: Path) -> None:
    """Wait until a file's bytes are on the disk."""
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until a folder's names are on the disk; where folders cannot be opened (Windows) there is
    nothing to do.
    """
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def sweep_partials(folder: Path) -> int:
    """Remove the temporary files a killed daemon left in a folder; how many there were. Call before any
    delivery.
    """
    left = list(folder.glob(f"{PART_PREFIX}*{PART_SUFFIX}")) if folder.is_dir() else []
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)


def safe_name(text: str, limit: int = NAME_BYTES) -> str:
    """A text as part of a file name: any script's letters stay, all else becomes "_"; at most `limit` bytes
    of UTF-8.
    """
    plain = UNSAFE.sub("_", unicodedata.normalize("NFC", text)).strip("._") or "_"
    return plain.encode()[:limit].decode(errors="ignore")
