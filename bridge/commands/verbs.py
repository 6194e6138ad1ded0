"""The verbs of a client: one for each request of the protocol, and three that are no requests."""

from dataclasses import dataclass
from typing import Any

from bridge.commands.options import CONNECTION, Option, options_of, own_option, subject_of
from protocol.describe import summary
from protocol.messages import REQUESTS

SHELLS = ("bash", "zsh", "fish")


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb.

    run: module:function that is given the parsed Order and returns the exit code.  subject: what may be given
    without a name.  request: the class of the request, None where the verb is none.
    """

    name: str
    doc: str
    run: str
    options: tuple[Option, ...]
    subject: Option | None = None
    request: Any = None


SAY = own_option("--own", "", "hear of the engine only, not of every client's jobs")
JOB = Option("JOB", "", "text", "JOB", "id of the job")
SHELL = Option("SHELL", "", "text", "SHELL", "which shell: bash, zsh or fish", "word", SHELLS)
OWN_VERBS = (
    Verb(
        "listen",
        "Print what happens: every client's jobs and the engine's state, until Ctrl-C.",
        "bridge.commands.listening:run_listen",
        (SAY, *CONNECTION),
    ),
    Verb(
        "wait",
        "Show a job's progress, wait for its end and print it; Ctrl-C ends the waiting and not the job.",
        "bridge.commands.listening:run_wait",
        CONNECTION,
        JOB,
    ),
    Verb(
        "completion",
        'Print the script that completes all this in a shell: eval "$(barline completion bash)".',
        "bridge.commands.completion:run_completion",
        (),
        SHELL,
    ),
)


def request_verb(name: str) -> Verb:
    """The verb of a request."""
    cls = REQUESTS[name]
    return Verb(
        name, summary(cls), "bridge.commands.asking:run_request", options_of(cls), subject_of(cls), cls
    )


def all_verbs() -> dict[str, str]:
    """Every verb of a client, and what it is for."""
    return {name: summary(cls) for name, cls in REQUESTS.items()} | {
        verb.name: verb.doc for verb in OWN_VERBS
    }


def find_verb(name: str) -> Verb:
    """The verb of that name, one of all_verbs."""
    return request_verb(name) if name in REQUESTS else next(verb for verb in OWN_VERBS if verb.name == name)
