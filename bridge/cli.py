"""The command line: one verb per job, each in its own module, imported only when it is asked for.

Needs the standard library only, and the declarations of the protocol, which need no more: --help has to
answer before an environment exists.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.commands.running import run_verb
from bridge.commands.verbs import all_verbs, find_verb
from bridge.config import add_options as add_daemon_options

VERSION = "0.1.0"
INTERRUPTED = 130  # what a shell says of a program that Ctrl-C ended

if TYPE_CHECKING:
    Verbs = argparse._SubParsersAction[argparse.ArgumentParser]


def main(argv: list[str] | None = None) -> int:
    """Run one verb; returns the exit code. argv: without the program's name, default from the system."""
    words = sys.argv[1:] if argv is None else argv
    try:
        is_clients = bool(words) and words[0] in all_verbs()
        return run_verb(find_verb(words[0]), words[1:]) if is_clients else run_own(words)
    except KeyboardInterrupt:
        return INTERRUPTED


def run_own(argv: list[str]) -> int:
    """Run the daemon, or a verb that needs none."""
    args, extra = build_parser().parse_known_args(argv)
    if extra and args.verb != "test":
        build_parser().error(f"unrecognized arguments: {' '.join(extra)}")
    args.extra = extra
    module, _, function = args.run.partition(":")
    code: int = getattr(importlib.import_module(module), function)(args)
    return code


def say_order(args: argparse.Namespace) -> int:
    """Options before a verb are the daemon's; rather than lose them in silence, say so."""
    print(f"barline: its options come after the verb, as in: barline {args.verb} --json", file=sys.stderr)
    return 2


def run_tests(args: argparse.Namespace) -> int:
    """Run the checkout's tests with pytest; unknown arguments go to pytest as they are."""
    root = Path(__file__).resolve().parent.parent
    if not (root / "tests").is_dir():
        print("the tests are in the source checkout: python run_bridge.py test", file=sys.stderr)
        return 2
    os.chdir(root)
    # Two threads that spin for each other cost more than they save, on two cores most of all.
    os.environ |= {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE", "TOKENIZERS_PARALLELISM": "false"}
    import pytest

    chosen = [] if "-m" in args.extra else ["-m", "not heavy"]
    return int(pytest.main([*chosen, *args.extra]))


def build_parser() -> argparse.ArgumentParser:
    """The parser of every verb. Without a verb the daemon is started."""
    parser = argparse.ArgumentParser(
        prog="run_bridge.py" if Path(sys.argv[0]).name == "run_bridge.py" else "barline",
        description="Keeps ACE-Step 1.5 warm and repaints regions of a DAW project exactly on the grid.",
        epilog="From a checkout, run_bridge.py takes two options before the verb: --with EXTRA[,EXTRA] "
        "(live, link, train, dev) and --no-bootstrap (run in this Python as it is).",
    )
    parser.add_argument("--version", action="version", version=f"barline {VERSION}")
    add_daemon_options(parser)
    parser.set_defaults(run="bridge.daemon:run_daemon", verb="daemon")
    verbs = parser.add_subparsers(metavar="VERB")
    for add in (add_demo, add_models, add_bench, add_test, add_client_verbs):
        add(verbs)
    return parser


def add_client_verbs(verbs: Verbs) -> None:
    """The requests to a daemon and what goes with them: named here, read by `bridge.commands`."""
    for name, doc in all_verbs().items():
        told = doc.replace("%", "%%")
        verbs.add_parser(name, help=told, add_help=False).set_defaults(run="bridge.cli:say_order", verb=name)


def add_demo(verbs: Verbs) -> None:
    """`demo`: every task on real audio through a daemon of its own, and a check of what came back."""
    text = "do every task on real audio through a daemon of its own, check every promise, and write a page"
    demo = verbs.add_parser("demo", help=text, description=text)
    demo.set_defaults(run="bridge.demo:run_demo", verb="demo")
    demo.add_argument("--out", type=Path, help="new or empty folder for the results (default: demo_out)")
    demo.add_argument(
        "--model", default="", help="name or folder of the model (default: the one that came with Barline)"
    )
    demo.add_argument(
        "--keep", action="store_true", help="keep the daemon's private folder and say where it is"
    )
    own = demo.add_argument_group("your own song", "instead of the songs that came with Barline")
    own.add_argument("--input", type=Path, help="WAV or FLAC file that starts on the first beat of bar 1")
    own.add_argument("--bpm", help="its tempo in quarter notes per minute; decimals and ratios are exact")
    own.add_argument("--beats-per-bar", default="4/4", help="its time signature (default: 4/4)")
    own.add_argument("--start-bar", type=int, default=5, help="first bar to work on (default: 5)")
    own.add_argument("--end-bar", type=int, default=9, help="first bar to leave alone again (default: 9)")
    own.add_argument("--caption", default="", help="what the new bars should sound like")


def add_models(verbs: Verbs) -> None:
    """`models`: which weights are here, and fetching more."""
    text = "list the models, or fetch one"
    models = verbs.add_parser("models", help=text, description=text)
    models.set_defaults(run="bridge.models_list:run_models", verb="models")
    models.add_argument("--download", metavar="NAME", help="fetch this model's weights")


def add_bench(verbs: Verbs) -> None:
    """`bench`: how long things take on this machine."""
    text = "measure cold start, warm repaint and memory on this machine"
    bench = verbs.add_parser("bench", help=text, description=text)
    bench.set_defaults(run="bridge.bench:run_bench", verb="bench")
    bench.add_argument(
        "--model", default="", help="name or folder of the model (default: the one that came with Barline)"
    )
    bench.add_argument("--repeats", type=int, default=3, help="warm requests to measure (default: 3)")
    songs = "also measure how good the model is, on so many held-out songs (the model card's table: 20)"
    bench.add_argument("--evaluate", type=int, default=0, metavar="SONGS", help=songs)


def add_test(verbs: Verbs) -> None:
    """`test`: everything it does not know is pytest's."""
    text = "run the tests of this checkout (more arguments go to pytest)"
    verbs.add_parser("test", help=text, add_help=False).set_defaults(run="bridge.cli:run_tests", verb="test")


if __name__ == "__main__":
    sys.exit(main())
