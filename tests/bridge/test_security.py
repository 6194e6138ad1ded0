"""Who is let in, and what a client may name."""

import socket
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from bridge.config import Config, ConfigError, check_config, is_loopback
from bridge.folders import allowed_file, allowed_folder
from bridge.ws_server import is_our_name
from protocol.errors import ProtocolError
from protocol.messages import Hello, Status
from protocol.replies import Fail, HelloDone, StatusDone
from tests.bridge.daemons import Daemon, ask, little_daemon


async def status_of(daemon: Daemon, query: str = "", **headers: str) -> int:
    """What HTTP answers to a handshake: 101 = let in."""
    url = f"ws://127.0.0.1:{daemon.bridge.ports.ws}/{query}"
    try:
        async with connect(url, additional_headers=headers, proxy=None):
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


async def test_a_native_program_may_connect(daemon: Daemon) -> None:
    assert await status_of(daemon) == 101


async def test_a_web_page_may_not_connect(daemon: Daemon) -> None:
    assert await status_of(daemon, Origin="https://example.org") == 403


async def test_a_web_page_on_the_list_may_connect(tmp_path: Path) -> None:
    async with little_daemon(tmp_path, origins=("http://localhost:8080",)) as daemon:
        assert await status_of(daemon, Origin="http://localhost:8080") == 101
        assert await status_of(daemon, Origin="http://localhost:8081") == 403
        assert await status_of(daemon, Origin="null") == 403


async def raw_handshake(port: int, host: str) -> bytes:
    """The first line of the answer to a handshake with this Host header."""
    with socket.create_connection(("127.0.0.1", port)) as tcp:
        tcp.setblocking(False)
        import asyncio

        loop = asyncio.get_running_loop()
        key = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="
        request = f"GET / HTTP/1.1\r\nHost: {host}\r\n{key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
        await loop.sock_sendall(tcp, request.encode())
        return (await loop.sock_recv(tcp, 4096)).split(b"\r\n")[0]


@pytest.mark.parametrize(("host", "answer"), [("localhost:7771", b"101"), ("rebound.example.org", b"403")])
async def test_a_name_that_was_rebound_to_us_is_refused(daemon: Daemon, host: str, answer: bytes) -> None:
    assert answer in await raw_handshake(daemon.bridge.ports.ws, host)


@pytest.mark.parametrize("name", ["127.0.0.1:7771", "localhost", "[::1]:7771", "192.168.0.7:7771"])
def test_our_own_names_are_known(name: str) -> None:
    assert is_our_name(name, "192.168.0.7")


@pytest.mark.parametrize("name", ["", "example.org", "127.0.0.1.example.org", "192.168.0.8"])
def test_other_names_are_not_ours(name: str) -> None:
    assert not is_our_name(name, "192.168.0.7")


async def test_with_a_token_a_websocket_must_show_it(tmp_path: Path) -> None:
    async with little_daemon(tmp_path, token="secret") as daemon:
        assert await status_of(daemon) == 401
        assert await status_of(daemon, "?token=wrong") == 401
        assert await status_of(daemon, "?token=secret") == 101
        assert await status_of(daemon, Authorization="Bearer secret") == 101


async def test_with_a_token_osc_must_say_hello_first(tmp_path: Path) -> None:
    async with little_daemon(tmp_path, token="secret") as daemon, daemon.osc() as client:
        refused = await ask(client, Status(request_id="s"))
        assert isinstance(refused, Fail) and (refused.code, refused.field) == ("not-allowed", "token")
        assert isinstance(await ask(client, Hello(request_id="h1", token="wrong")), Fail)
        assert isinstance(await ask(client, Status(request_id="s2")), Fail)
        assert isinstance(await ask(client, Hello(request_id="h2", token="secret")), HelloDone)
        assert isinstance(await ask(client, Status(request_id="s3")), StatusDone)


def test_open_to_other_machines_only_with_a_token() -> None:
    with pytest.raises(ConfigError, match="--token"):
        check_config(Config(Path("/data"), host="0.0.0.0"))
    check_config(Config(Path("/data"), host="0.0.0.0", token="secret"))


@pytest.mark.parametrize(
    ("host", "answer"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("", False),
    ],
)
def test_loopback_is_told_from_the_rest(host: str, answer: bool) -> None:
    assert is_loopback(host) is answer


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder that is allowed; beside it lies one that is not."""
    (tmp_path / "open").mkdir()
    (tmp_path / "closed").mkdir()
    for folder in ("open", "closed"):
        (tmp_path / folder / "a.wav").touch()
    return (tmp_path / "open").resolve()


def code_of(text: str, root: Path) -> str:
    with pytest.raises(ProtocolError) as caught:
        allowed_file(text, (root,))
    return caught.value.code


def test_a_file_inside_is_allowed(root: Path) -> None:
    assert allowed_file(str(root / "a.wav"), (root,)) == root / "a.wav"


def test_a_way_out_by_dots_is_not(root: Path) -> None:
    assert code_of(f"{root}/../closed/a.wav", root) == "not-allowed"


def test_a_way_out_by_a_link_is_not(root: Path) -> None:
    (root / "link.wav").symlink_to(root.parent / "closed" / "a.wav")
    (root / "folder").symlink_to(root.parent / "closed")
    assert code_of(str(root / "link.wav"), root) == "not-allowed"
    assert code_of(str(root / "folder" / "a.wav"), root) == "not-allowed"


def test_a_folder_whose_name_only_begins_alike_is_not_inside(root: Path) -> None:
    (root.parent / "open2").mkdir()
    assert code_of(str(root.parent / "open2" / "a.wav"), root) == "not-allowed"


@pytest.mark.parametrize(
    "text", ["a.wav", "~/a.wav", "//host/share/a.wav", "\\\\host\\share\\a.wav", "/a\x00b"]
)
def test_paths_that_are_not_plain_and_absolute_are_refused(root: Path, text: str) -> None:
    assert code_of(text, root) == "not-allowed"


def test_a_loop_of_links_is_no_file(root: Path) -> None:
    (root / "x").symlink_to(root / "y")
    (root / "y").symlink_to(root / "x")
    assert code_of(str(root / "x"), root) in ("no-file", "not-allowed")


@pytest.mark.parametrize("name", ["missing.wav", ""])
def test_what_is_not_a_file_is_told_so(root: Path, name: str) -> None:
    assert code_of(str(root / name), root) == "no-file"


def test_a_folder_that_is_not_there_yet_is_allowed(root: Path) -> None:
    assert allowed_folder(str(root / "new" / "takes"), (root,)) == root / "new" / "takes"


def test_a_file_is_no_folder(root: Path) -> None:
    with pytest.raises(ProtocolError, match="not a folder"):
        allowed_folder(str(root / "a.wav"), (root,))
