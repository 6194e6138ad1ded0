"""Plans of an untrained model: every one parses and validates, given fields stay, codes are exactly counted.

Run: python -m tests.acceptance.grammar [--plans 1000]
"""

import argparse
import random
import sys
import tempfile
import time

import torch

from engine.planner.bench import measure
from engine.planner.blueprint import Blueprint, from_yaml, to_yaml
from engine.planner.draw import Sampling
from engine.planner.limits import CAPTION_TOKENS, CLOSED, FIELDS
from engine.planner.model import Planner, load_planner
from engine.planner.modes import Asked, compose_seconds, plan
from engine.planner.tiny import write_tiny_planner
from tests.acceptance.common import require, show

CAPTIONS = (
    "slow piano",
    "# not: a heading",
    "'quoted' \"twice\"",
    "دافئ وهادئ",
    "- no list",
    "12",
    "yes: no",
)


def check_plan(planner: Planner, seed: int, given: dict[str, str]) -> Blueprint:
    """One plan, sampled and looked at."""
    sampling = Sampling(seed, temperature=random.Random(seed).choice((0.3, 0.85, 1.5)), top_p=1.0)
    made = plan(planner, Asked("a song", "la la", given), sampling, lambda *_: None)
    require(from_yaml(to_yaml(made)) == made, f"plan {seed} does not survive YAML: {to_yaml(made)}")
    require(list(made.texts) == list(FIELDS), f"plan {seed} lacks a field: {made}")
    require(all(made.texts[name] in kind.values for name, kind in CLOSED.items()), f"plan {seed}: {made}")
    require(
        all(made.texts[name] == text for name, text in given.items()), f"plan {seed} lost {given}: {made}"
    )
    longest = max(map(len, planner.vocabulary.pieces))
    require(0 < len(made.caption.encode()) <= CAPTION_TOKENS * longest, f"plan {seed}: {made}")
    return made


def given_fields(seed: int) -> dict[str, str]:
    """Some fields as a user may give them: none, some or all."""
    chance = random.Random(seed)
    fields = {name: chance.choice(kind.values) for name, kind in CLOSED.items()} | {
        "caption": chance.choice(CAPTIONS)
    }
    return {name: text for name, text in fields.items() if chance.random() < 0.4}


def run(planner: Planner, plans: int) -> dict[str, object]:
    """The table's rows; ends the script when something promised does not hold."""
    began, kept = time.perf_counter(), 0
    made = []
    for seed in range(plans):
        given = given_fields(seed) if seed % 2 else {}
        kept += len(given)
        made.append(check_plan(planner, seed, given))
    spent = time.perf_counter() - began
    exact = 0
    for seconds in (10, 10.19, 13.4, 31):
        how = (Sampling(3), seconds)
        codes, again = (compose_seconds(planner, Asked("x"), made[0], how, lambda *_: None) for _ in range(2))
        require(len(codes) == int(5 * seconds) and codes == again, f"codes for {seconds} s")
        require(all(0 <= code < 64_000 for code in codes), "codes outside 0..63999")
        exact += 1
    require(check_plan(planner, 5, {}) == check_plan(planner, 5, {}), "the same seed, the same plan")
    cost = measure(planner)
    return {
        "plans that parse and validate": len(made),
        "different captions": len({item.caption for item in made}),
        "given fields kept": kept,
        "exact code counts": exact,
        "ms a plan": 1e3 * spent / plans,
        "grammar, ms a token": 1e3 * cost.grammar_s,
        "token, ms (tiny model)": 1e3 * cost.token_s,
    }


def main() -> int:
    """The script."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plans", type=int, default=1000)
    parser.add_argument("--words", type=int, default=3000, help="tokens of several bytes (%(default)s)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        planner = load_planner(write_tiny_planner(place, words=options.words), torch.device("cpu"))
        show("an untrained planner under the grammar", run(planner, options.plans))
    return 0


if __name__ == "__main__":
    sys.exit(main())
