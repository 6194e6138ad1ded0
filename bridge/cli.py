"""The command line: one verb per job, each in its own module, imported only when it is asked for.

Imports the standard library only at module level: --help has to answer before an environment exists.
"""

import argparse
import importlib
import os
import sys
from pathlib import Path

VERSION = "0.1.0"


def main(argv: list[str] | None = None) -> int:
    """Run one verb; returns the exit code. argv: without the program's name, default from the system."""
    args, extra = build_parser().parse_known_args(sys.argv[1:] if argv is None else argv)
    if extra and args.verb != "test":
        build_parser().error(f"unrecognized arguments: {' '.join(extra)}")
    args.extra = extra
    module, _, function = args.run.partition(":")
    code: int = getattr(importlib.import_module(module), function)(args)
    return code


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
        prog="barline",
        description="Keeps ACE-Step 1.5 warm and repaints regions of a DAW project exactly on the grid.",
        epilog="From a checkout, run_bridge.py takes two options before the verb: --with EXTRA[,EXTRA] "
        "(live, link, train, dev) and --no-bootstrap (run in this Python as it is).",
    )
    parser.add_argument("--version", action="version", version=f"barline {VERSION}")
    parser.set_defaults(run="bridge.daemon:run_daemon", verb="daemon")
    verbs = parser.add_subparsers(metavar="VERB", dest="verb_given")
    add_test(verbs)
    return parser


def add_test(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`test`: everything it does not know is pytest's."""
    text = "run the tests of this checkout (more arguments go to pytest)"
    verbs.add_parser("test", help=text, add_help=False).set_defaults(run="bridge.cli:run_tests", verb="test")
