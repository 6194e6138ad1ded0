"""Train a miniature from nothing, step by step: see docs/TRAINING.md, or `VERB --help`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.training.dit import Material
    from engine.training.run import Budget

# glibc gives freed memory back at once by default; a training step asks for the same blocks again. Must be
# set before
# the allocator is first used, so the process starts itself anew with them.
ALLOCATOR = {
    "MALLOC_MMAP_THRESHOLD_": "1073741824",
    "MALLOC_TRIM_THRESHOLD_": "4294967296",
    "MALLOC_TOP_PAD_": "268435456",
    "OMP_WAIT_POLICY": "PASSIVE",
}


def run_corpus(args: argparse.Namespace) -> None:
    from engine.training.corpus.__main__ import main as write_corpus

    write_corpus(args.rest)


def run_vae(args: argparse.Namespace) -> None:
    from engine.training.vae import train_vae

    train_vae(args.corpus, args.run, budget_of(args))


def run_freeze(args: argparse.Namespace) -> None:
    from engine.training.export import freeze_vae

    freeze_vae(args.run, args.corpus, args.out)


def run_refine(args: argparse.Namespace) -> None:
    from engine.training.refine import refine_decoder, replace_decoder

    refine_decoder(args.corpus, args.vae, args.run, budget_of(args))
    replace_decoder(args.run, args.vae, args.out)


def run_latents(args: argparse.Namespace) -> None:
    from engine.training.export import load_vae
    from engine.training.latents import encode_corpus

    print(encode_corpus(args.corpus, load_vae(args.vae), args.out, args.stems, args.variants), "files")


def run_codes(args: argparse.Namespace) -> None:
    from engine.training.codes import train_codes

    train_codes(args.latents, args.run, budget_of(args))


def run_dit(args: argparse.Namespace) -> None:
    from engine.training.dit import RECIPE, train_dit

    train_dit(material_of(args), args.run, budget_of(args), replace(RECIPE, frames=args.frames))


def run_distil(args: argparse.Namespace) -> None:
    from engine.training.distil import distil

    distil(material_of(args), args.teacher, args.run, budget_of(args))


def run_planner(args: argparse.Namespace) -> None:
    from engine.training.codes import load_codes
    from engine.training.latents import load_latents
    from engine.training.planner import export_planner, train_planner

    songs = [song for folder in args.latents for song in load_latents(folder)]
    train_planner(songs, load_codes(args.codes), args.run, budget_of(args))
    export_planner(args.run, args.out)


def run_import(args: argparse.Namespace) -> None:
    from engine.training.multitracks import import_multitracks

    for line in import_multitracks(args.multitracks, args.out):
        print(line)


def run_finetune(args: argparse.Namespace) -> None:
    from engine.training.finetune import finetune

    finetune(args.multitracks, args.run, args.out, budget_of(args))


def run_words(args: argparse.Namespace) -> None:
    from engine.training.near_words import write_table

    write_table(args.out)


def run_export(args: argparse.Namespace) -> None:
    from engine.training.export import export_miniature

    export_miniature(args.run, args.vae, args.codes, args.out)


def run_evaluate(args: argparse.Namespace) -> None:
    from engine.training.evaluate import EVERY, evaluate, open_models, planner_table, read_cases, write_table
    from engine.training.heldout import held_out, strange, sung
    from engine.training.map_picture import draw_maps
    from engine.training.pictures import draw_cases

    models = open_models(args.model)
    cases = read_cases(args.corpus or held_out(args.songs), args.songs)
    folders = {"ood": args.ood} if args.ood else {} if args.corpus else strange(args.songs)
    others = {kind: read_cases(folder, args.songs) for kind, folder in folders.items()}
    own = [case for case in cases if case.song.sung]
    others["sung"] = own if args.corpus else read_cases(sung(args.songs), args.songs)
    table = evaluate(models, cases, others, tuple(args.what) or EVERY)
    if not args.what or "planner" in args.what:
        table |= planner_table(models, args.model, cases)
    if args.json:
        write_table(table, args.json)
    if args.pictures:
        draw_cases(models, cases[:3], args.pictures)
        draw_maps(models, args.pictures / "maps.png")


def budget_of(args: argparse.Namespace) -> Budget:
    """The budget the command line gives."""
    from engine.training.run import Budget

    return Budget(args.minutes, args.compile)


def material_of(args: argparse.Namespace) -> Material:
    """Songs, silence and codes of the command line."""
    from engine.training.codes import load_codes
    from engine.training.dit import Material
    from engine.training.export import load_vae, silence_latent
    from engine.training.latents import load_latents

    songs = [song for folder in args.latents for song in load_latents(folder)]
    return Material(songs, silence_latent(load_vae(args.vae)), load_codes(args.codes), args.start)


Command = tuple[Callable[[argparse.Namespace], None], dict[str, dict[str, object]]]
FOLDER: dict[str, object] = {"type": Path, "required": True}
FOLDERS = FOLDER | {"nargs": "+"}
FLAG: dict[str, object] = {"action": "store_true"}


def budget(minutes: float) -> dict[str, dict[str, object]]:
    """The options of what takes time."""
    return {"--minutes": {"type": float, "default": minutes}, "--compile": FLAG}


START = {"type": Path, "default": None, "help": "a miniature to go on from, such as engine/weights/miniature"}
FRAMES = {"type": int, "default": 4608, "help": "latent frames in a batch; a GPU takes ten times as many"}
MATERIAL = {"--latents": FOLDERS, "--vae": FOLDER, "--codes": FOLDER, "--run": FOLDER}
MODEL = {"type": str, "default": "", "help": "name or folder; the shipped miniature if left out"}
CORPUS = {"type": Path, "default": None, "help": "held-out songs; composed and rendered anew if left out"}
PICTURES = {"type": Path, "default": None, "help": "folder for spectrograms of the first three"}
COMMANDS: dict[str, Command] = {
    "corpus": (run_corpus, {}),
    "vae": (run_vae, {"--corpus": FOLDERS, "--run": FOLDER, **budget(75.0)}),
    "freeze": (run_freeze, {"--run": FOLDER, "--corpus": FOLDER, "--out": FOLDER}),
    "refine": (
        run_refine,
        {"--corpus": FOLDERS, "--vae": FOLDER, "--run": FOLDER, "--out": FOLDER, **budget(20.0)},
    ),
    "latents": (
        run_latents,
        {
            "--corpus": FOLDER,
            "--vae": FOLDER,
            "--out": FOLDER,
            "--stems": FLAG,
            "--variants": {"type": int, "default": 1, "help": "mixes of each song, with other levels"},
        },
    ),
    "codes": (run_codes, {"--latents": FOLDERS, "--run": FOLDER, **budget(8.0)}),
    "dit": (run_dit, {**MATERIAL, "--start": START, "--frames": FRAMES, **budget(85.0)}),
    "distil": (run_distil, {**MATERIAL, "--start": START, "--teacher": FOLDER, **budget(12.0)}),
    "planner": (
        run_planner,
        {"--latents": FOLDERS, "--codes": FOLDER, "--run": FOLDER, "--out": FOLDER, **budget(15.0)},
    ),
    "import": (run_import, {"--multitracks": FOLDER, "--out": FOLDER}),
    "finetune": (
        run_finetune,
        {"--multitracks": FOLDER, "--run": FOLDER, "--out": FOLDER, **budget(10.0)},
    ),
    "words": (run_words, {"--out": FOLDER}),
    "export": (run_export, {"--run": FOLDER, "--vae": FOLDER, "--codes": FOLDER, "--out": FOLDER}),
    "evaluate": (
        run_evaluate,
        {
            "--model": MODEL,
            "--corpus": CORPUS,
            "--ood": {
                "type": Path,
                "default": None,
                "help": "songs unlike the corpus: also measured on them",
            },
            "--songs": {"type": int, "default": 20},
            "--what": {
                "nargs": "+",
                "default": [],
                "help": "vae generate repaint extract lyrics lego maps tags planner",
            },
            "--json": {"type": Path, "default": None},
            "--pictures": PICTURES,
        },
    ),
}


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m engine.training", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    for name, (_, options) in COMMANDS.items():
        verb = verbs.add_parser(name, add_help=name != "corpus")
        for option, settings in options.items():
            verb.add_argument(option, **settings)  # type: ignore[arg-type]
    args, rest = parser.parse_known_args(argv)
    if rest and args.verb != "corpus":
        parser.error(f"unknown: {' '.join(rest)}")
    args.rest = rest
    COMMANDS[args.verb][0](args)


if __name__ == "__main__":
    missing = {name: value for name, value in ALLOCATOR.items() if name not in os.environ}
    if missing and os.name == "posix":
        os.execve(
            sys.executable, [sys.executable, "-m", "engine.training", *sys.argv[1:]], os.environ | missing
        )
    main(sys.argv[1:])
