"""Completion for fish: a line for each verb and option."""

from collections.abc import Iterable, Iterator

from bridge.commands.options import Option
from bridge.commands.verbs import Verb

FRAME = r"""# fish completion of barline; use: barline completion fish | source

function __barline_verb # is this the verb? "" where none was typed yet
    set -l words (commandline -opc)
    test "$words[2]" = "$argv[1]"
end

complete -c barline -f
%s
"""


def fish_script(verbs: Iterable[Verb]) -> str:
    """The script. The verb without a name is the daemon."""
    return FRAME % "\n".join(line for verb in verbs for line in lines_of(verb))


def lines_of(verb: Verb) -> Iterator[str]:
    """What is offered after one verb, and the verb itself."""
    if verb.name:
        first = quoted(f"__barline_verb {quoted('')}")
        yield f"complete -c barline -n {first} -a {verb.name} -d {quoted(verb.doc)}"
    here = f"complete -c barline -n {quoted(f'__barline_verb {quoted(verb.name)}')}"
    for option in verb.options:
        if "_" not in option.name:
            wants = f" {value_of(option)}" if option.metavar else ""
            yield f"{here} -l {option.name[2:]}{wants} -d {quoted(option.doc)}"
    if verb.subject is not None and verb.subject.holds not in ("text", "nothing"):
        yield f"{here} {value_of(verb.subject).removeprefix('-x ').removeprefix('-r ')}"


def value_of(option: Option) -> str:
    """What offers the values behind an option."""
    words = " ".join(option.words)
    offers = {
        "file": "-r -F",
        "project": f"-x -a {quoted('(barline completion projects 2>/dev/null)')}",
        "word": f"-x -a {quoted(words)}",
        "words": f"-x -a {quoted(f'(__fish_append , {words})')}",
    }
    return offers.get(option.holds, "-x")


def quoted(text: str) -> str:
    """A word of fish."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
