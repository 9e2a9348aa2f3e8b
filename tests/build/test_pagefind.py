"""Pagefind's program, and its files in an order of their own."""

from __future__ import annotations

import gzip
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitegen.build import pagefind_files
from sitegen.build.pagefind import IndexedText, PagefindError, find_program, index_files
from sitegen.build.pagefind_files import reproducible

_NUMBERS = st.one_of(
    st.integers(0, 30),
    st.sampled_from([2**k + d for k in (8, 16, 32) for d in (-1, 0, 1)]),
    st.integers(0, 2**64 - 1),
)
_VALUES = st.recursive(
    _NUMBERS | st.text(max_size=40), lambda inner: st.lists(inner, max_size=30), max_leaves=60
)


@pytest.fixture(scope="module")
def program() -> Path:
    """Of the extra."""
    found = find_program()
    if found is None:
        pytest.skip("Pagefind is not installed (the extra `search`)")
    return found


def _texts(count: int) -> list[IndexedText]:
    return [
        IndexedText(
            f"/p/{n}/",
            f'<html lang="{("en", "de", "zh")[n % 3]}"><body><main data-pagefind-body data-pagefind-filter="kind[data-kind]" '
            f'data-kind="{("Posts", "Talks", "Papers", "News")[n % 4]}"><h1>Page {n}</h1><p data-pagefind-filter="tag:t{n % 7}">words {n}</p></main></body></html>',
        )
        for n in range(count)
    ]


def test_the_same_texts_give_the_same_files(program: Path) -> None:
    """In several languages and with several filters, which Pagefind itself writes in another order in each run."""
    first, second = (index_files(program, _texts(60)) for _ in range(2))

    assert first == second
    assert {path.partition("/")[0] for path in first if "/" in path} == {"filter", "fragment", "index"}
    assert not [path for path in first if "ui" in path or "highlight" in path]
    entry = json.loads(first["pagefind-entry.json"])
    assert {name: told["page_count"] for name, told in entry["languages"].items()} == {
        "de": 20,
        "en": 20,
        "zh": 20,
    }
    for told in entry["languages"].values():
        meta, _ = pagefind_files._decoded(gzip.decompress(first[f"pagefind.{told['hash']}.pf_meta"]), 12)
        assert [name for name, _ in meta[3]] == ["kind", "tag"]
        assert all(f"filter/{digest}.pf_filter" in first for _, digest in meta[3])


@given(value=_VALUES)
@settings(max_examples=60, deadline=None)
def test_what_is_written_can_be_read(value: Any) -> None:
    """Numbers of every length, texts, and lists of both."""
    content = pagefind_files._encoded(value)

    assert pagefind_files._decoded(content, 12) == (value, len(content))


@pytest.mark.parametrize(
    "meta", [b"no gzip", gzip.compress(b"pagefind_dcd\xf9\x3c\x00"), gzip.compress(b"another\x80")]
)
def test_files_of_another_form_stay_as_they_are(meta: bytes) -> None:
    """Another Pagefind may write others: its index is published as it is."""
    files = {"pagefind-entry.json": b'{"languages":{"en":{"hash":"en_1"}}}', "pagefind.en_1.pf_meta": meta}

    assert reproducible(files) == files


@pytest.mark.skipif(os.name != "posix", reason="a shell script stands for the program")
@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo 'no memory' >&2; exit 1", "no memory"),
        ("printf 'thread panicked,'; sleep 60", "thread panicked"),
    ],
)
def test_a_program_that_fails_is_told(tmp_path: Path, script: str, message: str) -> None:
    """Its own words where it has any; it is not waited for."""
    program = tmp_path / "pagefind"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)

    with pytest.raises(PagefindError, match=message):
        index_files(program, _texts(3))
