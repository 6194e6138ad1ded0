"""The verbs of the command line against a daemon: what is asked, shown and returned to the shell."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bridge.cli import main
from tests.bridge.little_process import ROOT, LittleProcess

QUICK, SLOW = "steps 2 0", "steps 400 0.05"
"""Captions that steer the little engine."""
REGION = ("--start", "2", "--end", "4")
PATIENCE_S = 240.0
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LittleProcess]:
    """One daemon for all these tests."""
    process = LittleProcess(tmp_path_factory.mktemp("commands"))
    process.start()
    yield process
    process.stop()


@pytest.fixture
def run(process: LittleProcess, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command line here, in the song's folder; exit code, output and errors."""
    monkeypatch.setenv("BARLINE_RUNTIME", process.environment["BARLINE_RUNTIME"])
    monkeypatch.chdir(process.song.parent)

    def run(*words: str) -> tuple[int, str, str]:
        try:
            code = main([*words])
        except SystemExit as left:
            code = int(left.code or 0)
        return (code, *capsys.readouterr())

    return run


def begin(process: LittleProcess, *words: str, **streams: Any) -> "subprocess.Popen[str]":
    """Starts a command line in a process of its own, which ends by itself or is interrupted."""
    return subprocess.Popen(
        [sys.executable, "-m", "bridge.cli", *words],
        cwd=process.song.parent,
        env=process.environment,
        text=True,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | streams,
    )


def replies(output: str) -> list[dict[str, Any]]:
    """What --json printed: every line is a reply."""
    return [json.loads(line) for line in output.splitlines()]


def test_a_repaint_of_a_file_with_an_odd_name(run: Run, process: LittleProcess) -> None:
    code, output, errors = run("repaint", process.song.name, *REGION, "--caption", QUICK, "--id", "odd")
    assert code == 0
    take = next(line.split(None, 1)[1] for line in output.splitlines() if line.strip().startswith("take "))
    assert Path(take).is_file()
    assert "odd: denoise" in errors
    assert "denoise" not in output


def test_json_prints_the_replies_and_nothing_else(run: Run, process: LittleProcess) -> None:
    code, output, _ = run("repaint", process.song.name, *REGION, "--caption", QUICK, "--json")
    heard = replies(output)
    assert (code, heard[0]["type"], heard[-1]["type"]) == (0, "accepted", "done")
    assert {reply["type"] for reply in heard[1:-1]} == {"progress"}
    assert len({reply["id"] for reply in heard}) == 1


def test_positions_in_other_units_mean_the_same_place(run: Run, process: LittleProcess) -> None:
    words = ("repaint", process.song.name, "--caption", QUICK, "--json")
    ways = [
        ("--start", "2:1:0", "--end", "4|1|0"),
        ("--start", "2s", "--end.seconds", "6.0"),
        ("--start", "4beats", "--end", "288000samples"),
    ]
    places = [replies(run(*words, *way)[1])[-1] for way in ways]
    assert {(done["start_sample"], done["end_sample"]) for done in places} == {(96_000, 288_000)}


def test_lyrics_come_from_a_file(run: Run, process: LittleProcess) -> None:
    words = process.place / "words.txt"
    words.write_text("first\nsecond\n", "utf-8")
    code, output, _ = run(
        "generate", QUICK, "--length", "1", "--lyrics-file", str(words), "--json", "--id", "sung"
    )
    sidecar = json.loads(Path(replies(output)[-1]["sidecar"]).read_text("utf-8"))
    assert code == 0
    assert "first\nsecond" in json.dumps(sidecar).replace("\\n", "\n")


@pytest.mark.parametrize(
    ("words", "blame"),
    [
        (("project", "120", "--sample-rate", "7"), "sample_rate=7 is outside 8000..192000 Hz (out-of-range)"),
        (("repaint", "a.wav", "--start", "2"), "end is missing: where the region ends"),
        (("repaint", "a.wav", "--start", "2", "--start.beats", "3", "--end", "4"), "start was given twice"),
        (("lego", "a.wav", "--stem", "kazoo"), 'stem="kazoo" is none of'),
        (("lego", "a.wav", "--steem", "bass"), "did you mean --stem?"),
        (("cancel", "a", "b"), "'b' is one word too many"),
        (("upload", "nothing.wav"), "'nothing.wav' is no file"),
        (("status", "--port", "99999"), "--port=99999 is outside 1..65535"),
        (("--host", "there", "status"), "options come after the verb"),
        (("completion", "tcsh"), "none of bash | zsh | fish"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_rule_and_value(
    run: Run, words: tuple[str, ...], blame: str
) -> None:
    code, output, errors = run(*words)
    assert (code, output) == (2, "")
    assert blame in errors


def test_wrong_usage_in_json_is_a_fail_with_code_and_field(run: Run) -> None:
    code, output, errors = run("repaint", "a.wav", *REGION, "--fade-ms", "5000", "--id", "r", "--json")
    (fail,) = replies(output)
    assert (code, errors) == (2, "")
    assert (fail["id"], fail["code"], fail["field"]) == ("r", "out-of-range", "fade_ms")


def test_what_the_daemon_refuses_ends_with_1(run: Run) -> None:
    assert run("status", "nobody's")[0] == 1
    code, output, errors = run("repaint", "not there.wav", *REGION)
    assert (code, output) == (1, "")
    assert "not there.wav' is not a file (no-file)" in errors


@pytest.mark.parametrize("more", [(), ("--port", "1"), ("--data", "nowhere")])
def test_no_daemon_ends_with_4_and_the_way_out(
    run: Run, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...]
) -> None:
    monkeypatch.setenv("BARLINE_RUNTIME", "/nowhere")
    code, output, errors = run("status", "--json", *more)
    assert (code, output) == (4, "")
    assert "start one: barline" in errors


def test_a_daemon_is_found_by_its_data_folder(
    run: Run, process: LittleProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BARLINE_RUNTIME", "/nowhere")
    assert run("status", "--data", str(process.place / "data"))[0] == 0


def test_a_detached_job_is_waited_for_elsewhere(run: Run) -> None:
    code, output, _ = run("generate", QUICK, "--length", "1", "--id", "later", "--detach", "--json")
    assert (code, [reply["type"] for reply in replies(output)]) == (0, ["accepted"])
    code, output, _ = run("wait", "later", "--json")
    assert (code, replies(output)[-1]["type"]) == (0, "done")


def test_fetch_prints_the_jobs_reply_before_its_own(run: Run) -> None:
    run("generate", QUICK, "--length", "1", "--id", "old")
    code, output, _ = run("fetch", "old", "--json")
    assert (code, [reply["command"] for reply in replies(output)]) == (0, ["generate", "fetch"])


def test_files_travel_both_ways_and_replace_nothing(run: Run, process: LittleProcess) -> None:
    code, output, _ = run("upload", process.song.name, "--json")
    source = replies(output)[-1]["source"]
    assert (code, source[:7]) == (0, "upload:")
    run("repaint", source, *REGION, "--caption", QUICK, "--id", "sent")
    assert run("download", "sent", "--to", "got.wav")[0] == 0
    name = replies(run("download", "sent", "--json")[1])[0]["name"]
    assert run("download", "sent")[0] == 0
    second = Path(name).with_stem(f"{Path(name).stem}_2")
    assert Path("got.wav").read_bytes() == Path(name).read_bytes() == second.read_bytes()


def test_a_path_that_no_message_can_hold_is_sent_as_a_file(run: Run, process: LittleProcess) -> None:
    Path("two\nlines.wav").write_bytes(process.song.read_bytes())
    code, output, _ = run("repaint", "two\nlines.wav", *REGION, "--caption", QUICK, "--json")
    assert code == 0
    assert "two_lines" in Path(replies(output)[-1]["take"]).name


def test_ctrl_c_cancels_the_job_and_waits_for_its_end(process: LittleProcess) -> None:
    ran = begin(process, "generate", SLOW, "--length", "1", "--id", "stopped", "--json")
    assert ran.stdout is not None
    while "denoise" not in ran.stdout.readline():
        assert ran.poll() is None
    ran.send_signal(signal.SIGINT)
    output, _ = ran.communicate(timeout=PATIENCE_S)
    assert (ran.returncode, replies(output)[-1]["type"]) == (3, "cancelled")


def test_a_second_ctrl_c_leaves_at_once(run: Run, process: LittleProcess) -> None:
    ran = begin(process, "generate", SLOW, "--length", "1", "--id", "left", "--json")
    assert ran.stdout is not None
    assert ran.stderr is not None
    assert process.process is not None
    assert "accepted" in ran.stdout.readline()
    process.process.send_signal(signal.SIGSTOP)  # a daemon that does not answer
    try:
        ran.send_signal(signal.SIGINT)
        assert "cancelling" in ran.stderr.readline()
        ran.send_signal(signal.SIGINT)
        _, errors = ran.communicate(timeout=PATIENCE_S)
    finally:
        process.process.send_signal(signal.SIGCONT)
    assert ran.returncode == 130
    assert errors.endswith("barline wait left\n")
    assert run("cancel", "left")[0] == 0  # the daemon may not have heard the first Ctrl-C


def test_the_token_is_shown_or_the_door_stays_shut(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guarded = LittleProcess(tmp_path, token="s3cret")
    guarded.start()
    try:
        data = str(tmp_path / "data")
        code, _, errors = run("status", "--data", data)
        assert code == 4
        assert "show the token" in errors
        assert run("status", "--data", data, "--token", "s3cret")[0] == 0
        monkeypatch.setenv("BARLINE_TOKEN", "s3cret")
        assert run("hello", "--data", data)[0] == 0
    finally:
        guarded.stop()


def test_a_job_outlives_a_killed_daemon(run: Run, process: LittleProcess) -> None:
    ran = begin(process, "generate", "steps 12 0.1", "--length", "1", "--id", "survivor", "--json")
    assert ran.stdout is not None
    while "denoise" not in ran.stdout.readline():
        assert ran.poll() is None
    process.kill()
    process.start()
    output, errors = ran.communicate(timeout=PATIENCE_S)
    assert (ran.returncode, replies(output)[-1]["type"]) == (0, "done")
    assert "the daemon went away" in errors


def test_listen_hears_of_every_clients_jobs_through_a_restart(run: Run, process: LittleProcess) -> None:
    ran = begin(process, "listen", "--json")
    assert ran.stderr is not None
    assert ran.stdout is not None
    assert "listening" in ran.stderr.readline()
    run("generate", QUICK, "--length", "1", "--id", "heard")
    process.kill()
    process.start()
    while "listening" not in ran.stderr.readline():
        assert ran.poll() is None
    run("generate", QUICK, "--length", "1", "--id", "heard again")
    ends = [("done", "heard"), ("done", "heard again")]
    while ends:
        reply = json.loads(ran.stdout.readline())
        if (reply["type"], reply.get("id")) == ends[0]:
            ends.pop(0)
    ran.send_signal(signal.SIGINT)
    assert ran.wait(PATIENCE_S) == 130


def test_a_terminal_sees_bars(process: LittleProcess) -> None:
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    ran = begin(process, "generate", QUICK, "--length", "1", "--id", "bars", stderr=theirs)
    output, _ = ran.communicate(timeout=PATIENCE_S)
    with open(ours, "rb", buffering=0) as screen:
        drawn = screen.read(65_536).decode("utf-8")
    assert "2/2" in drawn
    assert "bars: generate done" in output


def test_help_needs_nothing_but_the_standard_library() -> None:
    bare = (sys.executable, "-S", "-E", "run_bridge.py")
    every = subprocess.run([*bare, "--help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    one = subprocess.run(
        [*bare, "lego", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert all(word in every for word in ("demo", "vocal2bgm", "listen", "completion"))
    assert "usage: barline lego SOURCE --stem CHOICE" in one


def test_a_client_loads_no_model_code(process: LittleProcess) -> None:
    code = "import sys; from bridge.cli import main; main(['status']); print(*sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", code], env=process.environment, capture_output=True, text=True, check=True
    )
    loaded = {name.split(".")[0] for name in ran.stdout.splitlines()[-1].split()}
    assert {"torch", "transformers", "numpy", "scipy", "soundfile", "rich"} & loaded == set()
