"""The verb `completion`: prints what makes a shell complete our command line, from the declarations.

A script holds every verb, option and word, so that a shell never has to start us to complete, but for the
names of declared projects, which change.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from bridge.cli import build_parser
from bridge.commands.bash_script import bash_script
from bridge.commands.fish_script import fish_script
from bridge.commands.options import OWN, Option
from bridge.commands.orders import Order
from bridge.commands.showing import DONE, WRONG
from bridge.commands.verbs import Verb, all_verbs, find_verb
from bridge.commands.zsh_script import zsh_script
from bridge.config import default_data_folder
from bridge.journal import project_names

DAEMON = ""
"""The name of the verb that is none: what may be said without one."""


def run_completion(order: Order) -> int:
    """Prints a shell's script, or what a script asks for while the user types; the exit code."""
    if order.subject not in PRINTED:
        print(f"barline completion: {order.subject!r} is none of {' | '.join(PRINTED)}", file=sys.stderr)
        return WRONG
    print(PRINTED[order.subject]())
    return DONE


def shell_verbs() -> list[Verb]:
    """Every verb with its options, the daemon's own first."""
    parser = build_parser()
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    local = {
        name: found for group in groups for name, found in group.choices.items() if name not in all_verbs()
    }
    docs = {choice.dest: choice.help or "" for group in groups for choice in group._choices_actions}
    others = [Verb(name, docs.get(name, ""), "", parser_options(found)) for name, found in local.items()]
    return [Verb(DAEMON, "", "", parser_options(parser)), *others, *map(find_verb, all_verbs())]


def parser_options(parser: argparse.ArgumentParser) -> tuple[Option, ...]:
    """The options of a verb that is no client's."""
    return tuple(
        Option(
            action.option_strings[-1],
            OWN,
            "text",
            "" if action.nargs == 0 else str(action.metavar or action.dest.upper()),
            (action.help or "") % vars(action),
            "nothing" if action.nargs == 0 else "file" if action.type is Path else "text",
        )
        for action in parser._actions
        if action.option_strings and action.dest != "help"
    )


def projects() -> str:
    """The names of the projects that the usual daemon knows, one on a line; `default` is always there."""
    names = project_names(default_data_folder() / "journal.sqlite")
    return "\n".join(dict.fromkeys(["default", *names]))


PRINTED: dict[str, Callable[[], str]] = {
    "bash": lambda: bash_script(shell_verbs()),
    "zsh": lambda: zsh_script(shell_verbs()),
    "fish": lambda: fish_script(shell_verbs()),
    "projects": projects,
}
