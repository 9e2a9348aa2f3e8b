"""The ways in which pages are executed: sitegen's and its peers', each a command in a folder of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks import corpora
from benchmarks.corpora import KERNEL, Page
from benchmarks.measuring import Failed

SPHINX: Final = {"sphinx": "9.0.4", "myst-nb": "1.4.0"}
"""Pinned; what they depend on is as new as pip finds, and named in the results."""
_LET_THROUGH: Final = ("PATH", "HOME", "USER", "LANG", "LC_ALL", "TMPDIR", "TZ", "LD_LIBRARY_PATH")
"""Settings of this shell for Python or for numerical libraries would favour one tool or another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to execute the pages of a corpus, as a whole process."""

    name: str
    corpus: str
    folder: Path
    command: tuple[str, ...]
    removed: tuple[str, ...]
    """Folders that are removed before it starts: with all that it made it starts from nothing; with none it finds
    nothing changed since the way before it."""
    results: str
    """Pattern of the files in which the pages' outputs are found afterwards, relative to `folder`."""
    proofs: tuple[str, ...]
    """What must be found in them."""

    def prepare(self) -> None:
        """Remove what an earlier run made."""
        for name in self.removed:
            shutil.rmtree(self.folder / name, ignore_errors=True)

    def check(self) -> None:
        """See that every page has its outputs.

        Raises:
            Failed: one has not.
        """
        text = "\n".join(file.read_text("utf-8") for file in self.folder.glob(self.results))
        missing = [proof for proof in self.proofs if proof not in text]
        if missing:
            raise Failed(f"{self.name}: {len(missing)} pages have no outputs, such as `{missing[0]}`")


def environment(cache: Path) -> dict[str, str]:
    """What every command gets: a plain environment, and the kernelspec of the peers."""
    kept = {name: os.environ[name] for name in _LET_THROUGH if name in os.environ}
    return {**kept, "JUPYTER_PATH": str(cache / "jupyter")}


def provide_kernel(cache: Path) -> None:
    """The kernelspec that the peers use: this interpreter's ipykernel, which is what sitegen runs cells in."""
    folder = cache / "jupyter" / "kernels" / KERNEL
    folder.mkdir(parents=True, exist_ok=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": KERNEL, "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(spec), "utf-8")


def provide_sphinx(cache: Path) -> Path:
    """A virtual environment with Sphinx and MyST-NB; its interpreter. Made once, by pip."""
    wanted = [f"{name}=={version}" for name, version in SPHINX.items()]
    folder = cache / "-".join(("sphinx", *SPHINX.values()))
    python, done = folder / "bin" / "python", folder / "complete"
    if not done.exists():
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-qq", "--compile", *wanted], check=True)
        done.touch()
    return python


def versions(python: Path, names: Iterable[str], env: Mapping[str, str]) -> dict[str, str]:
    """Of distributions in an interpreter's environment; those that are there."""
    code = (
        "import importlib.metadata as m, json, sys\n"
        "print(json.dumps({d.name.lower(): d.version for d in m.distributions() if d.name.lower() in sys.argv}))"
    )
    command = [str(python), "-c", code, *names]
    told = subprocess.run(command, env=dict(env), check=True, capture_output=True, text=True).stdout
    found: dict[str, str] = json.loads(told)
    return dict(sorted(found.items()))


def sitegen_ways(corpus: str, folder: Path, pages: Sequence[Page]) -> tuple[Way, ...]:
    """From nothing, and with nothing changed."""
    corpora.write_site(folder, pages)

    def way(name: str, removed: tuple[str, ...]) -> Way:
        return Way(
            name=f"sitegen, {name}",
            corpus=corpus,
            folder=folder,
            command=(sys.executable, "-m", "sitegen", "build", "--quiet"),
            removed=removed,
            results="public/posts/*/index.html",
            proofs=tuple(page.proof for page in pages),
        )

    return way("from nothing", (".sitegen", "results", "public")), way("nothing changed", ())


def sphinx_ways(corpus: str, folder: Path, pages: Sequence[Page], python: Path) -> tuple[Way, ...]:
    """Without a cache, alone and reading in parallel; with jupyter-cache, from nothing and with nothing changed."""

    def way(name: str, mode: str, removed: tuple[str, ...], *flags: str) -> Way:
        source = folder / mode
        if not source.exists():
            corpora.write_sphinx(source, pages, mode=mode)
        return Way(
            name=f"Sphinx + MyST-NB, {name}",
            corpus=corpus,
            folder=source,
            command=(str(python), "-m", "sphinx", "--quiet", *flags, ".", "_build/html"),
            removed=removed,
            results="_build/html/*.html",
            proofs=tuple(page.proof for page in pages),
        )

    return (
        way("`force`, from nothing", "force", ("_build",)),
        way("`force`, `-j auto`, from nothing", "force", ("_build",), "-j", "auto"),
        way("`cache`, from nothing", "cache", ("_build",)),
        way("`cache`, nothing changed", "cache", ()),
    )


def nbclient_way(corpus: str, folder: Path, pages: Sequence[Page]) -> Way:
    """nbclient in one process, a stock kernel a page, two at a time."""
    return _notebooks_way("nbclient, two at a time", corpus, folder, pages, "nbclient_pool.py")


def nbconvert_way(corpus: str, folder: Path, pages: Sequence[Page]) -> Way:
    """`jupyter nbconvert --execute`, a process a page, one after the other."""
    return _notebooks_way("nbconvert, a process a page", corpus, folder, pages, "nbconvert_each.py")


def _notebooks_way(name: str, corpus: str, folder: Path, pages: Sequence[Page], program: str) -> Way:
    if not folder.exists():
        corpora.write_notebooks(folder, pages)

    return Way(
        name=name,
        corpus=corpus,
        folder=folder,
        command=(sys.executable, str(Path(__file__).parent / program), ".", "executed"),
        removed=("executed",),
        results="executed/*.ipynb",
        proofs=tuple(page.proof for page in pages),
    )
