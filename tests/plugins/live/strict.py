"""A module `Live` made from the stubs: what they do not document is not there, and raises.

Every touch of it is counted, must come from the thread that made it, must have the documented number and
kinds of arguments, and must find its object alive. What the objects then do is told by tables (see
`studio.py`); what is documented but in no table says so when it is touched.
"""

import ast
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import ModuleType, SimpleNamespace
from typing import Any

from tests.plugins.live.stubs import Attribute, ClassStub, Method, ModuleStub

PLAIN: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "bool": (bool,),
    "int": (int,),
    "float": (int, float),
    "None": (type(None),),
}
ANYTHING = {"object", "Any", "Callable"}
WRONG_IN_STUBS = {("Clip", "canonical_parent")}
"""An arrangement clip has its track as parent, a take lane's clip the lane; the stubs only know slots."""


class Undocumented(AttributeError):
    """The stubs know nothing of this."""


class Misused(AssertionError):
    """The stubs know this otherwise: arity, type or thread. Nothing in a script may catch it."""


@dataclass(slots=True)
class Rules:
    """What the objects do: by class and member. And what was done with them."""

    read: dict[tuple[str, str], Callable[..., Any]] = field(default_factory=dict)
    write: dict[tuple[str, str], Callable[..., Any]] = field(default_factory=dict)
    call: dict[tuple[str, str], Callable[..., Any]] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()
    """Members, as `Track.create_take_lane`, that this version of Live does not have."""
    thread: int = field(default_factory=threading.get_ident)
    touches: int = 0
    classes: dict[str, type] = field(default_factory=dict)

    def touch(self, owner: Any, where: str) -> None:
        """Counts, and looks at thread and life."""
        self.touches += 1
        if threading.get_ident() != self.thread:
            raise Misused(f"{where} was touched off the main thread")
        if getattr(owner, "_fake", {}).get("_is_gone"):
            raise TypeError(f"Python argument types in None.None({where}) did not match C++ signature")

    def accepts(self, kind: ast.expr | None, value: Any) -> bool:
        """Is a value of the kind that an annotation tells?"""
        match kind:
            case ast.BinOp(left=left, right=right):
                return self.accepts(left, value) or self.accepts(right, value)
            case ast.Subscript(value=outer):
                return self.accepts(outer, value)
        name = "Any" if kind is None else ast.unparse(kind).split(".")[-1]
        if name in PLAIN:
            return isinstance(value, PLAIN[name]) and (name == "bool" or not isinstance(value, bool))
        return name in ANYTHING or any(parent.__name__ == name for parent in type(value).__mro__)

    def require(self, kind: ast.expr | None, value: Any, where: str) -> None:
        """Raises Misused when the kinds differ."""
        if not self.accepts(kind, value):
            wanted = ast.unparse(kind) if kind else ""
            raise Misused(f"{where}: {value!r} is a {type(value).__name__}, not {wanted}")


def build_live(stubs: tuple[ModuleStub, ...], rules: Rules) -> ModuleType:
    """The module, with one submodule for each of the stubs'."""
    live = ModuleType("Live")
    waiting = {stub.name: stub for module in stubs for stub in module.classes}
    while waiting:
        now = [stub for stub in waiting.values() if waiting.keys().isdisjoint(stub.bases)]
        assert now, "the stubs' classes need each other"
        for stub in now:
            build_class(waiting.pop(stub.name), rules)
    for module in stubs:
        members: dict[str, Any] = {stub.name: rules.classes[stub.name] for stub in module.classes}
        members |= {found.name: build_function(module.name, found, rules) for found in module.functions}
        setattr(live, module.name, SimpleNamespace(**members))
    return live


BUILT_IN = {"int": int, "Exception": Exception, "Generic": object, "Iterable": object}
"""Bases that are Python's own."""


def build_class(stub: ClassStub, rules: Rules) -> type:
    """One class as the stubs have it."""
    bases = tuple(rules.classes.get(base) or BUILT_IN[base] for base in stub.bases) or (object,)
    short = stub.name.rpartition(".")[2]
    members: dict[str, Any] = {"__doc__": None, **dict(stub.constants)}
    members |= {inner.name.rpartition(".")[2]: build_class(inner, rules) for inner in stub.inner}
    for attribute in stub.attributes:
        if f"{stub.name}.{attribute.name}" not in rules.missing:
            members[attribute.name] = build_property(stub.name, attribute, rules)
    for method in stub.methods:
        if f"{stub.name}.{method.name}" not in rules.missing:
            members[method.name] = build_method(stub.name, method, rules)
    is_ours = not any(issubclass(base, int | Exception) for base in bases)
    if is_ours:
        members["__setattr__"] = refuse_unknown
        if "__init__" not in members:
            members["__init__"] = refuse_making
    if short.endswith("Vector"):
        members |= {name: build_vector_method(name, rules) for name in VECTOR}
        members["__iter__"] = lambda self: iterate(self, rules)
    rules.classes[stub.name] = type(short, tuple(base for base in bases if base is not object), members)
    return rules.classes[stub.name]


def refuse_unknown(self: Any, name: str, value: Any) -> None:
    """Only documented properties may be set."""
    if name != "_fake" and not isinstance(getattr(type(self), name, None), property):
        raise Undocumented(f"{type(self).__name__}.{name} is not documented")
    object.__setattr__(self, name, value)


def refuse_making(self: Any, *given: Any) -> None:
    """The stubs show no way to make one of these."""
    raise Misused(f"a {type(self).__name__} cannot be made by a script")


def build_property(owner: str, attribute: Attribute, rules: Rules) -> property:
    """A property that only gives and takes what is documented."""
    where, key = f"{owner}.{attribute.name}", (owner, attribute.name)

    def read(self: Any) -> Any:
        rules.touch(self, where)
        if key in rules.read:
            value = rules.read[key](self)
        elif attribute.name in self._fake:
            value = self._fake[attribute.name]
        else:
            raise NotImplementedError(f"{where} is documented, but this stand-in does not act it")
        if key not in WRONG_IN_STUBS:
            rules.require(attribute.kind, value, where)
        return value

    def write(self: Any, value: Any) -> None:
        rules.touch(self, where)
        rules.require(attribute.kind, value, where)
        rules.write[key if key in rules.write else ("", "")](self, attribute.name, value)

    return property(read, write if attribute.is_settable else None)


def build_method(owner: str, method: Method, rules: Rules) -> Callable[..., Any]:
    """A method that only takes and gives what is documented."""
    where, key = f"{owner}.{method.name}", (owner, method.name)

    def called(self: Any, *given: Any, **named: Any) -> Any:
        if method.name == "__init__":
            object.__setattr__(self, "_fake", {})
        rules.touch(self, where)
        arguments = bind(method, given, named, rules, where)
        if key not in rules.call:
            raise NotImplementedError(f"{where} is documented, but this stand-in does not act it")
        value = rules.call[key](self, *arguments)
        rules.require(method.returns, value, where)
        return value

    return called


def build_function(module: str, function: Method, rules: Rules) -> Callable[..., Any]:
    """A function of a module, as strict as a method."""
    method = build_method(module, function, rules)
    return lambda *given, **named: method(None, *given, **named)


def bind(
    method: Method, given: tuple[Any, ...], named: dict[str, Any], rules: Rules, where: str
) -> list[Any]:
    """The arguments in their order. Raises Misused."""
    needed = sum(not parameter.has_default for parameter in method.parameters)
    if not needed <= len(given) + len(named) <= len(method.parameters):
        raise Misused(f"{where} takes {needed} to {len(method.parameters)} arguments, not {len(given)}")
    by_name = {parameter.name for parameter in method.parameters[len(given) :] if parameter.by_name}
    if not named.keys() <= by_name:
        raise Misused(f"{where} takes no {', '.join(named)} by name")
    values = [*given, *(named[p.name] for p in method.parameters[len(given) :] if p.name in named)]
    for parameter, value in zip(method.parameters, values, strict=False):
        rules.require(parameter.kind, value, f"{where}({parameter.name})")
    return values


def vector_items(vector: Any) -> list[Any]:
    """What a vector holds."""
    items: list[Any] = vector._fake["items"]
    return items


VECTOR: dict[str, Callable[..., Any]] = {
    "__len__": lambda self: len(vector_items(self)),
    "__getitem__": lambda self, index: vector_items(self)[index],
    "__bool__": lambda self: bool(vector_items(self)),
    "__contains__": lambda self, value: value in vector_items(self),
}


def build_vector_method(name: str, rules: Rules) -> Callable[..., Any]:
    """A vector's method, counted like everything else; its elements too."""

    def called(self: Any, *given: Any) -> Any:
        rules.touch(self, f"{type(self).__name__}.{name}")
        return VECTOR[name](self, *given)

    return called


def make(rules: Rules, kind: str, /, **state: Any) -> Any:
    """An object of Live's, as Live makes it and a script cannot."""
    made = object.__new__(rules.classes[kind])
    object.__setattr__(made, "_fake", dict(state))
    return made


def iterate(vector: Any, rules: Rules) -> Iterator[Any]:
    """A vector's elements, each one a touch."""
    for item in vector_items(vector):
        rules.touch(vector, "Vector.__iter__")
        yield item
