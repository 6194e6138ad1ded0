"""Finding, loading and fetching checkpoints, and what is said when something is missing."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from safetensors.torch import load_file, save_file

from engine.catalogue import find_checkpoints, models_table
from engine.download import download, matches
from engine.errors import ModelError
from engine.store import load_models
from engine.tiny import write_tiny_checkpoint
from tests.engine.tiny_shapes import worst

DIT = "acestep-v15-turbo"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_tiny_checkpoint(tmp_path / "tiny")


def test_a_tiny_checkpoint_loads_like_an_official_one(folder: Path) -> None:
    models = load_models(folder, device="cpu")
    assert (models.name, models.dtype, models.device.type) == (DIT, torch.float32, "cpu")
    assert models.silence_latent.shape == (1, 800, 4)
    assert models.silence(2000).shape == (1, 2000, 4)
    assert models.model.tokenizer is not None
    assert not any(value.requires_grad for value in models.model.parameters())


def test_the_dit_folder_itself_and_a_folder_of_bundles_will_do_too(folder: Path) -> None:
    assert load_models(folder / DIT, device="cpu").name == DIT
    assert load_models(folder.parent, DIT, "cpu").name == DIT


@pytest.mark.parametrize(
    ("lost", "told"),
    [
        (f"{DIT}/config.json", "config.json"),
        (f"{DIT}/model.safetensors", "model.safetensors"),
        (f"{DIT}/silence_latent.pt", "silence_latent.pt"),
        ("vae/diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.safetensors"),
        ("Qwen3-Embedding-0.6B/tokenizer.json", "tokenizer.json"),
    ],
)
def test_a_missing_file_is_named_with_the_way_to_get_it(folder: Path, lost: str, told: str) -> None:
    (folder / lost).unlink()
    with pytest.raises(ModelError) as caught:
        load_models(folder, device="cpu")
    assert caught.value.code == "no-file"
    assert str(folder / Path(lost).parent / told) in caught.value.text
    assert f"run_bridge.py models --download {DIT}" in caught.value.text
    assert "ACE-Step/Ace-Step1.5" in caught.value.text


def test_an_unknown_name_lists_what_is_there(folder: Path) -> None:
    with pytest.raises(ModelError) as caught:
        load_models(folder, "acestep-v15-xl-sft")
    assert caught.value.code == "no-model"
    assert DIT in caught.value.text
    assert "ACE-Step/acestep-v15-xl-sft" in caught.value.text


def test_an_absent_device_is_refused(folder: Path) -> None:
    with pytest.raises(ModelError, match="'xpu' is not here"):
        load_models(folder, device="xpu")


def test_half_precision_files_load_as_fp32_on_a_cpu(folder: Path) -> None:
    whole = load_models(folder, device="cpu")
    for path in (folder / DIT / "model.safetensors", folder / "vae/diffusion_pytorch_model.safetensors"):
        save_file({name: value.half() for name, value in load_file(path).items()}, path)
    halved = load_models(folder, device="cpu")
    assert halved.model.decoder.layers[0].mlp.up_proj.weight.dtype == torch.float32
    assert worst(halved.model.null_condition_emb, whole.model.null_condition_emb) < 2e-3
    assert halved.weights_hash != whole.weights_hash


def test_shards_named_by_an_index_are_joined(folder: Path) -> None:
    path = folder / DIT / "model.safetensors"
    whole, weights = load_models(folder, device="cpu"), load_file(path)
    path.unlink()
    names = sorted(weights)
    halves = {"model-1.safetensors": names[::2], "model-2.safetensors": names[1::2]}
    for file, part in halves.items():
        save_file({name: weights[name] for name in part}, path.parent / file)
    index = {"weight_map": {name: file for file, part in halves.items() for name in part}}
    (path.parent / "model.safetensors.index.json").write_text(json.dumps(index))
    sharded = load_models(folder, device="cpu").model.state_dict()
    assert all(torch.equal(value, sharded[name]) for name, value in whole.model.state_dict().items())
    (path.parent / "model-2.safetensors").unlink()
    with pytest.raises(ModelError, match=r"model-2\.safetensors is missing"):
        load_models(folder, device="cpu")


def test_a_checkpoint_without_code_modules_loads(folder: Path) -> None:
    path = folder / DIT / "model.safetensors"
    weights = load_file(path)
    kept = {name: value for name, value in weights.items() if "tokenizer." not in name}
    save_file(kept, path)
    assert load_models(folder, device="cpu").model.tokenizer is None


def test_an_unknown_tensor_is_an_error_with_its_name(folder: Path) -> None:
    path = folder / DIT / "model.safetensors"
    save_file({**load_file(path), "decoder.surprise": torch.zeros(1)}, path)
    with pytest.raises(ModelError, match=r"1 tensors missing, unknown or misshapen: decoder\.surprise"):
        load_models(folder, device="cpu")


def test_an_unknown_vae_is_refused(folder: Path) -> None:
    (folder / "vae/config.json").write_text('{"_class_name": "Other"}')
    with pytest.raises(ModelError, match="unknown VAE 'Other'"):
        load_models(folder, device="cpu")


def test_silence_may_be_safetensors_with_frames_first(folder: Path) -> None:
    before = load_models(folder, device="cpu").silence_latent
    (folder / DIT / "silence_latent.pt").unlink()
    save_file({"silence_latent": before}, folder / DIT / "silence_latent.safetensors")
    assert torch.equal(load_models(folder, device="cpu").silence_latent, before)


def test_the_hash_is_of_the_weights_not_of_the_place(folder: Path) -> None:
    other = folder.parent / "elsewhere"
    shutil.copytree(folder, other)
    hashes = {load_models(place, device="cpu").weights_hash for place in (folder, other)}
    assert len(hashes) == 1
    assert len(hashes.pop()) == 64


def test_the_table_lists_what_is_there_before_what_could_be(folder: Path) -> None:
    (folder / "acestep-v15-base").mkdir()
    rows = {row.name: row for row in models_table([folder])}
    assert rows[DIT].state == "installed"
    assert rows["acestep-v15-base"].state == "incomplete"
    assert any("config.json is missing" in note for note in rows["acestep-v15-base"].notes)
    assert rows["acestep-v15-xl-turbo"].state == "downloadable"
    assert rows["acestep-v15-xl-turbo"].repo == "ACE-Step/acestep-v15-xl-turbo"


def test_the_miniatures_folder_names_are_known(folder: Path) -> None:
    shutil.move(folder / DIT, folder / "miniature-dit")
    shutil.move(folder / "Qwen3-Embedding-0.6B", folder / "text-encoder")
    (found,) = find_checkpoints([folder])
    assert (found.name, found.missing) == ("miniature", ())
    assert load_models(folder, "miniature", "cpu").name == "miniature"


@dataclass
class FakeHub:
    """huggingface_hub as far as a download uses it: a few files of known sizes."""

    files: dict[str, dict[str, int]]
    fetched: list[tuple[str, str]] = field(default_factory=list)

    def HfApi(self) -> "FakeHub":
        return self

    def model_info(self, repo: str, files_metadata: bool) -> SimpleNamespace:
        entries = self.files[repo].items()
        return SimpleNamespace(
            siblings=[SimpleNamespace(rfilename=name, size=size) for name, size in entries]
        )

    def hf_hub_download(self, repo: str, file: str, local_dir: str) -> None:
        self.fetched.append((repo, file))
        target = Path(local_dir) / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(bytes(self.files[repo][file]))


def test_a_download_fetches_what_is_needed_and_only_what_is_missing(tmp_path: Path) -> None:
    common = {"vae/config.json": 2, "Qwen3-Embedding-0.6B/config.json": 3, "acestep-5Hz-lm-1.7B/x.bin": 9}
    own = {"config.json": 5, "model.safetensors": 40, "modeling.py": 1}
    hub = FakeHub({"ACE-Step/Ace-Step1.5": common, "ACE-Step/acestep-v15-base": own})
    (tmp_path / "vae").mkdir()
    (tmp_path / "vae/config.json").write_bytes(b"{}")
    told: list[tuple[str, int, int]] = []
    place = download("acestep-v15-base", tmp_path, lambda *step: told.append(step), hub)
    assert place == tmp_path / "acestep-v15-base"
    assert (place / "model.safetensors").stat().st_size == 40
    assert ("ACE-Step/Ace-Step1.5", "vae/config.json") not in hub.fetched
    assert not any("lm" in file or file.endswith(".py") for _, file in hub.fetched)
    assert told[-1] == ("", 50, 50)


def test_only_official_names_can_be_fetched(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not an official checkpoint"):
        download("mystery", tmp_path, lambda *step: None, FakeHub({}))


def test_flat_patterns_take_no_nested_files() -> None:
    assert matches("model.safetensors", ("*.safetensors",))
    assert not matches("vae/model.safetensors", ("*.safetensors",))


def test_prepare_process_sets_threads_and_must_come_before_torch() -> None:
    words = (
        "import engine.runtime as r, os; n = r.prepare_process(); "
        "print(n == r.default_threads() <= r.cores_here(), os.environ['OMP_WAIT_POLICY'], "
        "os.environ['OMP_NUM_THREADS'] == str(n))"
    )
    cleared = {key: value for key, value in os.environ.items() if not key.startswith("OMP")}
    command = [sys.executable, "-c", words]
    root = Path(__file__).parents[2]
    ran = subprocess.run(command, cwd=root, env=cleared, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["True", "PASSIVE", "True"]
    from engine.runtime import prepare_process

    with pytest.raises(RuntimeError):
        prepare_process()
