"""Composed pages on disk."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest

from sitegen.build.bodies import Bodies, DamagedStateError, ReadLater, Ref


def test_parts_come_back(tmp_path: Path) -> None:
    """Each by itself, from files of several processes, also after the folder was opened anew."""
    bodies = Bodies(tmp_path)
    refs = [bodies.append(pack, ("place", pack), f"summary {pack}", ["page", pack]) for pack in (1, 2, 1)]
    again = pickle.loads(pickle.dumps(bodies))

    assert [again.place(ref) for ref in refs] == [("place", 1), ("place", 2), ("place", 1)]
    assert again.summary(refs[1]) == "summary 2"
    assert again.page(refs[2]) == ["page", 1]
    assert again.same_page(refs[0], refs[2])
    assert not again.same_page(refs[0], refs[1])


@pytest.mark.parametrize("part", ["place", "summary", "page"])
def test_a_changed_byte_is_found(tmp_path: Path, part: str) -> None:
    """In whichever part it lies."""
    bodies = Bodies(tmp_path)
    ref = bodies.append(1, "a" * 20, "b" * 20, "c" * 20)
    bodies.close()
    file = tmp_path / "1.pack"
    data = bytearray(file.read_bytes())
    data[data.index({"place": b"aaa", "summary": b"bbb", "page": b"ccc"}[part])] ^= 1
    file.write_bytes(data)

    with pytest.raises(DamagedStateError):
        getattr(bodies, part)(ref)


def test_a_file_that_is_cut_or_gone_is_found(tmp_path: Path) -> None:
    """As after a full disk, or somebody's tidying."""
    bodies = Bodies(tmp_path)
    ref = bodies.append(1, "a", "b", "c" * 100)
    bodies.close()
    os.truncate(tmp_path / "1.pack", 50)
    with pytest.raises(DamagedStateError):
        bodies.page(ref)
    bodies.close()
    (tmp_path / "1.pack").unlink()
    with pytest.raises(DamagedStateError):
        bodies.page(ref)


def test_what_is_copied_is_the_same(tmp_path: Path) -> None:
    """To a new file, after which the old ones may go."""
    bodies = Bodies(tmp_path)
    refs = [bodies.append(3, number, "s", "p" * number) for number in range(5)]
    pack, old = bodies.new_pack()
    copied = [bodies.copy(ref, pack) for ref in refs]
    bodies.remove(old)

    assert (pack, old) == (4, (3,))
    assert [bodies.place(ref) for ref in copied] == [0, 1, 2, 3, 4]
    assert [bodies.page(ref) for ref in copied] == ["p" * number for number in range(5)]
    assert [file.name for file in tmp_path.iterdir()] == ["4.pack"]


def test_a_mapping_reads_what_it_is_asked_for(tmp_path: Path) -> None:
    """Once; keys, length and membership read nothing; a value may stand for the one on disk."""
    bodies = Bodies(tmp_path)
    refs = {key: bodies.append(1, key.upper(), "s", "p") for key in "abc"}
    read: list[object] = []

    def place(ref: Ref) -> str:
        read.append(ref)
        return str(bodies.place(ref))

    places = ReadLater(refs, place, {"b": "instead"})

    assert (len(places), list(places), "c" in places, "d" in places) == (3, ["a", "b", "c"], True, False)
    assert read == []
    assert (places["a"], places["a"], places["b"]) == ("A", "A", "instead")
    assert read == [refs["a"]]
