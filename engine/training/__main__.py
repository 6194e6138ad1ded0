"""Train a miniature from nothing, step by step: see docs/TRAINING.md, or `VERB --help`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

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
    from engine.training.run import Budget
    from engine.training.vae import train_vae

    train_vae(args.corpus, args.run, Budget(args.minutes, args.compile))


def run_freeze(args: argparse.Namespace) -> None:
    from engine.training.export import freeze_vae

    freeze_vae(args.run, args.corpus, args.out)


def run_refine(args: argparse.Namespace) -> None:
    from engine.training.refine import refine_decoder, replace_decoder
    from engine.training.run import Budget

    refine_decoder(args.corpus, args.vae, args.run, Budget(args.minutes, args.compile))
    replace_decoder(args.run, args.vae, args.out)


def run_latents(args: argparse.Namespace) -> None:
    from engine.training.export import load_vae
    from engine.training.latents import encode_corpus

    print(encode_corpus(args.corpus, load_vae(args.vae), args.out, args.stems), "songs encoded")


def run_dit(args: argparse.Namespace) -> None:
    from engine.training.dit import train_dit
    from engine.training.export import load_vae, silence_latent
    from engine.training.run import Budget

    silence = silence_latent(load_vae(args.vae))
    train_dit(args.latents, silence, args.run, Budget(args.minutes, args.compile))


def run_export(args: argparse.Namespace) -> None:
    from engine.training.export import export_miniature

    export_miniature(args.run, args.vae, args.out)


def run_evaluate(args: argparse.Namespace) -> None:
    from engine.training.evaluate import evaluate, open_models, read_cases
    from engine.training.pictures import draw_cases

    cases = read_cases(args.corpus, args.songs)
    evaluate(args.model, cases, args.json)
    if args.pictures:
        draw_cases(open_models(args.model), cases[:3], args.pictures)


Command = tuple[Callable[[argparse.Namespace], None], dict[str, dict[str, object]]]
FOLDER = {"type": Path, "required": True}
COMMANDS: dict[str, Command] = {
    "corpus": (run_corpus, {}),
    "vae": (
        run_vae,
        {
            "--corpus": FOLDER,
            "--run": FOLDER,
            "--minutes": {"type": float, "default": 75.0},
            "--compile": {"action": "store_true"},
        },
    ),
    "freeze": (run_freeze, {"--run": FOLDER, "--corpus": FOLDER, "--out": FOLDER}),
    "refine": (
        run_refine,
        {
            "--corpus": FOLDER,
            "--vae": FOLDER,
            "--run": FOLDER,
            "--out": FOLDER,
            "--minutes": {"type": float, "default": 20.0},
            "--compile": {"action": "store_true"},
        },
    ),
    "latents": (
        run_latents,
        {"--corpus": FOLDER, "--vae": FOLDER, "--out": FOLDER, "--stems": {"action": "store_true"}},
    ),
    "dit": (
        run_dit,
        {
            "--latents": FOLDER,
            "--vae": FOLDER,
            "--run": FOLDER,
            "--minutes": {"type": float, "default": 85.0},
            "--compile": {"action": "store_true"},
        },
    ),
    "export": (run_export, {"--run": FOLDER, "--vae": FOLDER, "--out": FOLDER}),
    "evaluate": (
        run_evaluate,
        {
            "--model": {
                "type": str,
                "default": "",
                "help": "name or folder; the shipped miniature if left out",
            },
            "--corpus": FOLDER,
            "--songs": {"type": int, "default": 20},
            "--json": {"type": Path, "default": None},
            "--pictures": {
                "type": Path,
                "default": None,
                "help": "folder for spectrograms of the first three",
            },
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
