"""From staged files to final names in a way that a crash at any moment can be made good.

A job's files are first written whole into a hidden folder of its own, beside where they will lie. Then a
*parcel* (staged path, final path of each) is journalled, and only then are they linked to their final names.
After a crash the parcel says what was meant: `settle` finishes it, or takes it back. Knows nothing of audio
or of the journal.
"""

import os
import re
import secrets
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from bridge.publish import COPIES, link_all, sync, sync_folder

Parcel = tuple[tuple[str, str], ...]
"""(staged path, final path) of each file."""

ENDING = re.compile(r"_(take|full)(-[a-z0-9_-]+)?\.[^.]*$")


def choose_staging(folder: Path) -> Path:
    """A hidden folder in `folder` for one job's files; not made yet."""
    return folder / f".barline-{secrets.token_hex(8)}"


def clear_staging(staging: str) -> None:
    """Removes a job's staged files, if there are any."""
    shutil.rmtree(staging, ignore_errors=True)


def plan_parcel(staged: Sequence[Path], folder: Path) -> Parcel:
    """Final names in `folder` that are free now, all with the same number. Raises FileExistsError."""
    for path in staged:
        sync(path)
    for number in range(1, COPIES + 1):
        pairs = [(path, folder / numbered(path.name, number)) for path in staged]
        if not any(final.exists() for _, final in pairs):
            return tuple((str(path), str(final)) for path, final in pairs)
    raise FileExistsError(f"{COPIES} files named like {staged[0].name} in {folder}")


def numbered(name: str, number: int) -> str:
    """song_bars5-9_id_take.wav, song_bars5-9_id_2_take.wav, ..."""
    found = ENDING.search(name)
    at = found.start() if found is not None else len(name)
    return name if number == 1 else f"{name[:at]}_{number}{name[at:]}"


def publish(parcel: Parcel) -> bool:
    """Gives all files their final names; False, and none, when one of the names was taken meanwhile."""
    pairs = [(Path(staged), Path(final)) for staged, final in parcel]
    if not link_all(pairs):
        return False
    sync_folder(pairs[0][1].parent)
    remove_staged(parcel)
    return True


def settle(parcel: Parcel) -> bool:
    """Finishes what a crash interrupted. False when that is impossible: then nothing of ours is left."""
    for staged, final in ((Path(staged), Path(final)) for staged, final in parcel):
        if not (is_ours(staged, final) or finish(staged, final)):
            withdraw(parcel)
            return False
    remove_staged(parcel)
    return True


def is_ours(staged: Path, final: Path) -> bool:
    """Does the final name already stand for the staged file?"""
    if not staged.exists():  # it goes only after all names were given
        return True
    return final.exists() and os.path.samefile(staged, final)


def finish(staged: Path, final: Path) -> bool:
    """Gives one file its final name; False when somebody else has the name."""
    if (
        final.exists() and final.stat().st_size == 0
    ):  # where there are no links, we reserve names by empty files
        os.replace(staged, final)
        return True
    return link_all([(staged, final)])


def withdraw(parcel: Parcel) -> None:
    """Takes back every file of ours, staged or published."""
    for staged, final in ((Path(staged), Path(final)) for staged, final in parcel):
        if staged.exists() and final.exists() and os.path.samefile(staged, final):
            final.unlink()
    remove_staged(parcel)


def remove_staged(parcel: Parcel) -> None:
    """Removes the staged names and their folder."""
    for staged, _ in parcel:
        Path(staged).unlink(missing_ok=True)
    with suppress(OSError):  # not empty: not ours to decide
        Path(parcel[0][0]).parent.rmdir()
