"""Completion for bash, 3.2 (macOS) and newer. Files are left to readline, which knows quotes and spaces."""

import shlex
from collections.abc import Iterable

from bridge.commands.options import Option
from bridge.commands.verbs import Verb

FRAME = r"""# bash completion of barline; use: eval "$(barline completion bash)"

_barline_option() { # $1: default or nospace or filenames; - or + before it. Older bash has no compopt.
  type compopt >/dev/null 2>&1 && compopt "${1:0:1}o" "${1:1}" 2>/dev/null
  return 0
}

_barline_nothing() { _barline_option +default; }

_barline_offer() { # those of the words that begin with what is typed
  local word
  _barline_option +default
  for word in "$@"; do
    [[ $word == "$cur"* ]] && COMPREPLY+=("$word")
  done
}

_barline_list() { # the same for words with commas between them, each once
  local word before=
  _barline_option +default
  _barline_option -nospace
  [[ $cur == *,* ]] && before=${cur%,*},
  for word in "$@"; do
    [[ ,$before == *,$word,* ]] || [[ $before$word != "$cur"* ]] || COMPREPLY+=("$before$word")
  done
}

_barline_projects() {
  local name
  _barline_option +default
  while IFS= read -r name; do
    [[ -n $name && $name == "$cur"* ]] && COMPREPLY+=("$(printf %q "$name")")
  done < <("${COMP_WORDS[0]}" completion projects 2>/dev/null)
}

_barline() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb=${COMP_WORDS[1]}
  local options= subject=_barline_nothing
  COMPREPLY=()
  if [[ $cur == = ]]; then # bash parts --option=value at the sign
    cur=
  elif [[ $prev == = ]]; then
    prev=${COMP_WORDS[COMP_CWORD-2]}
  fi
  if ((COMP_CWORD == 1)) || [[ $verb == -* ]]; then
    verb=
  fi
  case $verb in
@CASES@
  esac
  if [[ $cur == -* ]]; then
    # shellcheck disable=SC2086
    _barline_offer $options
  else
    $subject
  fi
}

complete -o default -F _barline barline
"""
OFFERS = {
    "file": ":",
    "text": "_barline_nothing",
    "nothing": "_barline_nothing",
    "project": "_barline_projects",
    "word": "_barline_offer",
    "words": "_barline_list",
}


def bash_script(verbs: Iterable[Verb]) -> str:
    """The script. The verb without a name is the daemon: its options, and the verbs themselves."""
    known = list(verbs)
    names = [verb.name for verb in known if verb.name]
    return FRAME.replace("@CASES@", "\n".join(case_of(verb, names) for verb in known))


def case_of(verb: Verb, names: list[str]) -> str:
    """What is offered after one verb."""
    options = [option for option in verb.options if "_" not in option.name]
    arms: dict[str, list[str]] = {}
    for option in verb.options:
        if option.metavar:
            arms.setdefault(offer_of(option), []).append(option.name)
    subject = f"_barline_offer {' '.join(names)}" if not verb.name else ":"
    if verb.name:
        subject = offer_of(verb.subject) if verb.subject is not None else "_barline_nothing"
    lines = [
        f"  {shlex.quote(verb.name)})",
        f"    options={shlex.quote(' '.join(['--help', *(option.name for option in options)]))}",
        f"    subject={shlex.quote(subject)}",
        "    case $prev in",
        *(f"    {' | '.join(given)}) {offer}; return ;;" for offer, given in arms.items()),
        "    esac",
        "    ;;",
    ]
    return "\n".join(lines)


def offer_of(option: Option) -> str:
    """The call that offers what may stand behind an option."""
    words = (shlex.quote(word) for word in option.words)
    return " ".join([OFFERS[option.holds], *words])
