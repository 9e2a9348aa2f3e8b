"""Cells of another page on this one: which, how they are shown, where they come from, and what cannot be found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any, Literal

import pytest

from sitegen.content.document import CellId, CodeCell, Digest, PageKey, ShortcodeCall, ShortcodeHole
from sitegen.content.execute_options import CellOptions
from sitegen.content.executed import CellRun, DisplayOutput, LabelledCell, Provenance, RunState, StreamOutput
from sitegen.content.index import IndexedPage, SiteIndex
from sitegen.errors import SourceLocation
from sitegen.frozen import FrozenDict
from sitegen.rendering.results.badges import state_words
from sitegen.rendering.values import Page
from sitegen.results.ledger import Ledger

Compose = Callable[..., Page]
OWNER = PageKey("/notebooks/ppo")


def labelled(number: int, printed: str, *, has_run: bool = True, **options: Any) -> LabelledCell:
    """A cell of the notebook with what it printed and a picture."""
    identifier = CellId(f"cell-{number}")
    path = PurePosixPath("notebooks/ppo.ipynb")
    cell = CodeCell(
        id=identifier,
        language="python",
        source=f"cell_{number}()",
        location=SourceLocation(path=path, line=1, cell=number),
        options=CellOptions(**options),
        notebook_id=f"id{number}",
    )
    outputs = (
        StreamOutput(name="stdout", text=printed),
        DisplayOutput(data=FrozenDict({"image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg'/>"})),
    )
    run = CellRun(cell=identifier, status="ok", outputs=outputs, source_digest=Digest("1" * 64))
    return LabelledCell(cell=cell, run=run if has_run else None)


@pytest.fixture
def index(make_place: Callable[..., IndexedPage], make_index: Callable[..., SiteIndex]) -> SiteIndex:
    """A post `/posts/a`, a notebook `/notebooks/ppo` and a post of the same name."""
    notebook = make_place("/notebooks/ppo", title="PPO & more")
    assert notebook.source is not None
    notebook = replace(notebook, source=replace(notebook.source, format="notebook"))
    return make_index(make_place("/", "home"), make_place("/posts/a"), make_place("/posts/ppo"), notebook)


@pytest.fixture
def compose_call(compose_body: Compose, index: SiteIndex, provenance: Provenance) -> Compose:
    """Composes the post with one call: `compose_call("ppo.ipynb", cells="train")`."""

    def make(
        *positional: object,
        shortcode: str = "notebook",
        state: RunState | None = "cached",
        profile: Literal["full", "smoke"] = "full",
        **named: Any,
    ) -> Page:
        cells = (
            labelled(1, "one", label="train"),
            labelled(2, "two", tags=("curve",), echo=False),
            labelled(3, "three", tags=("curve",)),
        )
        ledger = Ledger(
            entries=FrozenDict(),
            states=FrozenDict({OWNER: state} if state else {}),
            page_cells=FrozenDict({OWNER: cells}),
            shown=FrozenDict({OWNER: replace(provenance, profile=profile)}),
        )
        call = ShortcodeCall(
            name=shortcode,
            location=SourceLocation(path=PurePosixPath("content/posts/a.md"), line=7, column=1),
            ordinal=0,
            positional=positional,
            named=FrozenDict(named),
        )
        other = replace(call, ordinal=1)
        holes = (ShortcodeHole(call=call), ShortcodeHole(call=other))
        return compose_body(*holes, index=index, ledger=ledger)

    return make


def test_a_cell_by_its_label(compose_call: Compose) -> None:
    """Code, output and figure are shown, under ids and files of their own, with a link to where they run."""
    page = compose_call("ppo.ipynb", cells="train")
    assert page.content.count(">one</pre>") == 2
    assert page.content.count('<span class="n">cell_1</span>') == 2
    assert 'id="cell-notebooks-ppo-train"' in page.content
    assert 'id="cell-notebooks-ppo-train-2"' in page.content
    assert len({name for name in page.files if name.suffix == ".svg"}) == 2
    assert (
        '<p class="cell-note embed-source">From <a href="/blog/notebooks/ppo/#cell-train">PPO &amp; more</a>: '
        "reproduced, cpu (Some Model), 2026-11-19.</p>"
    ) in page.content
    assert page.diagnostics == ()


@pytest.mark.parametrize(
    ("positional", "named", "shown"),
    [
        (("ppo.ipynb",), {"cells": "curve"}, {"two", "three"}),
        (("ppo.ipynb", "train", "id3"), {}, {"one", "three"}),
        (("ppo.ipynb#train",), {}, {"one"}),
        (("/notebooks/ppo",), {"cells": "curve, train"}, {"one", "two", "three"}),
        (("ppo.ipynb",), {}, {"one", "two", "three"}),
        ((), {"name": "ppo.ipynb", "cells": "train"}, {"one"}),
        (("ppo.ipynb",), {"cells": "train", "output": False}, set()),
    ],
)
def test_which_cells(
    compose_call: Compose, positional: tuple[str, ...], named: dict[str, Any], shown: set[str]
) -> None:
    """Cells are named by label, by tag (all that have it) or by the notebook's id; without names all are shown."""
    page = compose_call(*positional, **named)
    assert {word for word in ("one", "two", "three") if f">{word}</pre>" in page.content} == shown


@pytest.mark.parametrize(
    ("name", "named", "has_code"),
    [
        ("notebook", {}, True),
        ("notebook", {"echo": False}, False),
        ("embed", {}, False),
        ("embed", {"echo": True}, True),
    ],
)
def test_echo(compose_call: Compose, name: str, named: dict[str, Any], has_code: bool) -> None:
    """Quarto's `embed` shows outputs alone unless it is asked for the code."""
    page = compose_call("ppo.ipynb#train", shortcode=name, **named)
    assert ("cell_1" in page.content) is has_code


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("stale", state_words("stale")),
        ("not run", "not run"),
        (None, "saved in the notebook, not reproduced by this build"),
    ],
)
def test_the_state_is_said(compose_call: Compose, state: RunState | None, words: str) -> None:
    """Results of older code, and outputs that are only saved, are labelled on the page that shows them."""
    assert f"</a>: {words}" in compose_call("ppo.ipynb", cells="train", state=state).content


def test_a_smoke_run_is_said(compose_call: Compose) -> None:
    """What a run that was cut short gave is labelled wherever it is shown."""
    assert "</a>: smoke run, " in compose_call("ppo.ipynb", cells="train", profile="smoke").content


@pytest.mark.parametrize(
    ("positional", "named", "code", "message", "hint"),
    [
        (
            ("ppo.ipynb",),
            {"cells": "trian"},
            "SG205",
            "`content/notebooks/ppo.md` has no cell `trian`",
            "did you mean `train`? known: `train`, `curve`",
        ),
        (("gpt.ipynb",), {}, "SG205", "`notebook` names a page that does not exist: `gpt.ipynb`", "relref"),
        (("posts/a",), {}, "SG205", "`notebook` names the page that it stands on", "another page"),
        ((), {}, "SG203", "`notebook` needs a notebook or page", "ppo.ipynb"),
        (
            ("ppo.ipynb",),
            {"cell": "x"},
            "SG203",
            "`notebook` has no argument `cell`",
            "did you mean `cells`?",
        ),
        (("ppo.ipynb",), {"echo": "no"}, "SG203", "`echo` cannot be `no`", "`true` or `false`"),
    ],
)
def test_what_cannot_be_embedded(
    compose_call: Compose,
    positional: tuple[str, ...],
    named: dict[str, Any],
    code: str,
    message: str,
    hint: str,
) -> None:
    """An unknown page, cell or argument is an error at the call, with the near match."""
    page = compose_call(*positional, **named)
    problem = page.diagnostics[0]
    assert (problem.code, problem.message, str(problem.location)) == (code, message, "content/posts/a.md:7:1")
    assert hint in (problem.hint or "")
    assert 'class="build-error"' in page.content
