"""The `models` verb: which weights are on this machine, and fetching more. Never imports torch."""

import argparse
from pathlib import Path

from bridge.config import default_data_folder
from engine.catalogue import OFFERS, SHIPPED, Checkpoint, Offer, Row, choose, models_table
from engine.errors import ModelError

COLORS = {"installed": "green", "incomplete": "yellow", "downloadable": "dim"}


def run_models(args: argparse.Namespace) -> int:
    """List the models, or fetch the one named by --download; returns the exit code."""
    if args.download:
        return download(args.download, models_folder())
    show(models_table(model_roots()))
    return 0


def models_folder() -> Path:
    """Where fetched weights are kept: one bundle, so that all share one VAE and one text encoder."""
    return default_data_folder() / "models"


def model_roots() -> list[Path]:
    """Where models are looked for by name: what came with Barline, then what was fetched."""
    return [SHIPPED, models_folder()]


def find_model(wanted: str) -> Checkpoint:
    """The model of that name, or in that folder; "" is the one that came with Barline. Raises ModelError."""
    if wanted and Path(wanted).is_dir():
        return choose("", [Path(wanted)])
    return choose(wanted, model_roots())


def show(rows: list[Row]) -> None:
    """Print the table of models."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, header_style="bold")
    table.add_column("name", no_wrap=True)
    for heading in ("state", "GB", "where", "notes"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        state = f"[{COLORS[row.state]}]{row.state}[/]"
        table.add_row(row.name, state, f"{row.gigabytes:.2f}", row.folder or row.repo, "\n".join(row.notes))
    console = Console()
    console.print(table)
    console.print(
        "\nFetch one with: models --download NAME.  Start it with: --model FOLDER (the one above it)"
    )


def download(name: str, folder: Path) -> int:
    """Fetch an official checkpoint into `folder`, continuing where an earlier attempt stopped."""
    offers = {offer.name: offer for offer in OFFERS}
    if name not in offers:
        print(f"models: no model named {name!r}; there are {', '.join(offers)}")
        return 2
    try:
        fetch(offers[name], folder)
        found = choose(name, [folder])
    except (OSError, ModelError) as error:  # the hub's errors are OSErrors
        print(f"models: {name} could not be fetched: {error}")
        return 1
    print(f"models: {name} is in {found.dit}")
    print(f"        start it with: python run_bridge.py --model {folder} --model-name {name}")
    return 0


def fetch(offer: Offer, folder: Path) -> None:
    """Bring every part of an offer into `folder`. Raises OSError when the hub is out of reach or refuses."""
    from huggingface_hub import snapshot_download

    print(f"models: fetching {offer.name}, about {offer.gigabytes} GB, into {folder}", flush=True)
    for part in offer.parts:
        place = folder / part.folder if part.folder else folder
        snapshot_download(part.repo, allow_patterns=list(part.patterns), local_dir=place)
