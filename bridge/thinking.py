"""What a new piece is to follow: a planner's thought, a blueprint, audio codes; decided before the engine."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from bridge.journey import SIGNATURES, Order, Setting, find_source
from bridge.new_plan import NewPlan
from engine.errors import ModelError, TaskError
from engine.planner.blueprint import Blueprint, build_blueprint, from_yaml, to_yaml
from engine.planner.catalogue import choose_planner
from engine.planner.limits import BPM_HI, BPM_LO, CODES_PER_SECOND, KEYSCALES, LANGUAGES, SECONDS_LO
from protocol.codes import Codes
from protocol.errors import CODES, ProtocolError
from protocol.messages import Generate

CODES_BYTES = 4 << 20
THINKING = "thinking"  # its name among the tasks that a model does badly
NO_PLANNER = "the model wants new pieces planned, but no planner is installed: this one was not"


@dataclass(frozen=True, slots=True)
class Thought:
    """request: as the client gave it, filled from its blueprint.  planner: the folder of the one that is to
    think, "" for none.  blueprint: YAML of what is decided for it.  codes: the client's own.  judge: the
    folder of the planner that is to judge the takes, "" for none.
    """

    request: Generate
    planner: str = ""
    blueprint: str = ""
    codes: tuple[int, ...] = ()
    judge: str = ""
    warnings: tuple[str, ...] = ()


def plan_thought(setting: Setting, order: Order, plan: NewPlan) -> Thought:
    """Raises ProtocolError for whatever can be known to be wrong before it is tried."""
    request: Generate = order.request
    decided = read_blueprint(request.blueprint)
    filled = fill(request, decided)
    codes = given_codes(setting, request, plan)
    if codes and request.thinking == "on":
        text = "thinking=on, but codes are given: a planner would write others; leave one of them out"
        raise ProtocolError("out-of-range", text, "thinking")
    thought = Thought(filled, codes=codes)
    if request.judge:
        thought = replace(thought, judge=planner_folder(setting, request.planner))
    if codes or request.thinking == "off" or (request.thinking == "auto" and not setting.thinks):
        return thought
    try:
        folder = planner_folder(setting, request.planner)
    except ProtocolError:
        if request.thinking == "on":
            raise
        return replace(thought, warnings=(NO_PLANNER,))
    weak = (setting.weak[THINKING],) if THINKING in setting.weak else ()
    return replace(
        thought, planner=folder, blueprint=to_yaml(decided_for(filled, order, plan)), warnings=weak
    )


def planner_folder(setting: Setting, name: str, with_codes: bool = True) -> str:
    """The planner's folder. with_codes: it reads or writes audio codes, which must be the model's.

    Raises ProtocolError `no-model` naming what to download.
    """
    try:
        return str(choose_planner(name, setting.planners, setting.codes if with_codes else 0))
    except ModelError as error:
        raise ProtocolError("no-model", error.text, "planner") from error


def read_blueprint(text: str) -> Blueprint:
    """The blueprint a request brings. Raises ProtocolError that blames `blueprint`."""
    try:
        return from_yaml(text)
    except TaskError as error:
        code = error.code if error.code in CODES else "malformed"
        raise ProtocolError(code, f"blueprint: {error.text}", "blueprint") from error


def fill(request: Generate, decided: Blueprint) -> Generate:
    """The request with what its blueprint has and it has not; language and lyrics go together."""
    keyed = replace(request, key=request.key or decided.keyscale)
    if request.lyrics or not decided.lyrics:
        return keyed
    return replace(keyed, lyrics=decided.lyrics, language=decided.language or request.language)


def decided_for(request: Generate, order: Order, plan: NewPlan) -> Blueprint:
    """What the planner must leave as it is: all that the client, the project and the grid say."""
    bpm, key = round(plan.bpm), request.key or order.project.key
    fields = {
        "bpm": str(bpm) if BPM_LO <= bpm <= BPM_HI else "",
        "caption": request.caption,
        "duration": str(max(int(plan.samples / plan.rate), SECONDS_LO)),
        "keyscale": key if key in KEYSCALES else "",
        "language": request.language if request.lyrics and request.language in LANGUAGES else "",
        "timesignature": SIGNATURES.get(plan.meter, ""),
        "lyrics": request.lyrics,
    }
    try:
        return build_blueprint(fields)
    except TaskError as error:
        raise ProtocolError("out-of-range", error.text, "caption") from error


def given_codes(setting: Setting, request: Generate, plan: NewPlan) -> tuple[int, ...]:
    """The client's codes, itself or in a file; () for none. Raises ProtocolError."""
    if request.codes and request.codes_file:
        raise ProtocolError("out-of-range", "codes and codes_file are both given; give one", "codes_file")
    codes = read_codes(setting, request.codes_file) if request.codes_file else request.codes
    name = "codes_file" if request.codes_file else "codes"
    longest = -(-plan.samples * CODES_PER_SECOND // plan.rate)
    if len(codes) > longest:
        text = f"{name} has {len(codes)} codes, but {plan.samples / plan.rate:.2f} s take {longest}"
        raise ProtocolError("too-long", text, name)
    return codes


def read_codes(setting: Setting, given: str) -> tuple[int, ...]:
    """The codes in a plan's JSON file. Raises ProtocolError that blames `codes_file`."""
    try:
        path = find_source(setting, given)
        if path.stat().st_size > CODES_BYTES:
            raise ProtocolError("too-long", f"{path.name} has more than {CODES_BYTES} bytes")
        found = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
        return Codes().read(codes_in(found), "codes_file")
    except ProtocolError as error:
        raise ProtocolError(error.code, error.text, "codes_file") from error
    except msgspec.DecodeError as error:
        raise ProtocolError("malformed", f"codes_file={given!r} is no JSON: {error}", "codes_file") from error


def codes_in(sidecar: Mapping[str, Any]) -> Any:
    """Where a sidecar has its codes; a generate's has them with its plan."""
    bridge, provenance = sidecar.get("bridge"), sidecar.get("provenance")
    plan = provenance.get("plan") if isinstance(provenance, dict) else None
    for place in (bridge, plan):
        if isinstance(place, dict) and place.get("codes"):
            return place["codes"]
    raise ProtocolError("malformed", "the file holds no codes", "codes_file")
