"""The house rules a machine can check: who may import whom, how long things are, what stays out."""

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from bridge.environment import direct_names, read_pins

ROOT = Path(__file__).resolve().parent.parent
OURS = ("run_bridge", "bridge", "protocol", "engine", "plugins_reference", "tests")
MAY_IMPORT = {
    "run_bridge": {"bridge"},
    "bridge": {"bridge", "protocol", "engine"},
    "protocol": {"protocol"},
    "engine": {"engine"},
    "plugins_reference": set[str](),
}
# protocol turns bytes into values: it has no socket to read, no clock to ask and no audio to hold.
FOREIGN_TO_PROTOCOL = {"numpy", "scipy", "torch", "socket", "asyncio", "time", "datetime", "websockets"}
SHELL = (
    "run_bridge",
    "bridge.cli",
    "bridge.config",
    "bridge.bootstrap",
    "bridge.environment",
    "bridge.pip_lines",
)
LONGEST_FILE = 300
LONGEST_FUNCTION = 60
LARGEST_WEIGHTS = 64 * 2**20
UNCLEAR_WORDS = {"manager", "handler", "helper", "helpers", "utils", "util", "service", "misc"}
PLACES = re.compile(
    r"(?<![\w.])/(?:home|root|work|Users)/\w|[A-Z]:\\Users\\|pythonhosted|pypi\.org|download\.pytorch"
)


@cache
def sources() -> dict[str, Path]:
    """Module name -> file, for every Python file of ours."""
    files = [ROOT / "run_bridge.py", *(file for top in OURS for file in (ROOT / top).rglob("*.py"))]
    return {module_name(file): file for file in sorted(files)}


def module_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"), str(file))


def nodes_outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield child
            yield from nodes_outside_functions(child)


def imported(module: str, file: Path, nodes: Iterator[ast.AST]) -> set[str]:
    """Dotted names a module imports; `from a import b` counts as a.b when that is a module of ours."""
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            names = {f"{base}.{alias.name}" for alias in node.names}
            found |= {name if name in sources() else base for name in names}
    return found


def all_imports(module: str) -> set[str]:
    file = sources()[module]
    return imported(module, file, ast.walk(tree(file)))


def modules_of(*tops: str) -> list[str]:
    return [module for module in sources() if module.split(".")[0] in tops]


def functions(file: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (n for n in ast.walk(tree(file)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


def tracked_files() -> list[Path]:
    """What git would commit, less what is not text; a source archive without git has nothing to say here."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    return [ROOT / name for name in listed if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("top", MAY_IMPORT)
def test_imports_go_one_way(top: str) -> None:
    wrong = [
        f"{module} imports {name}"
        for module in modules_of(top)
        for name in all_imports(module)
        if name.split(".")[0] in OURS and name.split(".")[0] not in MAY_IMPORT[top]
        if not is_same_script(module, name)
    ]
    assert wrong == []


def is_same_script(module: str, name: str) -> bool:
    """Do both lie in the one folder below plugins_reference that a user copies as a whole?"""
    return module.startswith("plugins_reference.") and module.split(".")[:2] == name.split(".")[:2]


def test_protocol_knows_no_sockets_no_clock_and_no_numbers_library() -> None:
    wrong = {
        (module, name)
        for module in modules_of("protocol")
        for name in all_imports(module)
        if name.split(".")[0] in FOREIGN_TO_PROTOCOL
    }
    assert wrong == set()


def test_no_module_imports_itself_through_others() -> None:
    graph = {
        module: imported(module, file, nodes_outside_functions(tree(file))) & sources().keys()
        for module, file in sources().items()
        if not module.startswith("tests")
    }
    while leaves := [module for module, needs in graph.items() if not needs & graph.keys()]:
        for module in leaves:
            del graph[module]
    assert graph == {}, "these import each other in a circle"


@pytest.mark.parametrize(
    "module", ["bridge.cli", "bridge.bootstrap", "bridge.client", "bridge.daemon", "bridge.demo"]
)
def test_the_shell_starts_without_torch(module: str) -> None:
    code = f"import sys, {module}; sys.exit(', '.join({{'torch', 'transformers'}} & sys.modules.keys()) or 0)"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_the_command_line_needs_the_standard_library_only() -> None:
    wrong = {
        name.split(".")[0]
        for module in (
            "run_bridge",
            "bridge.cli",
            "bridge.bootstrap",
            "bridge.environment",
            "bridge.pip_lines",
        )
        for name in imported(module, sources()[module], nodes_outside_functions(tree(sources()[module])))
    }
    assert wrong - set(sys.stdlib_module_names) <= {"bridge"}


def test_every_folder_of_code_is_a_package_so_that_a_wheel_carries_it() -> None:
    folders = {sources()[module].parent for module in modules_of("bridge", "protocol", "engine")}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").exists()] == []


def test_files_are_short() -> None:
    lengths = {
        module: len(lines)
        for module, file in sources().items()
        if (lines := file.read_text("utf-8").splitlines()) and "generated" not in lines[0].lower()
    }
    assert {module: length for module, length in lengths.items() if length > LONGEST_FILE} == {}


def test_functions_are_short() -> None:
    long = {
        f"{module}.{function.name}": function.end_lineno - function.lineno + 1
        for module, file in sources().items()
        for function in functions(file)
        if function.end_lineno and function.end_lineno - function.lineno >= LONGEST_FUNCTION
    }
    assert long == {}


def test_only_the_job_boundary_catches_everything() -> None:
    broad = [
        f"{module}:{node.lineno}"
        for module in modules_of("run_bridge", "bridge", "protocol", "engine", "plugins_reference")
        for node in ast.walk(tree(sources()[module]))
        if isinstance(node, ast.ExceptHandler) and is_broad(node.type)
    ]
    assert len(broad) <= 1, broad


def is_broad(caught: ast.expr | None) -> bool:
    names = {node.id for node in ast.walk(caught) if isinstance(node, ast.Name)} if caught else {"Exception"}
    return not names.isdisjoint({"Exception", "BaseException"})


def test_names_say_what_things_are() -> None:
    names = {
        name
        for module, file in sources().items()
        for name in (*module.split("."), *(function.name for function in functions(file)))
        if not UNCLEAR_WORDS.isdisjoint(name.lower().split("_"))
    }
    assert names == set()


def test_nothing_committed_names_a_machine_or_a_registry() -> None:
    texts = {".py", ".md", ".toml", ".txt", ".yaml", ".yml", ".json", ".lua", ".cfg", ".in", ""}
    wrong = [
        f"{file.relative_to(ROOT)}: {found[0]}"
        for file in tracked_files()
        if file.suffix in texts and file.name != Path(__file__).name and file.stat().st_size < 2**20
        for found in [PLACES.search(file.read_text("utf-8", errors="replace"))]
        if found
    ]
    assert wrong == []


def test_the_shipped_weights_stay_small() -> None:
    weights = [file for file in (ROOT / "engine" / "weights").rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in weights) <= LARGEST_WEIGHTS


@pytest.mark.parametrize(
    ("tops", "extras"),
    [
        (("bridge", "protocol", "engine"), frozenset({"live", "link", "train"})),
        (("tests",), frozenset({"dev", "live", "link", "train"})),
    ],
)
def test_every_import_is_a_declared_dependency(tops: tuple[str, ...], extras: frozenset[str]) -> None:
    declared = {name.replace("-", "_") for name in direct_names(ROOT, extras)}
    ours = {"pythonosc", "pythonoscquery", "rtmidi", "pytest", "webvtt", "yaml"} | set(OURS)
    known = declared | ours | sys.stdlib_module_names
    wrong = {
        f"{module} imports {name}"
        for module in modules_of(*tops)
        for name in all_imports(module)
        if name.split(".")[0] not in known
    }
    assert wrong == set()


def test_every_direct_dependency_is_pinned() -> None:
    pins = read_pins(ROOT / "constraints.txt")
    extras = frozenset({"dev", "live", "link", "train"})
    assert [name for name in direct_names(ROOT, extras) if name not in pins] == []
