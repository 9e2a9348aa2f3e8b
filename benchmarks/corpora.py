"""The pages that are executed, written in the form of each tool."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

KERNEL: Final = "benchmark"
"""The kernelspec that the peers' pages name: stock ipykernel, of the interpreter that sitegen runs its cells in."""
_PROSE: Final = (
    "A short paragraph stands between the cells, as on any page: what is computed, in what unit, and why."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A code cell."""

    source: str
    is_benchmark: bool = False
    """It has the machine to itself; only sitegen knows such cells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page, and the text that one of its cells prints, by which a result is told from a page that did not run."""

    name: str
    cells: tuple[Cell, ...]
    proof: str


def numpy_pages(count: int = 20) -> tuple[Page, ...]:
    """Pages of three trivial numpy cells."""
    return tuple(
        _page(
            f"numpy-{number:02}",
            number,
            "import numpy as np\n\nx = np.arange({number}.0 + 10)",
            "y = np.sqrt(x)\ny.sum()",
            "print(y.mean(), y.std())",
        )
        for number in range(count)
    )


def torch_pages(count: int = 20, *, draw: bool) -> tuple[Page, ...]:
    """Pages that import torch and matplotlib, compute a little, and draw a figure where that is asked for."""
    return tuple(
        _page(
            f"torch-{number:02}",
            number,
            "import matplotlib.pyplot as plt\nimport torch\n\ntorch.manual_seed({number})\nx = torch.linspace(0, 6, 60)",
            "w = torch.zeros(3, requires_grad=True)\n"
            "loss = ((w[0] + w[1] * x + w[2] * x**2 - x.sin()) ** 2).mean()\n"
            "loss.backward()\nw.grad",
            "fig, ax = plt.subplots()\nax.plot(x, x.sin());" if draw else "plt.rcParams['figure.figsize']",
        )
        for number in range(count)
    )


def timed_pages() -> tuple[Page, ...]:
    """Two pages with a `benchmark` cell: arithmetic in the interpreter, and a sort that goes through memory."""
    interpreted = "def work():\n    return sum(i * i for i in range(100_000))"
    sorted_ = (
        "import numpy as np\n\nvalues = np.random.default_rng(0).random(200_000)\n\n"
        "def work():\n    return np.sort(values)"
    )
    return tuple(
        Page(
            name=f"c-timed-{name}",
            cells=(
                Cell(source=source),
                Cell(
                    source=f"from sitegen import lab\n\nlab.benchmark(work, name='{name}', unit='ms', repeats=60)",
                    is_benchmark=True,
                ),
                Cell(source="print('done', 7 * 6)"),
            ),
            proof="done 42",
        )
        for name, source in (("interpreted", interpreted), ("sorted", sorted_))
    )


def busy_pages(count: int = 10) -> tuple[Page, ...]:
    """Pages that keep a core busy for some cells: arithmetic, memory, printing and a figure.

    Their names stand on both sides of the timed pages', so that there is company before and after.
    """
    return tuple(
        _page(
            f"{'b' if number % 2 else 'd'}-busy-{number:02}",
            number,
            "import matplotlib.pyplot as plt\nimport numpy as np",
            "total = sum(i * i for i in range(3_000_000))",
            "blocks = [np.random.default_rng(i).random(500_000) for i in range(20)]\nsum(np.sort(b)[0] for b in blocks)",
            "for i in range(3000):\n    print(i, total)",
            "fig, ax = plt.subplots()\nax.plot(np.sort(blocks[0])[::100]);",
            "total += sum(i * i for i in range(3_000_000))",
        )
        for number in range(count)
    )


def write_site(root: Path, pages: Iterable[Page]) -> None:
    """A site for sitegen."""
    posts = root / "content" / "posts"
    posts.mkdir(parents=True)
    (root / "sitegen.toml").write_text(
        'baseURL = "https://example.org/"\ntitle = "Pages that run"\n', "utf-8"
    )
    for page in pages:
        fences = [
            f"```python\n{'#| benchmark: true' + chr(10) if cell.is_benchmark else ''}{cell.source}\n```"
            for cell in page.cells
        ]
        head = f'+++\ntitle = "{page.name}"\nexecute = true\n+++\n'
        (posts / f"{page.name}.md").write_text(head + _text(fences), "utf-8")


def write_sphinx(root: Path, pages: Iterable[Page], *, mode: str) -> None:
    """A project for Sphinx with MyST-NB: MyST pages, as its authors write them.

    Args:
        root: a folder that is not there yet.
        pages: what it has.
        mode: `nb_execution_mode`.
    """
    root.mkdir(parents=True)
    (root / "conf.py").write_text(
        'project = "Pages that run"\nextensions = ["myst_nb"]\nhtml_theme = "alabaster"\n'
        f'nb_execution_mode = "{mode}"\nnb_execution_timeout = 600\nnb_execution_raise_on_error = True\n',
        "utf-8",
    )
    names = []
    for page in pages:
        fences = [f"```{{code-cell}} python\n{cell.source}\n```" for cell in page.cells]
        head = (
            "---\nfile_format: mystnb\n"
            f"kernelspec:\n  name: {KERNEL}\n  display_name: {KERNEL}\n  language: python\n---\n\n# {page.name}\n"
        )
        (root / f"{page.name}.md").write_text(head + _text(fences), "utf-8")
        names.append(page.name)
    index = "\n".join(("# Pages that run\n", "```{toctree}", *names, "```\n"))
    (root / "index.md").write_text(index, "utf-8")


def write_notebooks(root: Path, pages: Iterable[Page]) -> None:
    """Notebooks without outputs, for nbclient and nbconvert."""
    root.mkdir(parents=True)
    for page in pages:
        cells: list[dict[str, object]] = []
        for cell in page.cells:
            cells.append({"cell_type": "markdown", "metadata": {}, "source": _PROSE})
            cells.append(
                {
                    "cell_type": "code",
                    "metadata": {},
                    "source": cell.source,
                    "execution_count": None,
                    "outputs": [],
                }
            )
        for number, each in enumerate(cells):
            each["id"] = f"cell-{number}"
        spec = {"name": KERNEL, "display_name": KERNEL, "language": "python"}
        notebook = {"cells": cells, "metadata": {"kernelspec": spec}, "nbformat": 4, "nbformat_minor": 5}
        (root / f"{page.name}.ipynb").write_text(json.dumps(notebook, indent=1), "utf-8")


def _page(name: str, number: int, *sources: str) -> Page:
    """A page whose last cell also prints a number that stands nowhere in its text."""
    *first, last = (source.replace("{number}", str(number)) for source in sources)
    sources = (*first, f"print('done', {number + 1} * 1000 + 7)\n{last}")
    return Page(
        name=name,
        cells=tuple(Cell(source=source) for source in sources),
        proof=f"done {(number + 1) * 1000 + 7}",
    )


def _text(fences: Iterable[str]) -> str:
    return "".join(f"\n{_PROSE}\n\n{fence}\n" for fence in fences)
