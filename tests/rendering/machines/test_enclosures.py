"""What front matter may say of files that go with a post, and of addresses elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sitegen.config import Config
from sitegen.content.index import IndexedPage
from sitegen.frozen import FrozenDict, freeze
from sitegen.rendering.lists.pagination import pager_size
from sitegen.rendering.machines.enclosures import KEYS, Enclosure, page_enclosures
from sitegen.rendering.page_links import (
    CANONICAL_KEYS,
    EXTERNAL_KEYS,
    canonical_url,
    external_url,
    is_canonical_elsewhere,
)

Read = Callable[..., tuple[tuple[Enclosure, ...], list[str]]]
WORDS = st.sampled_from(
    (
        "a.mp3",
        "/a.mp3",
        "https://x.example/a.mp3",
        "//x.example/a",
        "https://[",
        "//[",
        "x:y",
        "..",
        "%",
        "\x00",
        "",
    )
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | WORDS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(("url", "src", "file", "length", "size", "type", "title", "duration")),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@pytest.fixture
def read(make_place: Callable[..., IndexedPage], config: Config, tmp_path: Path) -> Read:
    """Reads front matter: the enclosures, and the messages about what is missing."""
    file = tmp_path / "a.mp3"
    file.write_bytes(b"12345")

    def make(**params: Any) -> tuple[tuple[Enclosure, ...], list[str]]:
        place = make_place("/posts/a", meta={"params": freeze(params)})
        found, problems = page_enclosures(place, (), {"a.mp3": file, "posts/a/b.mp3": file}.get, config)
        return found, [problem.message for problem in problems]

    return make


def test_a_static_file_by_either_path(read: Read) -> None:
    """From the site's root, or beside the page's own address; named twice it is one."""
    found, problems = read(enclosure=["/a.mp3", "b.mp3", "a.mp3"])

    assert [(item.url, item.size_bytes) for item in found] == [("/blog/a.mp3", 5), ("/blog/posts/a/b.mp3", 5)]
    assert problems == []


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        (90, 90),
        (90.6, 91),
        ("90", 90),
        ("1:30", 90),
        ("01:00:05", 3605),
        ("long", None),
        (float("nan"), None),
        ("9" * 5000, None),
    ],
)
def test_durations(read: Read, written: object, seconds: int | None) -> None:
    """Seconds, minutes and seconds, or with hours; anything else is none."""
    found, _ = read(audio={"url": "https://x.example/a.mp3", "duration": written})

    assert found[0].duration_s == seconds


@pytest.mark.parametrize("target", ["ftp://x.example/a.mp3", "javascript:a.mp3", "gone.mp3", "/gone.mp3"])
def test_what_cannot_be_fetched_is_told(read: Read, target: str) -> None:
    """Only the site's files and web addresses can be."""
    assert read(enclosure=target) == ((), [f"`enclosure` names the file `{target}`, which is not there"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(values=st.dictionaries(st.sampled_from((*KEYS, *EXTERNAL_KEYS, *CANONICAL_KEYS, "pagersize")), VALUES))
def test_any_front_matter_is_read(
    make_place: Callable[..., IndexedPage], read: Read, config: Config, values: dict[str, object]
) -> None:
    """Whatever the values are: addresses are whole, sizes are numbers, nothing fails."""
    params = freeze(values)
    assert isinstance(params, FrozenDict)
    place = make_place("/posts/a", meta={"params": params})

    found, _ = read(**values)

    assert all(item.permalink.lower().startswith(("https://", "http://")) for item in found)
    assert all(item.size_bytes is None or item.size_bytes >= 0 for item in found)
    assert external_url(place).lower().startswith(("https://", "http://")) or not external_url(place)
    assert canonical_url(place, config).lower().startswith(("https://", "http://"))
    assert is_canonical_elsewhere(place, config) in (True, False)
    assert (pager_size(params) or 1) > 0
