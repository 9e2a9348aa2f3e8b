"""Notebooks and scripts from disk to disk, in real kernels: outputs, embedding, parameters, saved outputs, failures."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sitegen.build.build import build
from sitegen.build.result import BuildOptions, BuildResult
from sitegen.cli.diagnostics import format_github, format_text
from sitegen.config import load_config
from sitegen.execution.backends import LocalBackend
from sitegen.results.store import open_store

pytestmark = pytest.mark.kernel


def cell(kind: str, source: str, **fields: Any) -> dict[str, Any]:
    """A cell as a notebook's JSON has it."""
    return {"cell_type": kind, "source": source, "metadata": {}, **fields}


def notebook(*cells: dict[str, Any], **metadata: Any) -> str:
    """A notebook's JSON."""
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells})


def stream(text: str) -> dict[str, Any]:
    """A saved output."""
    return {"output_type": "stream", "name": "stdout", "text": [text]}


FILES = {
    "content/posts/a.md": '+++\ntitle = "A"\n+++\n{{< notebook "good.ipynb" cells="values" >}}\n\n'
    "{{< embed good.ipynb#picture >}}\n\n{{< notebook saved.ipynb >}}\n\n[to it](../../notebooks/good.ipynb)\n",
    "notebooks/good.ipynb": notebook(
        cell("raw", "---\ntitle: Good\nexecute:\n  parameters:\n    n: 7\n---"),
        cell("markdown", "![](attachment:a.png)", attachments={"a.png": {"image/png": "aGk="}}),
        cell("code", "n = 1", metadata={"tags": ["parameters"]}, outputs=[stream("old")]),
        cell("markdown", "n is `{python} n`"),
        cell("code", "print('n:', n)\n!echo from the shell", metadata={"label": "values"}),
        cell("code", "%%bash\necho from bash"),
        cell("code", "%%html\n<i>from html</i>"),
        cell("code", ""),
        cell("code", "%%time\nn + 1", id="timed"),
        cell(
            "code",
            "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([n]);",
            metadata={"tags": ["picture"]},
        ),
        kernelspec={"name": "someones-venv", "language": "python"},
    ),
    "notebooks/saved.ipynb": notebook(
        cell("raw", "---\nexecute: false\n---"),
        cell("code", "1 / 0", outputs=[stream("kept, from /home/nobody/x")]),
    ),
    "notebooks/script.py": "# %% [markdown]\n# # Script\n\n# %%\nx = 2\n# %%\nprint(x * 21)\n",
}
BAD = notebook(
    cell("markdown", "# Bad"),
    cell("code", "import helper"),
    cell("code", "#| label: deep\n\ndef f():\n    return helper.fail()\n\n\nf()"),
)


def run(root: Path) -> BuildResult:
    """Builds the site."""
    config = load_config(root, now=datetime(2030, 1, 1, tzinfo=UTC), environ={})
    return build(config, BuildOptions(), backend=LocalBackend(config), store=open_store(config))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, BuildResult]:
    """A site of two notebooks, a script and a post that embeds cells of both notebooks."""
    root = tmp_path_factory.mktemp("site")
    for name, text in {"sitegen.toml": 'baseURL = "https://example.org/"\ntitle = "T"\n', **FILES}.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root, run(root)


def test_a_notebook_runs_as_in_jupyter(built: tuple[Path, BuildResult]) -> None:
    """Magics, shell lines and cell magics work; parameters come after their cell; saved outputs are nowhere."""
    root, result = built
    html = (root / "public/notebooks/good/index.html").read_text("utf-8")
    assert {found.code for found in result.diagnostics} == {"SG216", "SG317"}  # the shell is not observed
    assert all(
        text in html for text in ("n: 7\nfrom the shell", "from bash", "<i>from html</i>", "Wall time")
    )
    assert "n is <span" in html
    assert ">7</span>" in html
    assert ">old<" not in html
    assert (root / "public/notebooks/good/attachment-2-a.png").read_bytes() == b"hi"
    assert result.states["/notebooks/good"] == "fresh"  # type: ignore[index]


def test_a_script_is_a_page(built: tuple[Path, BuildResult]) -> None:
    """Its cells share one kernel, its heading is the page's title."""
    html = (built[0] / "public/notebooks/script/index.html").read_text("utf-8")
    assert "<h1>Script</h1>" in html
    assert ">42</pre>" in html


def test_cells_are_embedded(built: tuple[Path, BuildResult]) -> None:
    """The post shows what the notebook's run gave, with a figure of its own, and links to the notebook's page."""
    root, result = built
    html = (root / "public/posts/a/index.html").read_text("utf-8")
    assert "n: 7\nfrom the shell" in html
    assert "/posts/a/figure-notebooks-good-" in html
    assert list((root / "public/posts/a").glob("figure-notebooks-good-*"))
    assert '<a href="/notebooks/good/">to it</a>' in html
    assert "/posts/a" not in result.states


def test_saved_outputs_are_labelled(built: tuple[Path, BuildResult]) -> None:
    """A notebook that is not run shows what it was saved with, said to be so, there and where it is embedded."""
    root, result = built
    assert "/notebooks/saved" not in result.states
    for page in ("notebooks/saved", "posts/a"):
        html = (root / "public" / page / "index.html").read_text("utf-8")
        assert "kept, from" in html
        assert "Saved in the notebook, not reproduced by this build." in html


def test_a_failure_names_cell_and_line(write_site: Callable[[dict[str, str]], Path]) -> None:
    """The place is the statement in the notebook's cell, with its line, and the frames of both files."""
    helper = "def fail():\n    raise ValueError('no')\n"
    root = write_site({"sitegen.toml": "", "notebooks/bad.ipynb": BAD, "notebooks/helper.py": helper})
    result = run(root)
    (problem,) = result.diagnostics
    assert format_text([problem], root).split("\n") == [
        "notebooks/bad.ipynb:cell 3:line 4: error SG301: cell raised ValueError: no",
        "    return helper.fail()",
        "           ^",
        "    notebooks/bad.ipynb:cell 3:line 7",
        "        f()",
        "    notebooks/bad.ipynb:cell 3:line 4 in f",
        "        return helper.fail()",
        "    notebooks/helper.py:2 in fail",
        "        raise ValueError('no')",
        "    ValueError: no",
        "hint: mend the cell, or say `#| error: true` where the exception is meant to be shown",
    ]
    shown = format_github([problem], root, root)
    assert shown.startswith("::error file=notebooks/bad.ipynb,title=")
    assert "notebooks/bad.ipynb:cell 3:line 4%0Acell raised" in shown
