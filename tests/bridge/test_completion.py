"""The completions in real shells: what each offers for what was typed."""

import os
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from bridge.cli import main
from bridge.commands.verbs import all_verbs
from bridge.journal import Journal
from protocol.fields import declared
from protocol.messages import REQUESTS
from protocol.values import STEMS

PATIENCE_S = 120.0


def script_of(shell: str, place: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A shell's script, in a file."""
    assert main(["completion", shell]) == 0
    path = place / f"completion.{shell}"
    path.write_text(capsys.readouterr().out, "utf-8")
    return path


def need(shell: str) -> str:
    """Skips the test where a shell is missing."""
    found = shutil.which(shell)
    if found is None:
        pytest.skip(f"{shell} is not installed")
    return found


@pytest.fixture
def offers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """What bash offers for words, the last of which is being typed."""
    bash, script = need("bash"), script_of("bash", tmp_path, capsys)
    program = tmp_path / "barline"  # what the script calls for the names of projects
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m bridge.cli "$@"\n')
    program.chmod(0o755)
    driver = (
        'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _barline; printf "%s\\n" "${COMPREPLY[@]}"'
    )

    def offers(*words: str, **environment: str) -> list[str]:
        ran = subprocess.run(
            [bash, "--norc", "-c", driver, str(script), str(program), *words],
            env=os.environ | {"PYTHONPATH": os.getcwd()} | environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert ran.stderr == ""
        return ran.stdout.split("\n")[:-1] if ran.stdout != "\n" else []

    return offers


def test_bash_takes_the_script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = script_of("bash", tmp_path, capsys)
    command = [need("bash"), "--norc", "-c", f'source "{script}"; complete -p barline']
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "complete -o default -F _barline barline"


def test_bash_offers_every_verb(offers: Any) -> None:
    assert set(offers("")) == {*all_verbs(), "demo", "models", "bench", "test"}
    assert offers("rep") == ["repaint"]


@pytest.mark.parametrize("verb", ["repaint", "notify", "understand"])
def test_bash_offers_every_field(offers: Any, verb: str) -> None:
    fields = {f"--{field.wire.replace('_', '-')}" for field in declared(REQUESTS[verb])}
    assert fields <= set(offers(verb, "--"))


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("repaint", "a.wav", "--deliver", ""), ["take", "full", "both"]),
        (("repaint", "a.wav", "--deliver", "="), ["take", "full", "both"]),
        (("repaint", "a.wav", "--deliver", "=", "f"), ["full"]),
        (("repaint", "--start.s"), ["--start.seconds", "--start.samples"]),
        (("extract", "a.wav", "--stems", "drums,ba"), ["drums,bass", "drums,backing_vocals"]),
        (("lego", "--stem", ""), list(STEMS)),
        (("describe", "lim"), ["limits"]),
        (("describe", "--what", "lim"), ["limits"]),
        (("completion", ""), ["bash", "zsh", "fish"]),
        (("--os"), ["--osc-port"]),
        (("bench", "--r"), ["--repeats"]),
        (("repaint", "--caption", ""), []),
        (("repaint", "--source", ""), []),
    ],
)
def test_bash_offers_what_may_stand_there(offers: Any, words: Any, wanted: list[str]) -> None:
    assert offers(*([words] if isinstance(words, str) else words)) == wanted


async def test_bash_offers_the_names_of_projects(offers: Any, tmp_path: Path) -> None:
    folder = tmp_path / "barline-data" / "barline"
    folder.mkdir(parents=True)
    journal = Journal(folder / "journal.sqlite")
    await journal.put_project("my song", "{}")
    journal.close()
    environment = {"XDG_DATA_HOME": str(tmp_path / "barline-data")}
    if sys.platform == "linux":  # elsewhere the user's data folder is not ours to choose
        assert offers("repaint", "--project", "", **environment) == ["default", "my\\ song"]


def typed(shell: list[str], first: str, line: str, wanted: str, place: Path) -> str:
    """What stands on the screen of an interactive shell after a line was typed, once `wanted` is there."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    environment = os.environ | {"TERM": "dumb", "PS1": "$ ", "HOME": str(place)}
    process = subprocess.Popen(
        shell, cwd=place, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    try:
        os.write(ours, f"{first}; echo rea''dy\n".encode())
        screen_until(ours, "ready")
        os.write(ours, line.encode())
        return screen_until(ours, wanted)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
        os.close(theirs)


def screen_until(terminal: int, wanted: str) -> str:
    """What a terminal shows until a text is there."""
    shown, give_up_at = b"", time.monotonic() + PATIENCE_S
    while wanted.encode() not in shown and time.monotonic() < give_up_at:
        if select.select([terminal], [], [], 0.1)[0]:
            shown += os.read(terminal, 65_536)
    assert wanted.encode() in shown, shown
    return shown.decode("utf-8", "replace")


def test_bash_completes_files_with_odd_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = script_of("bash", tmp_path, capsys)
    (tmp_path / "my 'best' song.wav").touch()
    typed(
        [need("bash"), "--norc", "--noprofile", "-i"],
        f"source '{script}'",
        "barline repaint my\t",
        "my\\ \\'best\\'\\ song.wav",
        tmp_path,
    )


@pytest.mark.parametrize(
    ("line", "wanted"), [("repaint --deliver f\t", "full"), ("extract --stems drums,perc\t", "percussion")]
)
def test_zsh_completes(tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, wanted: str) -> None:
    zsh, script = need("zsh"), script_of("zsh", tmp_path, capsys)
    start = f"autoload -U compinit; compinit -u -D; source '{script}'"
    typed([zsh, "-f", "-i"], start, f"barline {line}", wanted, tmp_path)


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("rep", {"repaint"}),
        ("repaint --deliver ", {"take", "full", "both"}),
        ("extract --stems drums,ba", {"drums,bass", "drums,backing_vocals"}),
        ("bench --rep", {"--repeats"}),
    ],
)
def test_fish_completes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, wanted: set[str]
) -> None:
    fish, script = need("fish"), script_of("fish", tmp_path, capsys)
    command = [fish, "--no-config", "-c", f"source '{script}'; complete -C 'barline {line}'"]
    environment = os.environ | {"HOME": str(tmp_path)}
    ran = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert {offer.split("\t")[0] for offer in ran.stdout.splitlines()} == wanted
