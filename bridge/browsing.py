"""What browsers hear: every reply of a job, every event, and that a project or a job came or went.

PATH_ADDED and PATH_REMOVED name the node, PATH_CHANGED what holds it: some clients know only the last.
"""

from bridge.address_space import job_path, job_values, project_path, project_values
from bridge.browsers import Browsers, Values
from bridge.osc_server import packet_of
from bridge.parts import Bridge
from protocol.errors import ProtocolError
from protocol.osc import encode_values
from protocol.replies import Accepted, EngineEvent, Progress, ProjectDone, Reply


def begin_browsing(bridge: Bridge) -> None:
    """From now on browsers hear of everything; what is there already is no news."""
    bridge.browsers.known.update(project_path(name) for name in bridge.projects)
    bridge.sessions.use_browsers(lambda reply: hear(bridge, reply))


def hear(bridge: Bridge, reply: Reply) -> None:
    """Passes a reply on: as the value of its address, and as news of its project or job."""
    browsers = bridge.browsers
    if isinstance(reply, ProjectDone):
        hear_of_project(bridge, reply.name)
        return
    browsers.keep(reply)
    browsers.stream(f"/{reply.spec.name}", lambda: packet_of(reply))
    if isinstance(reply, EngineEvent):
        return
    path, live = job_path(reply.request_id), bridge.live.get(reply.request_id)
    if live is None:
        say_gone(browsers, path)
        return
    if isinstance(reply, Accepted):
        say_come(browsers, path)
    if isinstance(reply, Accepted | Progress):
        browsers.stream(path, lambda: packet_of_values(path, job_values(live)))


def hear_of_project(bridge: Bridge, name: str) -> None:
    """A project was declared, or declared anew."""
    path = project_path(name)
    if path not in bridge.browsers.known:
        say_come(bridge.browsers, path)
    else:
        bridge.browsers.tell("PATH_CHANGED", path)
    values = project_values(bridge.projects[name])
    bridge.browsers.stream(path, lambda: packet_of_values(path, values))


def say_come(browsers: Browsers, path: str) -> None:
    """A node is new."""
    browsers.known.add(path)
    browsers.tell("PATH_ADDED", path)
    browsers.tell("PATH_CHANGED", path.rpartition("/")[0])


def say_gone(browsers: Browsers, path: str) -> None:
    """A node is no more."""
    browsers.known.discard(path)
    browsers.tell("PATH_REMOVED", path)
    browsers.tell("PATH_CHANGED", path.rpartition("/")[0])


def packet_of_values(path: str, values: Values) -> bytes:
    """The packet of a node's values; nothing when they are too long for one: then they can be asked for."""
    try:
        return encode_values(path, values)
    except ProtocolError:
        return b""
