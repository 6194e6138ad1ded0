"""Completion for zsh: every verb is a call of _arguments."""

from collections.abc import Iterable

from bridge.commands.options import Option
from bridge.commands.verbs import Verb

FRAME = r"""#compdef barline
# zsh completion of barline; use: eval "$(barline completion zsh)", after compinit

_barline_projects() {
  local -a names
  names=("${(@f)$(barline completion projects 2>/dev/null)}")
  compadd -- ${names:#}
}

_barline() {
  local -a verbs
  verbs=(
%s
  )
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    _describe -t verbs verb verbs
    return
  fi
  local verb=
  if [[ $words[2] != -* ]]; then
    verb=$words[2]
    shift words
    (( CURRENT-- ))
  fi
  case $verb in
%s
  esac
}

if [[ $funcstack[1] == _barline ]]; then
  _barline "$@"
else
  compdef _barline barline
fi
"""
ACTIONS = {"file": "_files", "text": "", "nothing": "", "project": "_barline_projects"}


def zsh_script(verbs: Iterable[Verb]) -> str:
    """The script. The verb without a name is the daemon."""
    known = list(verbs)
    names = "\n".join(f"    {quoted(f'{verb.name}:{plain(verb.doc)}')}" for verb in known if verb.name)
    return FRAME % (names, "\n".join(case_of(verb) for verb in known))


def case_of(verb: Verb) -> str:
    """What is offered after one verb."""
    options = [option_text(option) for option in verb.options if "_" not in option.name]
    subject = (
        [f":{plain(verb.subject.metavar)}:{action_of(verb.subject)}"] if verb.subject is not None else []
    )
    words = " \\\n      ".join(quoted(word) for word in ("(- *)--help[show the help]", *options, *subject))
    return f"  {quoted(verb.name)})\n    _arguments -S \\\n      {words}\n    ;;"


def option_text(option: Option) -> str:
    """One option, as _arguments takes it."""
    doc = f"[{plain(option.doc)}]"
    if not option.metavar:
        return f"{option.name}{doc}"
    return f"{option.name}={doc}:{plain(option.metavar)}:{action_of(option)}"


def action_of(option: Option) -> str:
    """What offers the values behind an option."""
    words = " ".join(option.words)
    offers = {"word": f"({words})", "words": f"_values -s , {option.field} {words}"}
    return (ACTIONS | offers)[option.holds]


def plain(text: str) -> str:
    """A text without the signs that mean something to _arguments and _describe."""
    return text.replace("\\", "").replace("[", "(").replace("]", ")").replace(":", "\\:")


def quoted(text: str) -> str:
    """A word of the shell."""
    return "'" + text.replace("'", "'\\''") + "'"
