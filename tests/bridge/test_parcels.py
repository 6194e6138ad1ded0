"""Final names: free ones, all or none, and what a crash left of them."""

from pathlib import Path

import pytest

from bridge.parcels import choose_staging, numbered, plan_parcel, publish, settle, withdraw

NAMES = ("song_take.wav", "song_take.json")


@pytest.fixture
def staged(tmp_path: Path) -> list[Path]:
    folder = choose_staging(tmp_path)
    folder.mkdir()
    paths = [folder / name for name in NAMES]
    for path in paths:
        path.write_text(path.name)
    return paths


def there(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*")}


def test_published_files_have_their_names_and_nothing_else_is_left(
    tmp_path: Path, staged: list[Path]
) -> None:
    assert publish(plan_parcel(staged, tmp_path))
    assert there(tmp_path) == set(NAMES)


def test_a_taken_name_gives_all_files_the_next_number(tmp_path: Path, staged: list[Path]) -> None:
    (tmp_path / NAMES[0]).write_text("mine")
    assert publish(plan_parcel(staged, tmp_path))
    assert there(tmp_path) == {NAMES[0], "song_2_take.wav", "song_2_take.json"}
    assert (tmp_path / NAMES[0]).read_text() == "mine"


def test_a_name_taken_at_the_last_moment_publishes_nothing(tmp_path: Path, staged: list[Path]) -> None:
    parcel = plan_parcel(staged, tmp_path)
    (tmp_path / NAMES[1]).write_text("mine")
    assert not publish(parcel)
    assert not (tmp_path / NAMES[0]).exists() and (tmp_path / NAMES[1]).read_text() == "mine"


def test_settle_finishes_what_was_begun(tmp_path: Path, staged: list[Path]) -> None:
    parcel = plan_parcel(staged, tmp_path)
    (tmp_path / NAMES[0]).hardlink_to(staged[0])
    assert settle(parcel) and there(tmp_path) == set(NAMES)


def test_settle_takes_back_its_own_when_a_name_is_somebody_elses(tmp_path: Path, staged: list[Path]) -> None:
    parcel = plan_parcel(staged, tmp_path)
    (tmp_path / NAMES[0]).hardlink_to(staged[0])
    (tmp_path / NAMES[1]).write_text("mine")
    assert not settle(parcel)
    assert there(tmp_path) == {NAMES[1]} and (tmp_path / NAMES[1]).read_text() == "mine"


def test_settle_fills_a_name_that_was_only_reserved(tmp_path: Path, staged: list[Path]) -> None:
    parcel = plan_parcel(staged, tmp_path)
    (tmp_path / NAMES[0]).touch()  # as on a file system without links, killed between both steps
    assert settle(parcel) and (tmp_path / NAMES[0]).read_text() == NAMES[0]


def test_settle_twice_changes_nothing(tmp_path: Path, staged: list[Path]) -> None:
    parcel = plan_parcel(staged, tmp_path)
    assert settle(parcel) and settle(parcel) and there(tmp_path) == set(NAMES)


def test_withdraw_leaves_what_is_not_ours(tmp_path: Path, staged: list[Path]) -> None:
    parcel = plan_parcel(staged, tmp_path)
    (tmp_path / NAMES[0]).write_text("mine")
    withdraw(parcel)
    assert there(tmp_path) == {NAMES[0]}


@pytest.mark.parametrize(
    ("name", "second"),
    [
        ("a_take.wav", "a_2_take.wav"),
        ("my_take_full.aiff", "my_take_2_full.aiff"),
        ("take_full.json", "take_2_full.json"),
    ],
)
def test_the_number_stands_before_the_ending(name: str, second: str) -> None:
    assert (numbered(name, 1), numbered(name, 2)) == (name, second)
