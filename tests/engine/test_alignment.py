"""Lyrics against attention: known paths come back, in every script, and the pass ends where it may."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.alignment.align import AlignTask, Reading, Sheet, align, align_attention, attention_of, read_sheet
from engine.alignment.attention import cross_attention
from engine.alignment.clean import clean
from engine.alignment.find_heads import Example, Heard, choose, error_of, find_alignment_heads
from engine.alignment.heads import DEFAULT_2B, alignment_heads, every_head, heads_to_json
from engine.alignment.scores import score
from engine.alignment.times import COLUMN
from engine.alignment.values import Alignment
from engine.config import AceStepConfig, config_from_json
from engine.errors import ModelError, TaskError
from engine.models import Models
from engine.store import load_models
from engine.tasks.values import Prompt, Settings
from engine.text import offsets_with, tokenize_with
from engine.tiny import DIT, write_tiny_checkpoint
from engine.training.words import learn_tokenizer
from tests.engine.sung import LYRICS, RIGHT_TO_LEFT, perform


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    """A tiny checkpoint whose tokenizer has learned pieces of every script, some across letters' bytes."""
    root = write_tiny_checkpoint(tmp_path_factory.mktemp("tiny"))
    loaded, tokenizer = load_models(root, device="cpu"), learn_tokenizer(LYRICS.values())
    words = replace(
        loaded.text,
        tokenize=lambda text, most: [min(i, 256) for i in tokenize_with(tokenizer)(text, most)],
        offsets=offsets_with(tokenizer),
    )
    return replace(loaded, text=words)


def sheet_of(models: Models, lyrics: str) -> Sheet:
    return read_sheet(models, Prompt("song", lyrics))


def quiet(stage: str, step: int, of: int) -> None:
    """Lets everything pass."""


# --- known paths


@pytest.mark.parametrize("script", LYRICS)
@pytest.mark.parametrize("seed", range(3))
def test_a_known_path_comes_back_to_one_column(models: Models, script: str, seed: int) -> None:
    sheet = sheet_of(models, LYRICS[script])
    sung = perform(sheet, seed)
    found = align_attention(sheet, sung.attention)
    times = np.array([(token.start, token.end) for token in found.tokens])
    assert np.abs(times - sung.columns * COLUMN).max() <= COLUMN
    for line, index in zip(sung_lines(found), sorted(set(sheet.of_line)), strict=True):
        rows = [row for row, of in enumerate(sheet.of_line) if of == index]
        assert abs(line.start - sung.columns[rows[0], 0] * COLUMN) <= COLUMN
        assert abs(line.end - sung.columns[rows[-1], 1] * COLUMN) <= COLUMN


def sung_lines(found: Alignment) -> list:
    return [line for line in found.lines if not line.is_tag]


@pytest.mark.parametrize("script", LYRICS)
def test_every_letter_of_every_script_comes_back(models: Models, script: str) -> None:
    lyrics = LYRICS[script]
    sheet = sheet_of(models, lyrics)
    found = align_attention(sheet, perform(sheet).attention)
    assert [line.text for line in found.lines] == [line for line in lyrics.split("\n") if line]
    for line in sung_lines(found):
        assert "".join(word.text for word in line.words) == "".join(line.text.split())
        starts = [word.start for word in line.words]
        assert starts == sorted(starts) and all(word.end >= word.start for word in line.words)
        assert (line.start, line.end) == (starts[0], max(word.end for word in line.words))


def test_right_to_left_words_stay_in_logical_order(models: Models) -> None:
    for script in RIGHT_TO_LEFT:
        sheet = sheet_of(models, LYRICS[script])
        first = align_attention(sheet, perform(sheet).attention).lines[0]
        assert [word.text for word in first.words] == LYRICS[script].split("\n")[0].split()


def test_a_tag_lies_where_the_next_line_starts(models: Models) -> None:
    sheet = sheet_of(models, "[intro]\nfirst line\n[chorus]\nsecond line\n[outro]")
    intro, first, chorus, second, outro = align_attention(sheet, perform(sheet).attention).lines
    assert (intro.start, chorus.start, outro.start) == (first.start, second.start, second.end)
    assert all(tag.is_tag and tag.end == tag.start and not tag.words for tag in (intro, chorus, outro))


def test_a_rest_belongs_to_no_line(models: Models) -> None:
    sheet = sheet_of(models, "first line\nsecond line")
    sung = perform(sheet)
    gap = (np.diff(sung.columns[:, 0])).max()
    assert gap > 8
    first, second = align_attention(sheet, sung.attention).lines
    assert second.start - first.end >= 7 * COLUMN


def test_a_word_nobody_attends_to_lies_between_its_neighbours(models: Models) -> None:
    sheet = sheet_of(models, "aa bb cc\ndd ee")
    sung = perform(sheet)
    deaf = [row for row, (a, _) in enumerate(sheet.tokens) if 2 <= a < 5]
    sung.attention[:, deaf] = 0.0
    words = align_attention(sheet, sung.attention).lines[0].words
    assert words[0].end <= words[1].start <= words[1].end <= words[2].start


def test_padding_has_no_time_and_a_column_is_80_ms_whatever_the_length(models: Models) -> None:
    audio = np.zeros((2, 48_001), np.float32)  # 26 frames of the model's 128
    found = align(models, AlignTask(audio, Prompt("song", LYRICS["latin"]), Settings(1)), quiet)
    assert max(token.end for token in found.tokens) <= 48_001
    assert all(token.start % COLUMN == 0 for token in found.tokens)


def test_lines_past_the_last_token_are_counted_not_guessed(models: Models) -> None:
    lyrics = "\n".join(f"line number {n} of a very long song" for n in range(400))
    sheet = sheet_of(models, lyrics)
    found = align_attention(sheet, torch.rand(1, len(sheet.rows), 50))
    assert found.untimed > 0 and len(found.lines) + found.untimed == 400


# --- scores


def test_a_clear_performance_scores_high_and_noise_low(models: Models) -> None:
    sheet = sheet_of(models, LYRICS["latin"])
    clear = align_attention(sheet, perform(sheet).attention).score
    torch.manual_seed(1)
    noise = align_attention(sheet, torch.rand(3, len(sheet.rows), 200)).score
    assert clear.value > 2 * noise.value and (clear.coverage, clear.monotonicity) == (1.0, 1.0)
    assert noise.value < 0.3


def test_singing_backwards_is_not_monotone(models: Models) -> None:
    sung = perform(sheet_of(models, "\n".join("abcdefghijklmnop")))
    energy = clean(sung.attention.flip(-1))[0].numpy()
    assert score(energy).monotonicity < 0.8


def test_nothing_heard_scores_nothing() -> None:
    assert score(np.zeros((4, 9), np.float32)).value == 0.0


# --- attention


def test_one_pass_to_the_last_layer_needed_equals_the_whole_model(models: Models) -> None:
    decoder, config = models.model.decoder, models.config
    torch.manual_seed(3)
    xt = torch.randn(1, 20, config.audio_acoustic_hidden_dim)
    context = torch.randn(1, 20, 2 * config.audio_acoustic_hidden_dim)
    states = torch.randn(1, 11, config.hidden_size)
    asked: dict[int, torch.Tensor] = {}
    hooks = [
        layer.cross_attn_norm.register_forward_hook(lambda m, x, y, i=i: asked.update({i: y}))
        for i, layer in enumerate(decoder.layers)
    ]
    with torch.no_grad():
        decoder(xt, torch.tensor([0.125]), context, states)
        heard = decoder.cross_states(states)
        wanted = []
        for index, layer in enumerate(decoder.layers):
            keys = heard[index][0].repeat_interleave(config.num_attention_heads // 2, 1)
            scores = layer.cross_attn.queries(asked[index]) @ keys.transpose(-1, -2) * config.head_dim**-0.5
            wanted.append(scores.softmax(-1)[0].transpose(-1, -2)[:, 2:9])
    for hook in hooks:
        hook.remove()
    found = cross_attention(decoder, (xt, 0.125, context, states), every_head(config), (2, 9))
    assert float((found - torch.cat(wanted)).abs().max()) < 1e-6


def test_layers_behind_the_last_head_are_never_run(models: Models) -> None:
    ran: list[int] = []
    hooks = [
        module.register_forward_hook(lambda *_, i=i: ran.append(i))
        for i, layer in enumerate(models.model.decoder.layers)
        for module in (layer.self_attn, layer.mlp)
    ]
    latents = torch.zeros(1, 128, models.config.audio_acoustic_hidden_dim)
    found = attention_of(
        models, latents, Reading(Prompt("x", "la la"), Settings(1)), alignment_heads(models.config)
    )
    for hook in hooks:
        hook.remove()
    assert ran == [0, 0, 1, 1, 2]  # of layer 2 its self-attention alone, of layer 3 nothing
    assert found.shape[0] == 3 and found.shape[2] == 64


def test_the_same_task_gives_the_same_times(models: Models) -> None:
    audio = np.random.default_rng(5).standard_normal((2, 300_000)).astype("f4") * 0.1
    task = AlignTask(audio, Prompt("song", LYRICS["latin"]), Settings(1))
    assert align(models, task, quiet) == align(models, task, quiet)


# --- heads


def test_heads_come_from_the_config(models: Models) -> None:
    assert alignment_heads(models.config) == ((1, (0, 3)), (2, (1,)))
    assert alignment_heads(AceStepConfig()) == DEFAULT_2B


def test_a_checkpoint_of_another_shape_without_heads_is_refused() -> None:
    with pytest.raises(TaskError, match="lyric_alignment_layers_config") as refused:
        alignment_heads(config_from_json({**DIT, "lyric_alignment_layers_config": None}))
    assert refused.value.code == "no-task"


@pytest.mark.parametrize("value", [[1], {"x": [1]}, {"1": 2}, "2:6"])
def test_a_table_that_is_none_is_refused(value: object) -> None:
    with pytest.raises(ModelError, match="lyric_alignment_layers_config"):
        config_from_json({**DIT, "lyric_alignment_layers_config": value})


@pytest.mark.parametrize("value", [{"9": [0]}, {"1": [4]}])
def test_a_head_that_is_not_there_is_refused(value: object) -> None:
    with pytest.raises(ModelError, match="of 4"):
        alignment_heads(config_from_json({**DIT, "lyric_alignment_layers_config": value}))


@pytest.mark.parametrize("lyrics", ["", "[Instrumental]", "\n \n"])
def test_lyrics_without_a_line_to_sing_are_refused(models: Models, lyrics: str) -> None:
    with pytest.raises(TaskError) as refused:
        sheet_of(models, lyrics)
    assert refused.value.code == "out-of-range"


def test_audio_of_a_wrong_shape_is_refused(models: Models) -> None:
    with pytest.raises(TaskError) as refused:
        align(models, AlignTask(np.zeros((1, 9), "f4"), Prompt("x", "la"), Settings(1)), quiet)
    assert refused.value.code == "wrong-shape"


# --- finding heads


def test_the_head_that_follows_is_found_among_noise(models: Models) -> None:
    sheet = sheet_of(models, LYRICS["latin"])
    sung = perform(sheet, 4, heads=1)
    noise = torch.rand(5, *sung.attention.shape[1:]) * 0.5
    attention = torch.cat((noise[:3], sung.attention, noise[3:]))
    firsts = [sheet.of_line.index(line) for line in sorted(set(sheet.of_line))]
    heard = [Heard(sheet, attention, tuple(int(sung.columns[row, 0]) * COLUMN for row in firsts))]
    order = sorted(range(6), key=lambda head: error_of(heard, [head]))
    chosen, error = choose(heard, order, 7)
    assert order[0] == 3 and chosen == [3] and error <= 0.08


def test_a_ranking_names_every_head_and_a_table_the_config_reads(models: Models) -> None:
    audio = np.random.default_rng(5).standard_normal((2, 96_000)).astype("f4") * 0.1
    example = Example(audio, Reading(Prompt("x", "[verse]\nla la\nlo lo"), Settings(1)), (9_600, 48_000))
    found = find_alignment_heads(models, [example])
    assert len({(r.layer, r.head) for r in found.ranking}) == 16 and found.error_s <= found.ranking[0].error_s
    config = config_from_json({**DIT, "lyric_alignment_layers_config": heads_to_json(found.heads)})
    assert alignment_heads(config) == found.heads


def test_line_times_that_are_not_one_per_line_are_refused(models: Models) -> None:
    example = Example(np.zeros((2, 9), "f4"), Reading(Prompt("x", "la\nlo"), Settings(1)), (0,))
    with pytest.raises(ValueError, match="1 line starts for 2 sung lines"):
        find_alignment_heads(models, [example])
