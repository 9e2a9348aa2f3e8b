"""Whatever is written: no exception that is not a diagnostic, and no more work than the text is long."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path, PurePosixPath
from types import FrameType
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sitegen.config import Config
from sitegen.content.dates import parse_date
from sitegen.content.frontmatter import split
from sitegen.content.globs import matches
from sitegen.content.metadata import DateOrigin, read_meta, resolve_dates
from sitegen.content.order import collated
from sitegen.content.permalinks import (
    Facts,
    UnknownTokenError,
    UnusableUrlError,
    alias_path,
    expand,
    output_path,
    own_url,
)
from sitegen.content.site import SiteIndex
from sitegen.content.sources import Source, discover
from sitegen.content.titles import pluralize, title_case

UTC = timezone.utc  # noqa: UP017
PATH = PurePosixPath("content/page.md")
NOW = datetime(2025, 6, 1, tzinfo=UTC)
CONFIG = Config(root=Path("/site"), now=NOW)

_PIECES = st.sampled_from(
    [
        *(
            "---",
            "+++",
            "{",
            "}",
            "[",
            "]",
            "\n",
            "\r\n",
            "\r",
            " ",
            "\t",
            ": ",
            "- ",
            "#",
            "#+",
            "&a ",
            "*a",
            "<<: ",
        ),
        *(
            "!t ",
            "|\n",
            ">-\n",
            "'",
            '"',
            "\\",
            "\\ud83d",
            "\ufeff",
            "\x00",
            "é",
            "日",
            ",",
            "=",
            "[[",
            "]]",
            "? ",
            "...",
        ),
        *(
            "title",
            "date",
            "draft",
            "weight",
            "tags",
            "build",
            "cascade",
            "menus",
            "resources",
            "params",
            "aliases",
        ),
        *(
            "slug",
            "url",
            "target",
            "list",
            "2024-01-01",
            "2024-13-45",
            "true",
            "0x",
            "1e3",
            ".nan",
            "~",
            "x",
            "1",
            "a.b",
        ),
    ]
)
FRONT = st.builds(
    lambda opening, pieces, closing: (opening + "".join(pieces) + closing).encode("utf-8", "surrogatepass"),
    st.sampled_from(
        ["---\n", "+++\n", "{", "#+", "---\ntitle: ", "\ufeff---\n", '{"title":', "--- ", "+++ a = "]
    ),
    st.lists(_PIECES, max_size=25),
    st.sampled_from(["\n---\n", "\n+++\n", "}", "", "\n"]),
)


@given(FRONT | st.binary(max_size=60))
def test_front_matter(data: bytes) -> None:
    """Any bytes are front matter, a body, or an error with its line; reading its fields never fails."""
    front = split(data, PATH)

    meta, diagnostics = read_meta(
        front.fields, path=PATH, lines=front.lines, nested=front.nested, config=CONFIG
    )
    resolve_dates(meta, DateOrigin(name="2024-01-01-x"), CONFIG)

    assert 0 <= front.body_offset <= len(data)
    lines = data.count(b"\n") + data.count(b"\r") + 2
    for found in (*front.diagnostics, *diagnostics):
        assert found.code in ("SG110", "SG111", "SG112", "SG113")
        assert found.location is not None
        assert found.location.line is None or 1 <= found.location.line <= lines


FACTS = st.builds(
    Facts,
    title=st.text(max_size=20),
    slug=st.text(max_size=12),
    base_name=st.text(min_size=1, max_size=12),
    date=st.none() | st.datetimes(timezones=st.just(UTC)),
    sections=st.lists(st.text(max_size=6), max_size=3).map(tuple),
    section_slugs=st.lists(st.text(max_size=6), max_size=3).map(tuple),
)
PATTERNS = st.lists(
    st.sampled_from(
        [
            *(
                ":year",
                ":month",
                ":monthname",
                ":day",
                ":weekday",
                ":yearday",
                ":section",
                ":sections",
                ":title",
                ":slug",
            ),
            *(
                ":sections[1:]",
                ":sections[:last]",
                ":sections[-1]",
                ":sections[x]",
                ":sections[",
                ":06",
                ":Jan",
                ":x",
            ),
            *(
                "\\:",
                ":",
                "/",
                "//",
                "..",
                ".",
                "%",
                "%2e%2e/",
                "%zz",
                "é",
                " ",
                "-",
                ".html",
                "A",
                "\\",
                "\x00",
                "#",
                "?",
            ),
        ]
    )
    | st.text(max_size=3),
    max_size=8,
).map("".join)


@given(PATTERNS, FACTS, st.booleans())
def test_permalinks(pattern: str, facts: Facts, keeps_case: bool) -> None:
    """Any pattern, `url` and alias gives a path below the site, or says why not."""
    config = replace(CONFIG, disable_path_to_lower=keeps_case, remove_path_accents=keeps_case)
    for make in (expand, own_url):
        try:
            path = make(pattern, facts, config)
        except (UnknownTokenError, UnusableUrlError):
            continue
        assert path.startswith("/")
        assert ".." not in path.split("/")
        assert ".." not in output_path(path).parts
        assert not output_path(path).is_absolute()
    try:
        redirect = alias_path(pattern, "/posts/x/", is_ugly=keeps_case)
    except UnusableUrlError:
        return
    assert ".." not in redirect.parts


@example("[z-a]", "a")
@example("[[]", "[")
@example("[a--b]", "a")
@given(st.text(alphabet="ab/*?[]{}!^,-\\.z", max_size=12), st.text(alphabet="ab/-z.", max_size=8))
def test_globs(pattern: str, path: str) -> None:
    """Any target of a cascade fits or does not; a mistyped one fits nothing."""
    assert matches(pattern, path) in (True, False)


@given(st.text(max_size=30))
def test_texts(text: str) -> None:
    """Any text is or is no date, has a place in order, a title and a plural."""
    found = parse_date(text, UTC)
    assert found is None or found.tzinfo is not None
    assert collated(text) == collated(text)
    assert title_case(text, "none") == text
    assert len(title_case(text)) >= len(text)  # `ß` has two letters as a capital
    assert len(pluralize(text)) >= len(text) - 1


TARGETS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from(["page", "/s/**", "[z-a]", "{", "*", "en"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["path", "kind", "lang", "sites", "matrix", "languages", "x"]), inner, max_size=3
        )
    ),
    max_leaves=5,
)


def test_targets_of_cascades(index_site: Callable[..., SiteIndex]) -> None:
    """Whatever stands for a target, every page is there."""
    files = {"content/s/p.md": "---\ntitle: p\n---\n"}
    samples: list[Any] = []
    given(TARGETS)(lambda target: samples.append(target))()
    for number, target in enumerate(samples[:60]):
        table = json.dumps({"title": "t", "cascade": [{"foo": 1, "target": target}]})
        files[f"content/s{number}/_index.md"] = f"{table}\n"
        files[f"content/s{number}/p.md"] = "---\ntitle: p\n---\n"

    index = index_site(files)

    assert sum(1 for page in index.pages.values() if page.source is not None) == len(files)


# --- work -----------------------------------------------------------------------------------------


def _work(act: Callable[[], object]) -> int:
    """Calls of functions of ours while something is done."""
    count = 0

    def note(frame: FrameType, event: str, _: object) -> None:
        nonlocal count
        count += event in ("call", "c_call") and "sitegen" in frame.f_code.co_filename

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        act()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize(
    "line",
    [
        "key{n}: value\n",
        "key{n}: [a, b]\n",
        "list{n}:\n  - {{a: 1, b: 2}}\n",
        "date: 2024-01-01\n",
        "build:\n  list: {n}\n",
    ],
)
def test_front_matter_is_linear(line: str) -> None:
    """Four times the lines, at most five times the work."""

    def read(count: int) -> int:
        text = "---\n" + "".join(line.format(n=number) for number in range(count)) + "---\n"
        return _work(lambda: split(text.encode(), PATH))

    assert read(2000) < 5 * read(500)


@pytest.mark.parametrize("shape", ["flat", "deep", "tags", "menus", "cascade"])
def test_sites_are_linear(index_site: Callable[..., SiteIndex], shape: str) -> None:
    """Four times the pages, at most five times the work."""

    def index(count: int) -> int:
        files = {"content/s/_index.md": "---\ntitle: S\ncascade: {foo: 1}\n---\n"}
        for number in range(count):
            folder = "/".join(f"d{number % 7}" for _ in range(number % 7)) if shape == "deep" else ""
            more = {
                "tags": f"tags: [t{number}, u]\n",
                "menus": "menus: main\n",
                "cascade": "cascade: {bar: 2}\n",
            }
            name = f"p{number}/_index" if shape == "cascade" else f"p{number}"
            text = f"---\ntitle: P{number}\n{more.get(shape, '')}---\n"
            files[f"content/s/{folder}/{name}.md".replace("//", "/")] = text
        return _work(lambda: index_site(files))

    assert index(120) < 5 * index(30)


def test_known_sources_cost_the_walk_alone(load_site: Callable[..., Config]) -> None:
    """Per page and with four times the pages, a tenth of what reading them takes at most."""

    class Known:
        def __init__(self, sources: tuple[Source, ...]) -> None:
            self._sources = {source.path: source for source in sources}

        def get(self, path: PurePosixPath) -> Source | None:
            return self._sources.get(path)

    def work(count: int) -> tuple[int, int]:
        front = "---\ntitle: T\ndate: 2024-01-01\ntags: [a, b]\n---\n"
        config = load_site({f"content/s/p{number}.md": front for number in range(count)})
        known = Known(discover(config))
        return _work(lambda: discover(config)), _work(lambda: discover(config, known))

    (cold, warm), (cold_of_more, warm_of_more) = work(30), work(120)

    assert cold_of_more < 5 * cold
    assert warm_of_more < 5 * warm
    assert warm_of_more < cold_of_more / 5
