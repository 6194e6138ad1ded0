"""The folder of uploads: room, names and age."""

import os
import time
from pathlib import Path

import pytest

from bridge.uploads import OPEN_PER_OWNER, Uploads, uploaded_file
from protocol.binary import Frame
from protocol.errors import ProtocolError
from protocol.messages import Upload
from protocol.replies import UploadDone

DAY_S = 86_400


def announced(name: str = "u", size: int = 4, file: str = "a.wav") -> Upload:
    return Upload(request_id=name, name=file, size=size)


def put(uploads: Uploads, name: str = "u", file: str = "a.wav", content: bytes = b"1234") -> UploadDone:
    """One whole upload."""
    uploads.begin("ws:1", announced(name, len(content), file))
    done = uploads.feed("ws:1", Frame("upload", name, 0, len(content), content))
    assert done is not None
    return done


def test_an_upload_is_found_by_its_source(tmp_path: Path) -> None:
    source = put(Uploads(tmp_path, 100)).source
    assert uploaded_file(tmp_path, source).read_bytes() == b"1234"


@pytest.mark.parametrize(
    "source", ["upload:", "upload:..", "upload:../../etc", "upload:" + "0" * 24, "upload:*"]
)
def test_a_source_that_is_no_upload_is_no_file(tmp_path: Path, source: str) -> None:
    put(Uploads(tmp_path, 100))
    with pytest.raises(ProtocolError, match="no upload"):
        uploaded_file(tmp_path, source)


def test_a_name_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path / "uploads", 100)
    path = uploaded_file(tmp_path / "uploads", put(uploads, file="../../evil/é a.wav").source)
    assert path.parent.parent == tmp_path / "uploads" and path.suffix == ".wav"


def test_there_is_room_for_so_much(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path, 10)
    put(uploads, content=b"12345678")
    with pytest.raises(ProtocolError, match="above 10 bytes"):
        uploads.begin("ws:1", announced(size=3))


def test_what_is_announced_counts_before_it_came(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path, 10)
    uploads.begin("ws:1", announced("u1", 8))
    with pytest.raises(ProtocolError, match="above 10 bytes"):
        uploads.begin("ws:2", announced("u2", 8))
    uploads.drop("ws:1")
    uploads.begin("ws:2", announced("u2", 8))


def test_one_connection_has_only_so_many_under_way(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path, 100)
    for number in range(OPEN_PER_OWNER):
        uploads.begin("ws:1", announced(f"u{number}"))
    with pytest.raises(ProtocolError, match="under way"):
        uploads.begin("ws:1", announced("one-more"))
    uploads.begin("ws:2", announced("of-another"))


def test_after_a_refusal_the_same_id_may_be_sent_again(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path, 100)
    uploads.begin("ws:1", announced())
    with pytest.raises(ProtocolError):
        uploads.feed("ws:1", Frame("upload", "u", 2, 4, b"34"))
    assert uploads.feed("ws:1", Frame("upload", "u", 0, 4, b"1234")) is None
    assert put(uploads).size == 4


def test_parts_of_a_killed_daemon_are_removed(tmp_path: Path) -> None:
    Uploads(tmp_path, 100).begin("ws:1", announced())
    assert list(tmp_path.iterdir())
    Uploads(tmp_path, 100)
    assert not list(tmp_path.iterdir())


def test_old_uploads_go_unless_a_job_needs_them(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path, 100)
    old, needed, young = (put(uploads, name, f"{name}.wav").source for name in ("old", "needed", "young"))
    long_ago = time.time() - 8 * DAY_S
    for source in (old, needed):
        os.utime(uploaded_file(tmp_path, source).parent, (long_ago, long_ago))
    uploads.sweep([needed], days=7)
    assert uploaded_file(tmp_path, needed) and uploaded_file(tmp_path, young)
    with pytest.raises(ProtocolError):
        uploaded_file(tmp_path, old)
