"""The address space as it now is: the declared tree, with values, and a node for every project and job.

    /projects/NAME   tempo map, meter map, key, sample rate
    /jobs/ID         state, stage, step, of: while the job has not ended

Makes plain JSON for OSCQuery; knows no HTTP and no sockets.
"""

import string
from collections.abc import Sequence
from typing import Any

from bridge.answers import engine_state
from bridge.browsers import Values
from bridge.parts import Bridge, Live
from protocol.codec import osc_fields
from protocol.messages import Project
from protocol.oscquery import NO_VALUE, READABLE, Node, build_tree, container, typed
from protocol.reply_fields import STATES

PROJECT_ARGUMENTS: tuple[Node, ...] = (
    {"TYPE": "s", "EXTENDED_TYPE": "tempo"},
    {"TYPE": "s", "EXTENDED_TYPE": "meter"},
    {"TYPE": "s", "EXTENDED_TYPE": "key"},
    {"TYPE": "i", "EXTENDED_TYPE": "sample_rate", "UNIT": "time.hz"},
)
JOB_ARGUMENTS: tuple[Node, ...] = (
    {"TYPE": "s", "EXTENDED_TYPE": "state", "RANGE": {"VALS": list(STATES)}},
    {"TYPE": "s", "EXTENDED_TYPE": "stage"},
    {"TYPE": "i", "EXTENDED_TYPE": "step"},
    {"TYPE": "i", "EXTENDED_TYPE": "of"},
)
PLAIN = frozenset((string.ascii_letters + string.digits + "_-.").encode())


def project_path(name: str) -> str:
    """Address of a project."""
    return f"/projects/{address_name(name)}"


def job_path(job_id: str) -> str:
    """Address of a job."""
    return f"/jobs/{address_name(job_id)}"


def address_name(name: str) -> str:
    """A name as a part of an OSC address and of a URL: other signs become ~ and two hex digits a byte."""
    return "".join(chr(byte) if byte in PLAIN else f"~{byte:02X}" for byte in name.encode("utf-8", "replace"))


def space_of(bridge: Bridge) -> Node:
    """The whole tree as it now is."""
    tree, told = build_tree(), {"/engine": [engine_state(bridge), bridge.worker.text]} | bridge.browsers.told
    replies = {
        name: node | {"VALUE": told[node["FULL_PATH"]]} if node["FULL_PATH"] in told else node
        for name, node in tree["CONTENTS"].items()
    }
    moving = {
        "projects": container("/projects", "The projects that were declared", projects_of(bridge)),
        "jobs": container("/jobs", "The jobs that have not ended", jobs_of(bridge)),
    }
    return tree | {"CONTENTS": replies | moving}


def projects_of(bridge: Bridge) -> list[Node]:
    """A node for each project."""
    return [project_node(name, project) for name, project in sorted(bridge.projects.items())]


def project_node(name: str, project: Project) -> Node:
    """One project's grid, read-only: it is declared by /project."""
    path, text = project_path(name), f"The grid of the project {name}"
    return value_node(path, text, PROJECT_ARGUMENTS, project_values(project))


def project_values(project: Project) -> Values:
    """Tempo map, meter map, key, sample rate."""
    told = dict(osc_fields(project, skip_defaults=False))
    return [told[argument["EXTENDED_TYPE"]] for argument in PROJECT_ARGUMENTS]


def jobs_of(bridge: Bridge) -> list[Node]:
    """A node for each job that has not ended."""
    return [job_node(live) for live in bridge.live.values()]


def job_node(live: Live) -> Node:
    """How one job stands."""
    return value_node(job_path(live.job.id), f"A {live.job.command}", JOB_ARGUMENTS, job_values(live))


def job_values(live: Live) -> Values:
    """State, stage, step, of."""
    state = "running" if live.job.state == "publishing" else str(live.job.state)
    return [state, live.stage, live.step, live.of]


def value_node(path: str, text: str, arguments: Sequence[Node], values: Values) -> Node:
    """A node that can be read."""
    head = {"FULL_PATH": path, "DESCRIPTION": text, "ACCESS": READABLE, "VALUE": values}
    return head | typed(arguments)


def find_node(space: Node, path: str) -> Node | None:
    """The node of an address, None when there is none; a slash at the end does not count."""
    node = space
    for name in filter(None, path.split("/")):
        node = node.get("CONTENTS", {}).get(name)
        if node is None:
            return None
    return node


def read_attribute(node: Node, name: str) -> dict[str, Any] | None:
    """One attribute, as {name: it}: {} when the node has none, None when that must not be asked."""
    if name == "VALUE" and node["ACCESS"] & READABLE == NO_VALUE:
        return None
    return {name: node[name]} if name in node else {}
