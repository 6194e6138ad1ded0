"""Progress bars on a terminal: one for each stage of each job that is heard of."""

import contextlib
from collections.abc import Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from bridge.commands.showing import Show, stage_text
from protocol.replies import Progress as Step
from protocol.replies import Reply


@contextlib.contextmanager
def live_progress() -> Iterator[Show]:
    """Shows progress as bars on stderr, for as long as the context lasts."""
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), redirect_stdout=False) as bars:
        tasks: dict[str, TaskID] = {}

        def show(reply: Reply) -> None:
            text = stage_text(reply)
            if isinstance(reply, Step):
                if text not in tasks:
                    tasks[text] = bars.add_task(text, total=reply.of)
                bars.update(tasks[text], completed=reply.step, total=reply.of)
            else:
                bars.console.print(text, markup=False, highlight=False)

        yield show
