"""Highlighted code across builds: found again, by several processes at once, and never wrong."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from sitegen.markdown.highlight import highlight
from sitegen.markdown.lexing import kept as kept_module
from sitegen.markdown.lexing.kept import KeptHighlights, installed, kept_highlights

_HTML = '<span class="n">é</span>\n' * 20


def _key(number: int) -> bytes:
    return KeptHighlights.key("test", str(number))


def _fill(folder: Path, numbers: range) -> None:
    kept = KeptHighlights(folder)
    for number in numbers:
        kept.put(_key(number), f"{_HTML}{number}")
    kept.close()


def _found(folder: Path, numbers: range) -> int:
    kept = KeptHighlights(folder)
    try:
        return sum(kept.get(_key(number)) == f"{_HTML}{number}" for number in numbers)
    finally:
        kept.close()


def _in_child(act: Callable[[], None]) -> int:
    """The process id of a fork that does `act` and ends; exit status 1 where it fails."""
    child = os.fork()
    if child:
        return child
    try:
        act()
    except BaseException:
        os._exit(1)
    os._exit(0)


def test_the_next_build_finds_what_one_has_made(tmp_path: Path) -> None:
    """In frames of several writes, and before they are written."""
    kept = KeptHighlights(tmp_path / "a" / "b")
    kept.put(_key(1), _HTML)
    before = kept.get(_key(1))
    kept.flush()
    kept.put(_key(2), "")
    after = kept.get(_key(1))
    kept.close()

    assert before == after == _HTML
    again = KeptHighlights(tmp_path / "a" / "b")
    assert [again.get(_key(number)) for number in (1, 2, 3)] == [_HTML, "", None]


def test_two_threads_have_a_folder_each(tmp_path: Path) -> None:
    """A preview's report checks the site while it is built: whoever ends first takes nothing from the other."""
    found: list[KeptHighlights | None] = []
    with ThreadPoolExecutor(1) as other, ExitStack() as there:
        with kept_highlights(tmp_path / "a") as ours:
            other.submit(there.enter_context, kept_highlights(tmp_path / "b")).result()
            found += (installed(), other.submit(installed).result())
        found.append(installed())
        other.submit(there.close).result()
        found += (installed(), other.submit(installed).result())

    assert found[0] is ours
    assert found[1] not in (None, ours)
    assert found[2:] == [None, None, None]


def test_nothing_is_read_or_made_without_a_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build that highlights nothing pays nothing."""
    _fill(tmp_path, range(3))
    monkeypatch.setattr(kept_module, "open_to_read", lambda path: pytest.fail(f"{path} was opened"))

    with kept_highlights(tmp_path), kept_highlights(tmp_path / "none"):
        pass

    assert not (tmp_path / "none").exists()


def test_keys_are_of_every_part() -> None:
    """Where one part ends and the next begins counts."""
    keys = [("ab", "c"), ("a", "bc"), ("abc",), ("abc", ""), ("a\0b", "c"), ("a", "b\0c"), ("\ud800",)]

    assert len({KeptHighlights.key(*parts) for parts in keys}) == len(keys)


def test_blocks_come_from_the_folder_the_second_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The frame around a block is made each time, its colours once."""
    with kept_highlights(tmp_path):
        first = highlight("import a\n", "python", hl_lines="1")
    monkeypatch.setattr("sitegen.markdown.highlight._with_colours", lambda *_: pytest.fail("made again"))

    with kept_highlights(tmp_path):
        second = highlight("import a\n", "Python", hl_lines="1")
        other = highlight("import a\n", "python", line_numbers=True)

    assert 'class="kn"' in first
    assert second == first.replace("language-python", "language-Python").replace('"python"', '"Python"')
    assert '<span class="ln">1</span>' in other
    assert installed() is None


def test_a_guessed_language_is_kept_and_an_unknown_one_is_not(tmp_path: Path) -> None:
    """A guess takes a hundred lexers; plain text takes no time, and a plug-in may bring its lexer tomorrow."""
    with kept_highlights(tmp_path) as kept:
        highlight("#!/usr/bin/python\nimport a\n", "", guess_syntax=True)
        guessed = len(kept._waiting)
        highlight("x y", "nonsense")
        highlight("x y", "text")
        highlight("x y", "")

        assert guessed == len(kept._waiting) == 1


@pytest.mark.parametrize("number", ["version", "format"])
def test_another_version_makes_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: str) -> None:
    """Pygments' or ours: the old HTML is not used."""
    from sitegen.markdown import highlight as module

    with kept_highlights(tmp_path):
        highlight("import a\n", "python")
    if number == "version":
        monkeypatch.setattr("pygments.__version__", "99.0")
    else:
        monkeypatch.setattr(module, "_FORMAT", "99")
    monkeypatch.setattr(module, "_with_colours", lambda *_: "new\n")
    module._made_by.cache_clear()

    with kept_highlights(tmp_path):
        found = highlight("import a\n", "python")
    module._made_by.cache_clear()

    assert "new" in found


def test_forked_workers_read_and_write_at_once(tmp_path: Path) -> None:
    """Each has what the parent had, adds its own, and the next build has all of it."""
    _fill(tmp_path, range(100))

    with kept_highlights(tmp_path) as kept:
        kept.load()
        kept.put(_key(100), f"{_HTML}100")

        def work(first: int) -> Callable[[], None]:
            def act() -> None:
                for number in range(first, first + 300):
                    assert kept.get(_key(number % 100)) == f"{_HTML}{number % 100}"
                    kept.put(_key(number), f"{_HTML}{number}")
                    if number % 7 == 0:
                        kept.flush()
                        assert kept.get(_key(number)) == f"{_HTML}{number}"
                kept.flush()

            return act

        children = [_in_child(work(first)) for first in (1000, 2000, 3000, 4000)]
        statuses = [os.waitpid(child, 0)[1] for child in children]
        kept.put(_key(101), f"{_HTML}101")

    assert statuses == [0, 0, 0, 0]
    assert _found(tmp_path, range(102)) == 102
    assert all(_found(tmp_path, range(first, first + 300)) == 300 for first in (1000, 2000, 3000, 4000))


def test_a_forked_worker_writes_nothing_of_its_parents(tmp_path: Path) -> None:
    """What waits in the parent is the parent's to write."""
    kept = KeptHighlights(tmp_path)
    kept.put(_key(1), _HTML)

    def act() -> None:
        kept.put(_key(2), _HTML)
        kept.flush()

    os.waitpid(_in_child(act), 0)
    child_bytes = (tmp_path / "current.pack").stat().st_size
    kept.close()

    assert (tmp_path / "current.pack").stat().st_size == 2 * child_bytes


@pytest.mark.parametrize("damage", ["cut", "more", "table", "magic", "size"])
def test_a_damaged_pack_is_thrown_away(tmp_path: Path, damage: str) -> None:
    """The build goes on, and the file is made anew."""
    _fill(tmp_path, range(5))
    _fill(tmp_path, range(5, 9))
    pack = tmp_path / "current.pack"
    data = bytearray(pack.read_bytes())
    match damage:
        case "cut":
            del data[-3:]
        case "more":
            data += b"SGH1 and no frame at all"
        case "table":
            data[20] ^= 1
        case "magic":
            data[0] ^= 1
        case "size":
            data[8:12] = b"\xff\xff\xff\xff"
    pack.write_bytes(bytes(data))

    found = _found(tmp_path, range(9))
    _fill(tmp_path, range(9))

    assert found == 0
    assert _found(tmp_path, range(9)) == 9


def test_a_damaged_block_is_made_again(tmp_path: Path) -> None:
    """Its check sum says so; the others are found."""
    _fill(tmp_path, range(3))
    pack = tmp_path / "current.pack"
    data = bytearray(pack.read_bytes())
    data[-2] ^= 1  # in the last block's check sum
    pack.write_bytes(bytes(data))

    assert _found(tmp_path, range(3)) == 2


def test_a_file_where_the_folder_should_be_is_no_error(tmp_path: Path) -> None:
    """A build does not fail for want of a cache."""
    (tmp_path / "cache").write_text("mine")

    with kept_highlights(tmp_path / "cache"):
        found = highlight("import a\n", "python")

    assert 'class="kn"' in found
    assert (tmp_path / "cache").read_text() == "mine"


def test_what_no_build_asks_for_is_dropped(tmp_path: Path) -> None:
    """A pack that has grown too large becomes the earlier one; what is used goes on to the new one."""
    limit = len(_HTML)

    def build(*numbers: int) -> list[bool]:
        kept = KeptHighlights(tmp_path, largest_pack_bytes=limit)
        found = [kept.get(_key(number)) is not None for number in numbers]
        for number, is_found in zip(numbers, found, strict=True):
            if not is_found:
                kept.put(_key(number), os.urandom(limit).hex())
        kept.close()
        return found

    first = build(1, 2)
    second = build(1)
    third = build(1, 3)
    build(1, 4)

    assert first == [False, False]
    assert second == [True]
    assert third == [True, False]
    assert build(1, 2) == [True, False]
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 12 * limit


def test_a_full_disk_leaves_the_pack_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a frame is taken back; the build goes on."""
    _fill(tmp_path, range(3))
    write = os.write
    calls: list[int] = []

    def failing(descriptor: int, data: bytes) -> int:
        calls.append(len(data))
        if len(calls) == 1:
            return write(descriptor, bytes(data)[: len(data) // 2])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("sitegen.appending.os.write", failing)
        _fill(tmp_path, range(3, 6))

    assert len(calls) == 2
    assert _found(tmp_path, range(3)) == 3
    assert _found(tmp_path, range(3, 6)) == 0


def test_the_html_that_is_kept_has_the_number_of_its_form() -> None:
    """When this HTML changes, `_FORMAT` in `highlight.py` must change too: blocks of earlier builds are used otherwise."""
    from sitegen.markdown import highlight as module

    html = module._coloured('x = "<a>" # b\n"""c\nd"""\n', "python", is_guessed=False)

    assert (module._FORMAT, html) == (
        "1",
        '<span class="n">x</span> <span class="o">=</span> <span class="s2">&quot;'.replace("&quot;", '"')
        + '</span><span class="s2">&lt;a&gt;</span><span class="s2">"</span> <span class="c1"># b</span>\n'
        + '<span class="sd">"""c</span>\n<span class="sd">d"""</span>\n',
    )
