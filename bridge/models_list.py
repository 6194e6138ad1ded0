"""The `models` verb: which weights are on this machine, and fetching more. Never imports torch."""

import argparse
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn
from rich.table import Table

from bridge.config import SHIPPED, default_data_folder
from engine.catalogue import Checkpoint, Row, choose, models_table
from engine.download import download, find_offer
from engine.errors import ModelError
from engine.planner.catalogue import planners_table

START = "python run_bridge.py"
COLORS = {"installed": "green", "incomplete": "yellow", "downloadable": "dim"}


def run_models(args: argparse.Namespace) -> int:
    """List the models, or fetch the one named by --download; returns the exit code."""
    if args.download:
        return fetch(args.download, models_folder())
    roots = model_roots()
    show([*models_table(roots), *planners_table(roots)])
    return 0


def models_folder() -> Path:
    """Where fetched weights are kept and the daemon looks: one bundle that shares VAE and text encoder."""
    return default_data_folder() / "models"


def model_roots() -> list[Path]:
    """Where models are looked for by name: what was fetched, and what came with Barline."""
    return [models_folder(), SHIPPED]


def find_model(wanted: str) -> Checkpoint:
    """The model of that name, or in that folder; "" is the one that came with Barline. Raises ModelError."""
    if not wanted or Path(wanted).is_dir():
        return choose("", [Path(wanted or SHIPPED)])
    return choose(wanted, model_roots())


def show(rows: list[Row]) -> None:
    """Print the table of models."""
    table = Table(box=None, header_style="bold")
    table.add_column("name", no_wrap=True)
    for heading in ("state", "GB", "where", "notes"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        state = f"[{COLORS[row.state]}]{row.state}[/]"
        table.add_row(row.name, state, f"{row.gigabytes:.2f}", row.folder or row.repo, "\n".join(row.notes))
    console = Console()
    console.print(table)
    console.print("\nFetch one with: models --download NAME")


def fetch(name: str, folder: Path) -> int:
    """Bring an official checkpoint into `folder`; what is there already is not fetched again."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    try:
        print(f"models: fetching {name}, about {find_offer(name).gigabytes} GB, into {folder}", flush=True)
        with Progress(*columns) as bar:
            shown = bar.add_task(name)
            place = download(
                name,
                folder,
                lambda file, done, total: bar.update(
                    shown, description=file or name, completed=done, total=total
                ),
            )
    except (OSError, ModelError) as error:  # the hub's own errors are OSErrors
        print(f"models: {name} could not be fetched: {error}")
        return 1
    is_planner = any(row.name == name for row in planners_table([]))
    how = "a daemon that is started now finds it" if is_planner else f"start it with: {START} --model {name}"
    print(f"models: {name} is in {place}; {how}")
    return 0
