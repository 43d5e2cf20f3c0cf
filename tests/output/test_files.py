"""Write all files or none; nothing half-written is ever left."""

from __future__ import annotations

import errno
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from idphoto.errors import FileExists, InputError
from idphoto.output.files import refuse_existing, write_files


def tree(folder: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


def test_files_and_folders_appear(tmp_path):
    wanted = {tmp_path / "a.jpg": b"1", tmp_path / "new" / "deep" / "b.pdf": b"2", tmp_path / "new" / "c": b""}
    assert write_files(wanted) == list(wanted)
    assert tree(tmp_path) == {"a.jpg": b"1", "new": None, "new/c": b"", "new/deep": None, "new/deep/b.pdf": b"2"}


def test_permissions_are_those_of_any_new_file(tmp_path):
    (tmp_path / "plain").write_bytes(b"")
    write_files({tmp_path / "a": b"1"})
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_an_existing_file_is_kept(tmp_path):
    (tmp_path / "b").write_bytes(b"old")
    before = tree(tmp_path)
    with pytest.raises(FileExists, match="b exists"):
        write_files({tmp_path / "a": b"1", tmp_path / "b": b"2"})
    assert tree(tmp_path) == before


def test_force_replaces(tmp_path):
    (tmp_path / "b").write_bytes(b"old")
    write_files({tmp_path / "a": b"1", tmp_path / "b": b"2"}, force=True)
    assert tree(tmp_path) == {"a": b"1", "b": b"2"}


@pytest.mark.parametrize("links", [True, False])
def test_a_file_that_appears_meanwhile_is_kept(tmp_path, monkeypatch, links):
    if not links:
        monkeypatch.setattr(os, "link", no_links)

    def write_theirs(_descriptor: int) -> None:
        (tmp_path / "b").write_bytes(b"theirs")

    monkeypatch.setattr(os, "fsync", write_theirs)  # it is called when a file is complete and has no name yet
    with pytest.raises(FileExists):
        write_files({tmp_path / "a": b"1", tmp_path / "b": b"2"})
    assert tree(tmp_path) == {"b": b"theirs"}


def no_links(*_: object, **__: object) -> None:
    raise OSError(errno.EPERM, "no hard links here")


@pytest.mark.parametrize("force", [True, False])
def test_without_hard_links(tmp_path, monkeypatch, force):
    monkeypatch.setattr(os, "link", no_links)
    if force:
        (tmp_path / "a").write_bytes(b"old")
    write_files({tmp_path / "a": b"1", tmp_path / "b": b"2"}, force=force)
    assert tree(tmp_path) == {"a": b"1", "b": b"2"}


@pytest.mark.parametrize("force", [True, False])
@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize("where", ["fsync", "replace", "link", "interrupt"])
@pytest.mark.parametrize("nth", [1, 2, 3])
def test_any_failure_leaves_everything_as_it_was(tmp_path, monkeypatch, where, nth, links, force):
    if force:
        (tmp_path / "b").write_bytes(b"old b")
    before = tree(tmp_path)
    calls = 0

    def failing(original):
        def call(*args: object, **keywords: object) -> object:
            nonlocal calls
            calls += 1
            if calls == nth:
                if where == "interrupt":
                    raise KeyboardInterrupt
                raise OSError(errno.ENOSPC, "No space left on device")
            return original(*args, **keywords)

        return call

    if not links:
        monkeypatch.setattr(os, "link", no_links)
    target = {"fsync": "fsync", "interrupt": "fsync", "replace": "replace", "link": "link"}[where]
    monkeypatch.setattr(os, target, failing(getattr(os, target)))
    wanted = {tmp_path / "a": b"1", tmp_path / "b": b"2", tmp_path / "new" / "c": b"3"}
    try:
        write_files(wanted, force=force)
    except (InputError, KeyboardInterrupt) as error:
        monkeypatch.undo()
        assert tree(tmp_path) == before
        if isinstance(error, InputError):
            assert "No space left on device" in error.message
    else:
        # One link that fails is made up for by other means.
        monkeypatch.undo()
        assert tree(tmp_path) == {"a": b"1", "b": b"2", "new": None, "new/c": b"3"}


def test_a_full_disk_while_writing(tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="No space left"):
        write_files({tmp_path / "x" / "y" / "a": b"1"})
    assert tree(tmp_path) == {}


def test_a_copy_that_fails_does_not_spoil_the_old_file(tmp_path, monkeypatch):
    (tmp_path / "a").write_bytes(b"old")

    def half(source: Path, target: Path, **_: object) -> None:
        Path(target).write_bytes(b"o")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "link", no_links)
    monkeypatch.setattr("shutil.copy2", half)
    with pytest.raises(InputError):
        write_files({tmp_path / "a": b"new"}, force=True)
    assert tree(tmp_path) == {"a": b"old"}


def test_a_folder_in_the_place_of_a_file(tmp_path):
    (tmp_path / "a").mkdir()
    for force in (True, False):
        with pytest.raises(InputError, match="folder"):
            write_files({tmp_path / "b": b"1", tmp_path / "a": b"2"}, force=force)
    assert tree(tmp_path) == {"a": None}


def test_a_file_in_the_place_of_a_folder(tmp_path):
    (tmp_path / "a").write_bytes(b"")
    with pytest.raises(InputError, match="Not a directory"):
        write_files({tmp_path / "a" / "b": b"1"})
    assert tree(tmp_path) == {"a": b""}


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match="Permission denied"):
        write_files({tmp_path / "a": b"1"})
    tmp_path.chmod(0o700)
    assert tree(tmp_path) == {}


def test_a_folder_that_may_not_be_written_even_by_root(monkeypatch):
    with pytest.raises(InputError, match="cannot be written"):
        write_files({"/proc/nothing/a": b"1"})


@pytest.mark.parametrize("name", ["", "a\0b", "/"])
def test_names_that_are_none(name):
    with pytest.raises(InputError):
        refuse_existing([name])


def test_a_dangling_link_counts_as_taken(tmp_path):
    (tmp_path / "a").symlink_to(tmp_path / "nowhere")
    with pytest.raises(FileExists):
        write_files({tmp_path / "a": b"1"})
    write_files({tmp_path / "a": b"1"}, force=True)
    assert tree(tmp_path) == {"a": b"1"}


def test_of_many_writers_one_wins(tmp_path):
    def write(number: int) -> int | None:
        try:
            write_files({tmp_path / "a": b"%d" % number, tmp_path / "b": b"%d" % number})
        except FileExists:
            return None
        return number

    with ThreadPoolExecutor(8) as pool:
        winners = [number for number in pool.map(write, range(40)) if number is not None]
    assert len(winners) == 1
    assert tree(tmp_path) == {"a": b"%d" % winners[0], "b": b"%d" % winners[0]}
