"""Notebooks as posts in Markdown whose cells run, or as they are."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from sitegen.cli.main import main

PIXEL = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU"
    b"\x00\x00\x00\nIDATx\x9cc\xf8\x0f\x00\x01\x01\x01\x00\x1b\xb6\xeeV\x00\x00\x00\x00IEND\xaeB`\x82"
)


def _cell(kind: str, source: str, **more: Any) -> dict[str, Any]:
    code: dict[str, Any] = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {}, "source": source.splitlines(keepends=True), **code, **more}


def _notebook(*cells: dict[str, Any], **metadata: Any) -> str:
    spec = {"name": "python3", "language": "python", "display_name": "Python 3"}
    return json.dumps(
        {
            "cells": list(cells),
            "metadata": {"kernelspec": spec, **metadata},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    )


OUTPUT = {"output_type": "stream", "name": "stdout", "text": ["never shown\n"]}
FILES: dict[str, str | bytes] = {
    "ppo/train.ipynb": _notebook(
        _cell(
            "markdown",
            "# PPO, *briefly*\n\nSee [the end](#The-End), [other](../other.ipynb), ![loss](img/loss.png) and\n"
            "![](attachment:a.png). An equation $ x^2 $ and `$ code^2 $`, {{< not ours >}}.",
            attachments={"a.png": {"image/png": base64.b64encode(PIXEL).decode()}},
        ),
        _cell("code", "%%time\n!pip install numpy\nimport tools\nopen('data.csv').read()", outputs=[OUTPUT]),
        _cell("code", "plot()", metadata={"tags": ["hide-input", "x"], "name": "curve"}),
        _cell("code", "#| label: fig-a\n#| fig-cap: A\n#| cache: true\nprint('```')"),
        _cell("raw", "<b>raw</b>"),
        _cell("raw", "\\newpage", metadata={"raw_mimetype": "text/latex"}),
        _cell("markdown", "## The End\n\n```{python}\nnever run\n```\n"),
        _cell("code", "  \n"),
    ),
    "ppo/img/loss.png": PIXEL,
    "ppo/data.csv": "a\n1\n",
    "ppo/tools.py": "# %%\nX = 1\n",
    "other.ipynb": _notebook(
        _cell("raw", "---\ntitle: Other\ndate: 2024-05-06\ncategories: [rl]\ndraft: true\n---"),
        _cell("code", "1"),
    ),
    "2021-02-03-dated.ipynb": _notebook(_cell("code", "#hide\nimport os"), _cell("markdown", "Text only.")),
    "old.ipynb": json.dumps(
        {
            "metadata": {"name": "old"},
            "nbformat": 3,
            "nbformat_minor": 0,
            "worksheets": [
                {
                    "cells": [
                        {"cell_type": "heading", "level": 1, "metadata": {}, "source": ["From 2013"]},
                        {"cell_type": "code", "input": ["print(1)"], "language": "python", "outputs": []},
                    ]
                }
            ],
        }
    ),
    "r.ipynb": json.dumps(
        {
            "cells": [_cell("markdown", "# In R"), _cell("code", "1 + 1")],
            "metadata": {"kernelspec": {"name": "ir", "language": "R", "display_name": "R"}},
            "nbformat": 4,
            "nbformat_minor": 4,
        }
    ),
    ".ipynb_checkpoints/other-checkpoint.ipynb": "{}",
    "requirements.txt": "numpy\n",
}


@pytest.fixture(scope="module")
def site(import_and_build: Callable[..., Any]) -> Any:
    """The notebooks above, imported and built."""
    return import_and_build("ipynb", FILES)


def _front(text: str) -> Any:
    return yaml.safe_load(text.split("---\n")[1])


def test_site_builds_without_errors(site: Any) -> None:
    """Nothing that the import wrote is wrong to sitegen."""
    assert " error " not in site.build
    assert site.exit_code == 0, site.build


def test_notebook_is_a_post_in_markdown(site: Any) -> None:
    """Prose, code and options are there, outputs are not; the first heading is the title."""
    text = site.text("content/posts/ppo/train/index.md")

    assert _front(text)["title"] == "PPO, briefly"
    assert "# PPO" not in text
    assert "![loss](img/loss.png)" in text
    assert "![](a.png). An equation $x^2$ and `$ code^2 $`, {{</* not ours */>}}." in text
    assert "[the end](#the-end), [other](/posts/other/index.md)" in text
    assert '```{python}\n#| label: curve\n#| tags: ["hide-input", "x"]\nplot()\n```' in text
    assert "````{python}\n#| label: fig-a\n#| fig-cap: A\nprint('```')\n````" in text
    assert "```python\nnever run\n```" in text
    assert "<b>raw</b>" in text
    assert "newpage" not in text
    assert "never shown" not in text


def test_files_lie_beside_the_page_that_reads_them(site: Any) -> None:
    """Pictures, attachments, data and modules are in the bundle; the environment at the root."""
    for name in ("img/loss.png", "a.png", "data.csv", "tools.py"):
        assert (site.root / "content/posts/ppo/train" / name).is_file(), name
    assert (site.root / "requirements.txt").is_file()
    assert list(site.broken_links()) == []


def test_dates_come_from_front_matter_name_or_file(tmp_path: Path, site: Any) -> None:
    """In this order; the report says where it was only the file."""
    assert str(_front(site.text("content/posts/other/index.md"))["date"]) == "2024-05-06"
    dated = _front(site.text("content/posts/2021-02-03-dated/index.md"))
    assert (str(dated["date"]), dated["slug"], dated["title"]) == ("2021-02-03", "dated", "Dated")
    assert "its date is the file's" in site.report


def test_front_matter_of_a_first_cell_is_ours(site: Any) -> None:
    """Quarto's and fastpages' categories are tags; a draft is one."""
    fields = _front(site.text("content/posts/other/index.md"))
    assert fields == {"title": "Other", "date": fields["date"], "tags": ["rl"], "draft": True}


def test_old_formats_and_other_languages_are_read(site: Any) -> None:
    """Format 3 with its heading cells; a kernel that is not Python's is named, and its cells are in its language."""
    old, other = site.text("content/posts/old/index.md"), site.text("content/posts/r/index.md")

    assert _front(old)["title"] == "From 2013"
    assert "```{python}\nprint(1)\n```" in old
    assert _front(other)["jupyter"] == "ir"
    assert "```{r}\n1 + 1\n```" in other
    assert "```{python}\n#| include: false\nimport os\n```" in site.text(
        "content/posts/2021-02-03-dated/index.md"
    )


def test_what_needs_a_person_is_reported_with_its_place(site: Any) -> None:
    """Installations, timings, options, raw cells; each with notebook, cell and line."""
    for words in (
        "`!pip install numpy` installs packages each time it runs: `ppo/train.ipynb:cell 2:line 2`",
        "`%%time` prints another number each time it runs: `ppo/train.ipynb:cell 2:line 1`",
        "`cache: true` has no effect here: `ppo/train.ipynb:cell 4:line 1`",
        "a raw cell of `text/latex` is no part of a web page: `ppo/train.ipynb:cell 6:line 1`",
        "left out, since the cells run: `ppo/train.ipynb`",
    ):
        assert words in site.report, words


def test_notebooks_can_be_kept(import_and_build: Callable[..., Any]) -> None:
    """`--keep-notebooks`: they are pages as they are, with the files that they read."""
    kept = import_and_build("ipynb", FILES, "--keep-notebooks")

    assert kept.text("notebooks/other.ipynb") == FILES["other.ipynb"]
    assert "{{</* not ours */>}}" in kept.text("notebooks/ppo/train.ipynb")
    assert "cache: true" not in kept.text("notebooks/ppo/train.ipynb")
    assert (kept.root / "notebooks/ppo/data.csv").is_file()
    assert (kept.root / "public/notebooks/old/index.html").is_file()
    assert kept.exit_code == 0, kept.build


def test_one_notebook_can_be_imported(tmp_path: Path, write_files: Callable[..., Path]) -> None:
    """SOURCE may be a file; the new site may lie in its folder."""
    source = write_files(tmp_path, {"one.ipynb": _notebook(_cell("markdown", "# One"), _cell("code", "1"))})
    os.utime(source / "one.ipynb", (1_600_000_000, 1_600_000_000))

    done = CliRunner().invoke(main, ["import", "ipynb", str(source / "one.ipynb"), str(tmp_path / "new")])

    assert done.exit_code == 0, done.output
    assert (
        str(_front((tmp_path / "new/content/posts/one/index.md").read_text("utf-8"))["date"]) == "2020-09-13"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"cells": [\n', "bad.ipynb:2:1: error SG107"),
        ("[]", "it has no `nbformat`"),
        ('{"nbformat": 2, "worksheets": []}', "its format is 2"),
        ("[" * 100_000, "nested too deep"),
        ('{"nbformat": ' + "4" * 5000 + "}", "a number of too many digits"),
    ],
)
def test_broken_notebook_hides_no_other(
    text: str, message: str, tmp_path: Path, write_files: Callable[..., Path]
) -> None:
    """An error that names it, the file kept, the rest imported, exit code 1."""
    source = write_files(tmp_path / "old", {"bad.ipynb": text, "good.ipynb": _notebook(_cell("code", "1"))})

    done = CliRunner().invoke(main, ["import", "ipynb", str(source), str(tmp_path / "new")])

    assert done.exit_code == 1
    assert message in done.stderr
    assert (tmp_path / "new/unread/bad.ipynb").is_file()
    assert (tmp_path / "new/content/posts/good/index.md").is_file()
