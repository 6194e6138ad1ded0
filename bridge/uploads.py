"""Files that clients send: taken in piece by piece, checked, kept under a name that follows from the content.

An upload lives in uploads/ID/NAME, where ID is the hash of name and content: the same file sent twice is one
file. Knows nothing of sockets: frames come as values.
"""

import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from bridge.publish import safe_name, sync
from protocol.binary import Frame
from protocol.errors import ProtocolError
from protocol.messages import Upload
from protocol.replies import UploadDone

UPLOAD = "upload:"
ID_DIGITS = 24
OPEN_PER_OWNER = 4
PART = ".part"
REMEMBERED = 1024
"""Refused uploads that are kept in mind."""


@dataclass(slots=True)
class _Open:
    """A file of which more is to come."""

    request: Upload
    path: Path
    file: BinaryIO
    received: int = 0
    digest: Any = field(default_factory=hashlib.sha256)


class Uploads:
    """The folder of uploads and the files that are being written to it; `drop` gives those back."""

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self._folder = folder
        self._limit = limit_bytes
        self._open: dict[tuple[str, str], _Open] = {}
        self._refused: dict[tuple[str, str], None] = {}
        folder.mkdir(parents=True, exist_ok=True)
        for part in folder.glob(f"*{PART}"):  # of a daemon that was killed
            part.unlink()

    def begin(self, owner: str, request: Upload) -> None:
        """Makes room for a file. owner: the connection its frames will come from. Raises ProtocolError."""
        mine = [name for who, name in list(self._open) if who == owner]
        if request.request_id in mine:
            raise ProtocolError("id-taken", f"an upload with id {request.request_id!r} is under way", "id")
        if len(mine) >= OPEN_PER_OWNER:
            raise ProtocolError("busy", f"{OPEN_PER_OWNER} uploads are under way, the most at a time")
        if self._kept_bytes() + request.size > self._limit:
            text = f"size={request.size}: with it the uploads would be above {self._limit} bytes"
            raise ProtocolError("too-long", text, "size")
        self._refused.pop((owner, request.request_id), None)
        path = self._folder / f"{secrets.token_hex(8)}{PART}"
        self._open[owner, request.request_id] = _Open(request, path, path.open("wb"))

    def feed(self, owner: str, frame: Frame) -> UploadDone | None:
        """Takes the next piece; the reply when it was the last.

        Raises ProtocolError and forgets the file; what is then still on its way for it is dropped in silence.
        """
        if (owner, frame.transfer_id) in self._refused:
            return None
        upload = self._open.get((owner, frame.transfer_id))
        if upload is None or frame.direction != "upload":
            self._refuse(owner, frame.transfer_id)
            raise ProtocolError("unknown-job", f"no upload {frame.transfer_id!r} was announced here", "id")
        try:
            _check_piece(upload, frame)
            upload.file.write(frame.payload)
            upload.digest.update(frame.payload)
            upload.received += len(frame.payload)
            return self._finish(upload) if upload.received == upload.request.size else None
        except (ProtocolError, OSError) as error:
            self._forget(owner, frame.transfer_id)
            self._refuse(owner, frame.transfer_id)
            if isinstance(error, OSError):
                raise ProtocolError("internal", f"the upload cannot be written: {error}") from error
            raise
        finally:
            if upload.file.closed:
                self._open.pop((owner, frame.transfer_id), None)

    def drop(self, owner: str) -> None:
        """The connection is gone: so is what it had not sent whole."""
        for who, name in list(self._open):
            if who == owner:
                self._forget(who, name)
        for who, name in list(self._refused):
            if who == owner:
                del self._refused[who, name]

    def sweep(self, needed: Iterable[str], days: float) -> None:
        """Deletes uploads older than `days` that are not in `needed` (source fields of waiting jobs)."""
        kept = {source.removeprefix(UPLOAD) for source in needed}
        for folder in self._folder.iterdir():
            if folder.name not in kept and time.time() - folder.stat().st_mtime > days * 86_400:
                shutil.rmtree(folder, ignore_errors=True)

    def _finish(self, upload: _Open) -> UploadDone:
        request, digest = upload.request, upload.digest.hexdigest()
        upload.file.close()
        if request.sha256 and request.sha256.lower() != digest:
            raise ProtocolError("malformed", f"sha256={request.sha256} but what came has {digest}", "sha256")
        sync(upload.path)
        name = safe_name(request.name, 100)
        upload_id = hashlib.sha256(f"{name}\0{digest}".encode()).hexdigest()[:ID_DIGITS]
        folder = self._folder / upload_id
        folder.mkdir(exist_ok=True)
        os.replace(upload.path, folder / name)
        os.utime(folder)
        return UploadDone(
            request_id=request.request_id, source=UPLOAD + upload_id, size=request.size, sha256=digest
        )

    def _forget(self, owner: str, name: str) -> None:
        upload = self._open.pop((owner, name), None)
        if upload is not None:
            upload.file.close()
            upload.path.unlink(missing_ok=True)

    def _refuse(self, owner: str, name: str) -> None:
        self._refused[owner, name] = None
        if len(self._refused) > REMEMBERED:
            del self._refused[next(iter(self._refused))]

    def _kept_bytes(self) -> int:
        announced = sum(upload.request.size for upload in list(self._open.values()))
        return announced + sum(path.stat().st_size for path in self._folder.glob("*/*"))


def uploaded_file(folder: Path, source: str) -> Path:
    """The file behind "upload:ID". Raises ProtocolError no-file."""
    upload_id = source.removeprefix(UPLOAD)
    is_id = len(upload_id) == ID_DIGITS and set(upload_id) <= set("0123456789abcdef")
    for path in sorted((folder / upload_id).glob("*")) if is_id else ():
        return path
    raise ProtocolError("no-file", f"source={source!r} is no upload that is kept here", "source")


def _check_piece(upload: _Open, frame: Frame) -> None:
    if frame.total != upload.request.size:
        text = f"total={frame.total} but size={upload.request.size} was announced"
        raise ProtocolError("out-of-range", text, "total")
    if frame.offset != upload.received:
        text = f"offset={frame.offset} but {upload.received} bytes were received: send the pieces in order"
        raise ProtocolError("out-of-range", text, "offset")


def read_pieces(path: Path, size: int) -> Iterator[bytes]:
    """A file in pieces of `size` bytes."""
    with path.open("rb") as file:
        while piece := file.read(size):
            yield piece
