"""From a page's published files alone a reader runs it again and gets its numbers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.kernel, pytest.mark.slow]

PAGE = """+++
title = "Dice"
[execute]
enabled = true
seed = 7
[execute.parameters]
sides = 20
+++

```python
#| tags: [parameters]
sides = 6
```

```python
#| label: roll
import random

from sitegen import lab

rolls = [random.randint(1, sides) for _ in range(100)]
lab.metric("mean_roll", sum(rolls) / len(rolls), unit="eyes", n=len(rolls))
```

The mean is {{< metric "mean_roll" >}}.
"""


@dataclass(frozen=True)
class Published:
    """What a reader has: the folder of one page."""

    folder: Path
    notebook: Any
    provenance: Any


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """A site of one page, built with a real kernel by the command."""
    root = tmp_path_factory.mktemp("dice")
    page = root / "content/dice/index.md"
    page.parent.mkdir(parents=True)
    page.write_text(PAGE, encoding="utf-8")
    (root / "sitegen.toml").write_text('title = "Dice"\n', encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "sitegen", "build", "-s", str(root)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    folder = root / "public/dice"
    return Published(
        folder=folder,
        notebook=json.loads((folder / "index.ipynb").read_text("utf-8")),
        provenance=json.loads((folder / "provenance.json").read_text("utf-8")),
    )


def test_the_notebook_has_the_code_that_provenance_names(published: Published) -> None:
    """Each cell's digest can be computed from the notebook; both are of one record."""
    sources = ("".join(cell["source"]) for cell in published.notebook["cells"])
    digests = {sha256(source.encode()).hexdigest() for source in sources}
    said = published.provenance
    assert {cell["source"] for cell in said["cells"]} <= digests
    assert published.notebook["metadata"]["sitegen"]["record"] == said["record"]["digest"]
    assert (said["files"], said["run"]["seed"]) == (["index.ipynb", "index.py"], 7)
    assert said["run"]["parameters"] == {"sides": 20}


@pytest.mark.parametrize("run", ["notebook", "script"])
def test_running_it_again_gives_the_same_number(published: Published, tmp_path: Path, run: str) -> None:
    """In Jupyter and in plain Python, from another folder."""
    runners: dict[str, Callable[[Published, Path], str]] = {"notebook": _run_notebook, "script": _run_script}
    metric = published.provenance["metrics"][0]

    text = runners[run](published, tmp_path)

    assert metric["name"] == "mean_roll"
    assert f"{metric['value']:g}" in text


def _run_notebook(published: Published, folder: Path) -> str:
    """The text of its outputs."""
    import nbclient
    import nbformat

    notebook = nbformat.read(published.folder / "index.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    code = [cell for cell in notebook.cells if cell["cell_type"] == "code"]
    for cell in code:
        cell["outputs"] = []  # what is found below is of the new run
    nbclient.NotebookClient(notebook, resources={"metadata": {"path": str(folder)}}).execute()
    return json.dumps([cell["outputs"] for cell in code])


def _run_script(published: Published, folder: Path) -> str:
    """What it prints."""
    script = folder / "index.py"
    script.write_bytes((published.folder / "index.py").read_bytes())
    done = subprocess.run(
        [sys.executable, str(script)], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_script_finds_the_sites_copy_of_lab_beside_it(published: Published, tmp_path: Path) -> None:
    """In a site that was downloaded whole, where no package is installed, from any folder."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(published.folder / "index.py")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert f"{published.provenance['metrics'][0]['value']:g}" in done.stdout
