"""Every task of the facts' table against diffusers' pipeline, fp32, on tiny weights: condition and result.

Instructions and masks are also asserted word for word and frame for frame.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import Tensor

from engine.sampler import seeded
from engine.tasks.hints import source_hints
from engine.tasks.timbre import pick_segments
from engine.tasks.values import (
    CompleteTask,
    CoverTask,
    ExtractTask,
    LegoTask,
    RepaintTask,
    Settings,
    Task,
    Text2MusicTask,
)
from engine.tasks.window import encode_window
from tests.engine.test_parity_pipeline import (
    FIRST,
    FRAMES,
    LIMIT,
    PROMPT,
    STOP,
    WORDS,
    Pair,
    make_pair,
    noise_for,
    quiet,
    recorded,
    source_audio,
)
from tests.engine.tiny_shapes import worst

SAMPLES = FRAMES * 1920
LO, HI = FIRST * 1920, STOP * 1920
SEED = Settings(7)
CODES = tuple(range(11, 64_000, 2_100))[:30]  # 30 codes = 150 frames
CODE_TEXT = "".join(f"<|audio_code_{code}|>" for code in CODES)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Eight steps without guidance of a checkpoint that can do everything."""
    config = {"is_turbo": True, "tasks": ["text2music", "repaint", "cover", "extract", "lego", "complete"]}
    return make_pair(tmp_path_factory.mktemp("all"), **config)


@dataclass
class Seen:
    """What a model was shown: instruction, context and states of its first step."""

    context: Tensor
    states: Tensor


def reference_audio() -> Tensor:
    return torch.randn(2, 41 * 48_000, generator=seeded(8)) * 0.2


AUDIO = source_audio()
GIVEN = {"src_audio": AUDIO, "audio_duration": 6.0}
ZONE = {"repainting_start": FIRST / 25, "repainting_end": STOP / 25}
CASES: dict[str, tuple[Callable[[], Task], dict[str, Any]]] = {
    "text2music": (lambda: Text2MusicTask(SAMPLES, PROMPT, SEED), {"audio_duration": 6.0}),
    "text2music, reference": (
        lambda: Text2MusicTask(SAMPLES, PROMPT, SEED, reference=reference_audio()),
        {"audio_duration": 6.0, "reference_audio": reference_audio()},
    ),
    "text2music, codes": (
        lambda: Text2MusicTask(SAMPLES, PROMPT, SEED, codes=CODES),
        {"audio_duration": 6.0, "audio_codes": CODE_TEXT},
    ),
    "cover": (lambda: CoverTask(AUDIO, 0, SAMPLES, PROMPT, SEED), GIVEN | {"task_type": "cover"}),
    "cover, short reference": (
        lambda: CoverTask(AUDIO, 0, SAMPLES, PROMPT, SEED, reference=AUDIO),
        GIVEN | {"task_type": "cover", "reference_audio": AUDIO},
    ),
    # diffusers has no raw cover: its complete shows the same raw source; the words are ours.
    "cover-nofsq": (
        lambda: CoverTask(AUDIO, 0, SAMPLES, PROMPT, SEED, raw=True),
        GIVEN
        | {
            "task_type": "complete",
            "instruction": "Generate audio semantic tokens based on the given conditions:",
        },
    ),
    "extract": (
        lambda: ExtractTask(AUDIO, 0, SAMPLES, ("backing_vocals",), PROMPT, SEED),
        GIVEN | {"task_type": "extract", "track_name": "backing_vocals"},
    ),
    "lego": (
        lambda: LegoTask(AUDIO, LO, HI, "bass", PROMPT, SEED),
        GIVEN | ZONE | {"task_type": "lego", "track_name": "bass"},
    ),
    "complete": (
        lambda: CompleteTask(AUDIO, 0, SAMPLES, ("drums", "bass"), PROMPT, SEED),
        GIVEN | {"task_type": "complete", "complete_track_classes": ["drums", "bass"]},
    ),
    "complete, no class": (
        lambda: CompleteTask(AUDIO, 0, SAMPLES, (), PROMPT, SEED),
        GIVEN | {"task_type": "complete"},
    ),
}
INSTRUCTIONS = {
    "text2music": "Fill the audio semantic mask based on the given conditions:",
    "text2music, codes": "Generate audio semantic tokens based on the given conditions:",
    "cover": "Generate audio semantic tokens based on the given conditions:",
    "cover-nofsq": "Generate audio semantic tokens based on the given conditions:",
    "repaint": "Repaint the mask area based on the given conditions:",
    "extract": "Extract the BACKING_VOCALS track from the audio:",
    "lego": "Generate the BASS track based on the audio context:",
    "complete": "Complete the input track with DRUMS | BASS:",
    "complete, no class": "Complete the input track:",
}


def first_step(decoder: torch.nn.Module, run: Callable[[], Any], ours: bool) -> tuple[Seen, Any]:
    """What a DiT is shown at its first step, and what `run` gives."""
    seen: list[Seen] = []

    def spy(module: torch.nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        context = args[2] if ours else kwargs["context_latents"]
        states = args[3][0][0] if ours else kwargs["encoder_hidden_states"]
        seen.append(Seen(context, states))

    handle = decoder.register_forward_pre_hook(spy, with_kwargs=True)
    try:
        result = run()
    finally:
        handle.remove()
    return seen[0], result


def spans(pair: Pair, name: str, latents: Tensor) -> tuple[Tensor, slice]:
    """Of what was decoded for a case, the wanted frames, and where they lie in the whole."""
    if name != "lego":
        return latents, slice(None)
    lead = 13 + pair.models.vae.halo_frames
    return latents[:, lead : lead + STOP - FIRST], slice(FIRST, STOP)


@pytest.mark.parametrize("name", CASES)
def test_condition_and_result_equal_diffusers(pair: Pair, name: str) -> None:
    make, words = CASES[name]
    noise = noise_for(FRAMES, 7, pair.models)
    ask = {**WORDS, **words, "latents": noise}
    theirs, want = first_step(pair.oracle.transformer, lambda: pair.oracle(**ask).audios, False)
    texts: list[str] = []
    ours, got = first_step(pair.models.model.decoder, lambda: recorded(telling(pair, texts), make()), True)
    keys = pair.models.model.decoder.cross_states(theirs.states)[0][0]
    got, wanted = spans(pair, name, got)
    differences = worst(ours.context, theirs.context), worst(ours.states, keys), worst(got, want[:, wanted])
    print(f"{name}: context {differences[0]:.1e}, states {differences[1]:.1e}, 8 steps {differences[2]:.1e}")
    assert max(differences) <= LIMIT
    if name in INSTRUCTIONS:
        assert texts == [f"# Instruction\n{INSTRUCTIONS[name]}\n"]


def telling(pair: Pair, texts: list[str]) -> Any:
    """The models, writing down the instruction of every caption."""
    from dataclasses import replace

    text = pair.models.text

    def tokenize(words: str, most: int) -> list[int]:
        if words.startswith("# Instruction"):
            texts.append(words.partition("\n# Caption")[0])
        return text.tokenize(words, most)

    return replace(pair.models, text=replace(text, tokenize=tokenize))


def shown(pair: Pair, task: Task) -> tuple[str, Tensor, Tensor]:
    """Instruction, source half and mask half a task shows the model."""
    texts: list[str] = []
    seen, _ = first_step(pair.models.model.decoder, lambda: recorded(telling(pair, texts), task), True)
    return texts[0].splitlines()[1], seen.context[..., :4], seen.context[..., 4:8]


def test_the_table_of_sources_and_masks(pair: Pair) -> None:
    models = pair.models
    clean, silence = encode_window(models, AUDIO, quiet), models.silence(FRAMES)
    with torch.no_grad():
        hints = source_hints(models, clean)
    inside = torch.zeros(1, FRAMES, 4)
    inside[:, FIRST:STOP] = 1
    one = torch.ones(1, FRAMES, 4)
    rows: dict[str, tuple[Task, Tensor, Tensor]] = {
        "text2music": (CASES["text2music"][0](), silence, one),
        "cover": (CASES["cover"][0](), hints, one),
        "cover-nofsq": (CASES["cover-nofsq"][0](), clean, one),
        "repaint": (
            RepaintTask(AUDIO, LO, HI, PROMPT, SEED),
            torch.where(inside > 0, silence, clean),
            inside,
        ),
        "extract": (CASES["extract"][0](), clean, one),
        "lego": (CASES["lego"][0](), clean, inside),
        "complete": (CASES["complete"][0](), clean, one),
    }
    for name, (task, source, mask) in rows.items():
        words, got_source, got_mask = shown(pair, task)
        assert words == INSTRUCTIONS[name]
        assert torch.equal(got_mask, mask), name
        assert worst(got_source, source) <= 1e-6, name


def test_below_full_strength_a_cover_goes_on_as_text2music(pair: Pair) -> None:
    models, contexts, states = pair.models, [], []

    def spy(module: Any, args: tuple[Any, ...]) -> None:
        contexts.append(args[2])
        states.append(args[3][0][0])

    handle = models.model.decoder.register_forward_pre_hook(spy)
    try:
        recorded(models, CoverTask(AUDIO, 0, SAMPLES, PROMPT, Settings(7, strength=0.4)))
        cover = [contexts[:], states[:]]
        recorded(models, CASES["text2music"][0]())
    finally:
        handle.remove()
    assert len(cover[0]) == 8
    changes = [step for step in range(1, 8) if not torch.equal(cover[0][step], cover[0][step - 1])]
    assert changes == [int(8 * 0.4)]
    assert torch.equal(cover[0][-1], contexts[-1]) and torch.equal(cover[1][-1], states[-1])


def test_reference_segments_lie_at_the_front_a_third_and_the_end() -> None:
    ramp = torch.arange(100.0).repeat(2, 1)
    picked = pick_segments(ramp, 10)[0].tolist()
    assert picked == [*range(10), *range(33, 43), *range(90, 100)]
    assert pick_segments(ramp[:, :7], 5).shape == (2, 15)
