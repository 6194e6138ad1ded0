"""What `ableton-live-stubs` documents of Live's Python API, from its .pyi files: names, arities, types."""

import ast
import importlib.metadata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DISTRIBUTION = "ableton-live-stubs"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a method, without self."""

    name: str
    kind: ast.expr | None
    has_default: bool
    by_name: bool
    """May it be given by name? Live's own functions take positions only."""


@dataclass(frozen=True, slots=True)
class Method:
    """A method or function."""

    name: str
    parameters: tuple[Parameter, ...]
    returns: ast.expr | None


@dataclass(frozen=True, slots=True)
class Attribute:
    """A property."""

    name: str
    kind: ast.expr | None
    is_settable: bool


@dataclass(frozen=True, slots=True)
class ClassStub:
    """A class. name: with its outer class, as `Song.View`; constants: of an enumeration."""

    name: str
    bases: tuple[str, ...]
    attributes: tuple[Attribute, ...]
    methods: tuple[Method, ...]
    constants: tuple[tuple[str, int], ...]
    inner: tuple["ClassStub", ...]


@dataclass(frozen=True, slots=True)
class ModuleStub:
    """A module of Live."""

    name: str
    classes: tuple[ClassStub, ...]
    functions: tuple[Method, ...]


def stub_folder() -> Path | None:
    """Where the stubs are installed; None where they are not."""
    try:
        found = importlib.metadata.distribution(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        return None
    return Path(str(found.locate_file("Live-stubs")))


@cache
def read_stubs(folder: Path) -> tuple[ModuleStub, ...]:
    """Every module that is documented."""
    return tuple(read_module(file) for file in sorted(folder.glob("*.pyi")) if file.stem != "__init__")


def read_module(file: Path) -> ModuleStub:
    """One file."""
    body = ast.parse(file.read_text("utf-8")).body
    classes = tuple(read_class(node, "") for node in body if isinstance(node, ast.ClassDef))
    functions = tuple(read_method(node, is_bound=False) for node in body if isinstance(node, ast.FunctionDef))
    return ModuleStub(file.stem, classes, functions)


def read_class(node: ast.ClassDef, outer: str) -> ClassStub:
    """One class, with those inside it."""
    name = f"{outer}.{node.name}" if outer else node.name
    functions = [part for part in node.body if isinstance(part, ast.FunctionDef)]
    settable = {part.name for part in functions if "setter" in decorators(part)}
    getters = [part for part in functions if "property" in decorators(part)]
    return ClassStub(
        name=name,
        bases=tuple(ast.unparse(base).partition("[")[0] for base in node.bases),
        attributes=tuple(Attribute(part.name, part.returns, part.name in settable) for part in getters),
        methods=tuple(read_method(part, is_bound=True) for part in functions if not decorators(part)),
        constants=tuple(constant for part in node.body for constant in read_constant(part)),
        inner=tuple(read_class(part, name) for part in node.body if isinstance(part, ast.ClassDef)),
    )


def decorators(node: ast.FunctionDef) -> str:
    """The names of a function's decorators."""
    return " ".join(ast.unparse(decorator) for decorator in node.decorator_list)


def read_method(node: ast.FunctionDef, is_bound: bool) -> Method:
    """One method or function."""
    positional = [*node.args.posonlyargs, *node.args.args]
    defaults = len(positional) - len(node.args.defaults)
    parameters = [
        Parameter(found.arg, found.annotation, index >= defaults, found in node.args.args)
        for index, found in enumerate(positional)
    ]
    return Method(node.name, tuple(parameters[1:] if is_bound else parameters), node.returns)


def read_constant(node: ast.stmt) -> list[tuple[str, int]]:
    """A member of an enumeration."""
    match node:
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.Constant(value=int(value))):
            return [(name, value)]
    return []
