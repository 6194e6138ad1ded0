"""Puts Barline's scripts into Ardour's settings: copies them, and enters actions and hook as the Script
Manager would. Ardour must not be running.

Run: python install.py [CONFIG_FOLDER]     (default: every ~/.config/ardour7, ardour8 ... there is)

Needs the standard library only. Run again, it replaces what it entered before.
"""

import base64
import re
import shutil
import sys
from pathlib import Path
from xml.etree import ElementTree

SCRIPTS = Path(__file__).resolve().parent / "scripts"
HOOK = "barline_hook.lua"
HOOK_ID = "7770001"
SLOTS = 32
"""Action scripts that Ardour has room for."""
TIMER_BIT = 47
"""Number of the signal LuaTimerDS in Ardour 7.0 to 8.12."""
# Ardour keeps the function that makes a script's function, compiled or as text. This text leads there.
MAKER = "local function ardour () end\n{source}\nreturn factory (...)\n"


class NoRoom(Exception):
    """All of Ardour's slots for action scripts are taken."""


def lua_text(text: str) -> str:
    """A text as a Lua literal."""
    return '"' + "".join(c if c.isalnum() and c.isascii() else f"\\{b:03d}" for c, b in letters(text)) + '"'


def letters(text: str) -> list[tuple[str, int]]:
    """Every byte of the text, as a letter and as a number."""
    return [(chr(byte), byte) for byte in text.encode()]


def name_of(source: str) -> str:
    """The name in a script's header."""
    found = re.search(r'\bname\s*=\s*"([^"]+)"', source)
    assert found is not None, "a script without a name"
    return found[1]


def entry(variable: str, source: str) -> str:
    """Lua that sets a variable to what Ardour keeps of a script: name, source, maker, arguments."""
    fields = {"n": name_of(source), "s": source, "f": MAKER.format(source=source)}
    set_fields = "".join(f'{variable}["{key}"] = {lua_text(text)} ' for key, text in fields.items())
    return f'{variable} = {{}} {set_fields}{variable}["a"] = {{}} '


def with_actions(state: str, sources: list[str]) -> str:
    """Ardour's action scripts with ours, each in the slot it had or in a free one. Raises NoRoom."""
    taken = {int(number) for number in re.findall(r"\bscripts\[(\d+)\] = \{\}", state)}
    for source in sources:
        had = re.findall(rf'\bscripts\[(\d+)\]\["n"\] = {re.escape(lua_text(name_of(source)))}', state)
        had += re.findall(rf'\bscripts\[(\d+)\]\["n"\] = "{re.escape(name_of(source))}"', state)
        free = [slot for slot in range(1, SLOTS + 1) if slot not in taken]
        if not had and not free:
            raise NoRoom(f"no free slot for {name_of(source)}: remove a script in Ardour's Script Manager")
        slot = int(had[-1]) if had else free[0]
        taken.add(slot)
        state += entry(f"scripts[{slot}]", source)
    return state


def encoded(text: str) -> str:
    """As Ardour writes Lua into its files: bytes that are no text stay as they are."""
    return base64.b64encode(text.encode("latin-1")).decode()


def child(node: ElementTree.Element, name: str) -> ElementTree.Element:
    """A node's child of this name, made when there is none."""
    found = node.find(name)
    return ElementTree.SubElement(node, name) if found is None else found


def enter(config: Path, actions: list[str], hook: str) -> None:
    """Enters the scripts into `config`/ui_scripts."""
    path = config / "ui_scripts"
    root = ElementTree.parse(path).getroot() if path.exists() else ElementTree.Element("UIScripts")
    action_node, hooks = child(root, "ActionScript"), child(root, "ActionHooks")
    action_node.set("lua", "Lua 5.3")
    before = base64.b64decode(action_node.text or "").decode("latin-1") or "scripts = {} "
    action_node.text = encoded(with_actions(before, actions))
    for old in [node for node in hooks if node.get("name") == name_of(hook)]:
        hooks.remove(old)
    signals = "1" + "0" * TIMER_BIT
    told = {"lua": "Lua 5.3", "id": HOOK_ID, "name": name_of(hook), "signals": signals}
    ElementTree.SubElement(hooks, "LuaCallback", told).text = encoded(entry("s", hook))
    ElementTree.ElementTree(root).write(path, "UTF-8", xml_declaration=True)


def install(config: Path) -> None:
    """Copies the scripts below `config` and enters them. Raises OSError, NoRoom."""
    shutil.copytree(SCRIPTS, config / "scripts", dirs_exist_ok=True)
    sources = {path.name: path.read_text("utf-8") for path in sorted(SCRIPTS.glob("*.lua"))}
    enter(config, [text for name, text in sources.items() if name != HOOK], sources[HOOK])


def main() -> int:
    """Installs and says where; 1 when there is no Ardour."""
    found = [Path(name) for name in sys.argv[1:]] or sorted((Path.home() / ".config").glob("ardour[78]"))
    for config in found:
        install(config)
        print(f"installed in {config}; start Ardour and give the actions keys in Window > Key Bindings")
    if not found:
        print("no Ardour 7 or 8 has been started by this user yet: start it once, close it, run this again")
    return int(not found)


if __name__ == "__main__":
    sys.exit(main())
