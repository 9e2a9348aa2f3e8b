"""`provenance.json`, as programs read it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from sitegen.config import Config
from sitegen.content.document import CellId, CodeCell, Digest, Document, PageKey
from sitegen.content.execute_options import CellOptions, PageExecution
from sitegen.content.executed import CellRun, ExecutedDocument, Metric, Provenance, Reference
from sitegen.content.index import IndexedPage
from sitegen.errors import SourceLocation
from sitegen.files import digest_bytes
from sitegen.frozen import FrozenDict, freeze
from sitegen.rendering.results.provenance import commit_url, provenance_json, provenance_url, run_again

PAGE = PurePosixPath("content/posts/a.md")


def _cell(number: int, source: str) -> CodeCell:
    return CodeCell(
        id=CellId(f"cell-{number}"),
        language="python",
        source=source,
        location=SourceLocation(path=PAGE, line=10 * number),
        options=CellOptions(label=f"part-{number}"),
    )


def _facts(*sources: str) -> FrozenDict[str, object]:
    """Of a record whose cells have these sources."""
    cells = [
        {"id": f"cell-{number}", "source": digest_bytes(source.encode()), "peak_rss_bytes": number * 2**20}
        for number, source in enumerate(sources, 1)
    ]
    facts = {"cells": cells, "inputs": {"env": {"B": "secret", "A": None}, "kernel": "python3"}, "run": {}}
    return freeze({**facts, "observed": {"lock": None}})  # type: ignore[no-any-return]


@pytest.fixture
def executed(provenance: Provenance, make_metric: Callable[..., Metric]) -> ExecutedDocument:
    """A page of three cells; the second has changed since the run."""
    cells = (_cell(1, "same()"), _cell(2, "changed()"), _cell(3, "same()"))
    runs = {
        CellId(name): CellRun(
            cell=CellId(name), status="ok", seconds=0.5, source_digest=Digest(digest_bytes(b"same()"))
        )
        for name in ("cell-1", "cell-3")
    }
    return ExecutedDocument(
        document=Document(
            page=PageKey("/posts/a"), path=PAGE, execution=PageExecution(enabled=True), cells=cells
        ),
        state="stale",
        runs=FrozenDict(runs),
        metrics=(make_metric("loss", 1.5, reference=Reference(value=1.0, source="a paper")),),
        provenance=replace(provenance, facts=_facts("same()", "old()", "same()")),
    )


@pytest.fixture
def said(
    executed: ExecutedDocument, make_place: Callable[..., IndexedPage], config: Config
) -> dict[str, Any]:
    """The file."""
    content = provenance_json(executed, make_place("/posts/a"), config, beside=("index.py", "plot.svg"))
    assert content is not None
    return dict(json.loads(content))


def test_cells_have_their_place_and_what_the_run_knows_of_them(said: dict[str, Any]) -> None:
    """Equal cells in their order; a cell that has changed has no result."""
    assert [(cell["id"], cell["line"], cell["status"], cell["peak_rss_bytes"]) for cell in said["cells"]] == [
        ("cell-1", 10, "ok", 2**20),
        ("cell-2", 20, None, None),
        ("cell-3", 30, "ok", 3 * 2**20),
    ]


def test_only_names_of_variables_are_told(said: dict[str, Any]) -> None:
    """Whatever their values are."""
    assert said["inputs"] == {"env": ["A", "B"], "kernel": "python3"}


def test_it_names_the_page_and_what_is_beside_it(said: dict[str, Any]) -> None:
    """With an address where the site has one; figures are in the HTML."""
    assert said["url"] == "https://example.org/blog/posts/a/"
    assert said["files"] == ["index.py"]


def test_equal_results_have_equal_bytes(
    executed: ExecutedDocument, make_place: Callable[..., IndexedPage], config: Config
) -> None:
    """Whether this build ran the page or not."""
    place = make_place("/posts/a")
    fresh, cached = (
        provenance_json(replace(executed, state=state), place, config) for state in ("fresh", "cached")
    )
    assert fresh == cached


def test_a_page_without_results_has_none(
    executed: ExecutedDocument, make_place: Callable[..., IndexedPage], config: Config
) -> None:
    """There is nothing to say."""
    not_run = replace(executed, state="not run", provenance=None)
    assert provenance_json(not_run, make_place("/posts/a"), config) is None


def test_it_lies_in_the_page_s_folder(make_place: Callable[..., IndexedPage], config: Config) -> None:
    """With ugly URLs in the folder that the page's figures have."""
    pretty, ugly = make_place("/posts/a"), make_place("/posts/b", url="/posts/b.html")
    assert provenance_url(pretty, config) == "/blog/posts/a/provenance.json"
    assert provenance_url(ugly, config) == "/blog/posts/b/provenance.json"


def test_commands_give_the_run_again(provenance: Provenance, config: Config) -> None:
    """Commit, packages and profile; without a commit the build alone."""
    assert run_again(provenance, config) == (
        "git checkout a1b2c3d4e5f6",
        'python -m pip install "sitegen-ml[execute]" numpy==2.4.5',
        "sitegen build --fresh",
    )
    local = replace(provenance, environment=freeze({"packages": {"torch": "2.13.0+cpu"}}))
    assert run_again(local, config)[1] == 'python -m pip install "sitegen-ml[execute]" torch==2.13.0'
    smoke = replace(provenance, commit=None, profile="smoke", environment=FrozenDict())
    assert run_again(smoke, config) == (
        'python -m pip install "sitegen-ml[execute]"',
        "SITEGEN_EXECUTE_PROFILE=smoke sitegen build --fresh",
    )


def test_a_lock_file_stands_for_the_packages(provenance: Provenance, config: Config) -> None:
    """Where it was what counted."""
    locked = replace(provenance, facts=freeze({"observed": {"lock": {"path": "requirements.lock"}}}))
    assert run_again(locked, config)[1] == 'python -m pip install "sitegen-ml[execute]" -r requirements.lock'


def test_every_key_is_documented(repository: Path, said: dict[str, Any]) -> None:
    """`docs/results.md` has a row for each key of the file, and no other."""
    text = (repository / "docs/results.md").read_text("utf-8").partition("\n## provenance.json\n")[2]
    rows = re.findall(r"^\| (`.+?) \| ", text, flags=re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == set(said)


def test_every_key_of_the_run_and_of_cells_is_documented(repository: Path, said: dict[str, Any]) -> None:
    """By name in their row."""
    text = (repository / "docs/results.md").read_text("utf-8").partition("\n## provenance.json\n")[2]
    names = {*said["run"], *said["cells"][0], *said["metrics"][0], *said["record"]}
    assert {name for name in names if f"`{name}`" not in text} == set()


@pytest.mark.parametrize(
    ("repository", "url"),
    [
        (None, ""),
        ("git@github.com:me/site.git", ""),
        ("https://github.com/me/site.git", "https://github.com/me/site/commit/a1b2c3d"),
        ("https://gitlab.com/me/site/", "https://gitlab.com/me/site/-/commit/a1b2c3d"),
    ],
)
def test_a_commit_has_an_address_where_the_repository_is_configured(
    config: Config, repository: str | None, url: str
) -> None:
    """Nothing is guessed; hosts differ in their paths."""
    params = FrozenDict({} if repository is None else {"repository": repository})
    assert commit_url(replace(config, params=params), "a1b2c3d") == url
    assert commit_url(replace(config, params=params), None) == ""


def test_the_repository_is_cloned_first(provenance: Provenance, config: Config) -> None:
    """So that a reader has the code."""
    known = replace(config, params=FrozenDict({"repository": "https://github.com/me/site"}))
    assert run_again(provenance, known)[0] == "git clone https://github.com/me/site site && cd site"
