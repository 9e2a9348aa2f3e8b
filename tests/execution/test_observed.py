"""What a run is seen to use, with real kernels, and what then makes it run again."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sitegen.execution import distributions, kernelspecs
from sitegen.execution.observed import changes, files_hold, still_holds
from sitegen.results.record import Observed
from sitegen.results.store import open_store

pytestmark = pytest.mark.kernel

READER = (
    """
import glob, json, os, sqlite3
import helper
from package import part
import numpy as np

np.load("array.npy"); np.memmap("raw.bin", mode="r+"); json.load(open("settings.json")); open(b"bytes.txt").read()
for name in glob.glob("series/*.csv"):
    open(name).read()
open("link.txt").read()
open("../../shared.txt").read()
sqlite3.connect("runs.db").execute("select * from runs").fetchall()
""",
    """
os.chdir("series"); open("moved.txt").read(); os.chdir("..")
folder = os.open("series", os.O_RDONLY)
os.close(os.open("by-number.txt", os.O_RDONLY, dir_fd=folder))
for name in ("optional.toml", "series/none.csv"):
    try:
        open(name)
    except FileNotFoundError:
        pass
try:
    import accelerator
except ImportError:
    pass
open(".hidden").read(); open("../../public/page.html").read(); open("../../venv/lib/site-packages/x.py").read()
""",
)
READER_IMPORTS = ("glob", "helper", "json", "numpy", "os", "package", "sqlite3")
"""Modules that the page names: another of that name in its folder would be imported instead."""
WRITER = """
import os, shutil
import numpy as np
before = os.listdir("out")
np.save("out/array.npy", np.arange(3)); np.load("out/array.npy")
os.mkdir("out/run"); open("out/run/log.txt", "w").close(); open("out/run/log.txt").read()
open("out/new.tmp", "w").close(); os.replace("out/new.tmp", "out/new.txt"); open("out/new.txt").read()
try:
    open("cache.txt").read()
except FileNotFoundError:
    open("cache.txt", "w").close()
text = open("counter.txt").read()
open("counter.txt", "w").write(text + "1")
"""
WORKERS = """
import torch
from torch.utils.data import DataLoader
from samples import Samples
torch.load("state.pt"); torch.from_file("numbers.bin", size=1, dtype=torch.uint8)
torch.save({"a": 1}, "own.pt"); torch.load("own.pt")
list(DataLoader(Samples(), num_workers=2))
list(DataLoader(Samples("anew"), num_workers=1, multiprocessing_context="spawn"))
"""
UNSEEN = (
    "import platform, os\nplatform.processor()\nos.getcwd()",
    "import subprocess, sys\nsubprocess.run([sys.executable, 'script.py'], check=True)\n!true",
    "import ctypes\nctypes.CDLL(None)",
)
PACKAGES = """
import fake, space.one.deep, project, psutil
"""


@dataclass(frozen=True)
class Seen:
    """What the record of a page says."""

    site: Any
    name: str
    observed: Observed

    @property
    def files(self) -> set[str]:
        """What it read, each with its base."""
        return {f"{file.base}:{file.path}" for file in self.observed.files}

    @property
    def absent(self) -> set[str]:
        """What it missed, each with its base."""
        return {f"{path.base}:{path.path}" for path in self.observed.absent}

    @property
    def written(self) -> set[str]:
        """What it wrote."""
        return {path.path for path in self.observed.written}

    @property
    def folder(self) -> Path:
        """The page's folder."""
        return Path(self.site.root / "content" / self.name)

    def changes(self) -> tuple[str, ...]:
        """In words; and the other two functions agree."""
        distributions.forget()
        kernel = kernelspecs.find_kernel("python3")
        assert kernel is not None
        words = changes(self.observed, self.folder, self.site.root, kernel)
        assert still_holds(self.observed, self.folder, self.site.root, kernel) is not bool(words)
        return words


def _install(folder: Path, name: str, version: str, *modules: str) -> None:
    """A distribution as an installer leaves it; an older version is gone."""
    for old in folder.glob(f"{name.replace('-', '_')}-*.dist-info"):
        shutil.rmtree(old)
    for module in modules:
        (folder / module).parent.mkdir(parents=True, exist_ok=True)
        (folder / module).touch()
    facts = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    facts.mkdir(parents=True)
    (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (facts / "RECORD").write_text("".join(f"{module},,\n" for module in modules))


def _prepare(root: Path) -> None:
    """The files of the pages."""
    content, elsewhere = root / "content", root / "elsewhere"
    texts = {
        "reader/helper.py": "import json\njson.load(open('settings.json'))\n",
        "reader/settings.json": "{}",
        "reader/raw.bin": "raw",
        "reader/bytes.txt": "b",
        "reader/.hidden": "h",
        "reader/series/a.csv": "1",
        "reader/series/moved.txt": "m",
        "reader/series/by-number.txt": "n",
        "writer/out/old.txt": "",
        "writer/counter.txt": "1",
        "workers/samples.py": (
            "class Samples:\n"
            "    def __init__(self, name='sample'): self.name = name\n"
            "    def __len__(self): return 2\n"
            "    def __getitem__(self, i): return float(open(f'{self.name}{i}.txt').read())\n"
        ),
        "workers/numbers.bin": "1",
        "workers/anew0.txt": "0",
        "workers/anew1.txt": "1",
        "workers/sample0.txt": "0",
        "workers/sample1.txt": "1",
        "unseen/script.py": "open('by-script.txt').read()",
        "unseen/by-script.txt": "",
    }
    for name, text in texts.items():
        (content / name).parent.mkdir(parents=True, exist_ok=True)
        (content / name).write_text(text, encoding="utf-8")
    for name in ("shared.txt", "public/page.html", "package/__init__.py", "package/part.py"):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text("", encoding="utf-8")
    (root / "venv/lib/site-packages").mkdir(parents=True)
    (root / "venv/lib/site-packages/x.py").touch()
    elsewhere.mkdir()
    (elsewhere / "target.txt").write_text("t", encoding="utf-8")
    (content / "reader/link.txt").symlink_to(elsewhere / "target.txt")
    np.save(content / "reader/array.npy", np.arange(3))
    with sqlite3.connect(content / "reader/runs.db") as database:
        database.execute("create table runs(a)")
    database.close()


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory, shared_site: Any) -> Iterator[Callable[[str], Seen]]:
    """The pages above, executed once; gives what the record of one says."""
    torch = pytest.importorskip("torch")
    site, packages = shared_site, tmp_path_factory.mktemp("packages")
    project = tmp_path_factory.mktemp("project")
    (site.root / "out").mkdir()
    _prepare(site.root)
    torch.save({"a": 1}, site.root / "content/workers/state.pt")
    _install(packages, "fake", "1.0", "fake/__init__.py")
    _install(packages, "space-one", "1.0", "space/one/deep.py")
    _install(packages, "space-two", "1.0", "space/two.py")
    _install(packages, "linter", "1.0", "linter.py")
    _install(packages, "my-project", "1.0")
    (packages / "my_project-1.0.dist-info/direct_url.json").write_text(
        f'{{"url": "{project.as_uri()}", "dir_info": {{"editable": true}}}}'
    )
    (project / "src").mkdir()
    (project / "src/project.py").write_text("x = 1\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", f"{packages}:{project / 'src'}")
        patch.syspath_prepend(str(packages))
        patch.syspath_prepend(str(project / "src"))
        pages = {
            "reader": site.page("reader", *READER),
            "writer": site.page("writer", WRITER),
            "workers": site.page("workers", WORKERS),
            "unseen": site.page("unseen", *UNSEEN),
            "packages": site.page("packages", PACKAGES),
        }
        executed = site.execute(*pages.values())
        assert {page.state for page in executed.values()} == {"fresh"}
        store = open_store(site.config)
        records = {name: store.of_page(page.page)[0].record for name, page in pages.items()}
        site.pages, site.packages, site.project, site.executed = pages, packages, project, executed
        yield lambda name: Seen(site=site, name=name, observed=records[name].observed)


def test_every_way_of_reading_is_seen(done: Callable[[str], Seen]) -> None:
    """Modules of the site, arrays, JSON, databases, links, and paths as bytes, after chdir and below an open folder."""
    seen = done("reader")
    below = {"helper.py", "settings.json", "array.npy", "raw.bin", "bytes.txt", "link.txt", "runs.db"}
    below |= {"series/a.csv", "series/moved.txt", "series/by-number.txt"}
    shared = {"site:shared.txt", "site:package/__init__.py", "site:package/part.py"}
    assert seen.files == {f"page:{name}" for name in below} | shared
    assert [folder.path for folder in seen.observed.folders] == ["series"]
    assert set(seen.observed.distributions) == {"numpy"}
    assert seen.changes() == ()


def test_what_was_absent_is_seen(done: Callable[[str], Seen]) -> None:
    """A file that could not be opened, and a module that could not be imported, wherever it would have been."""
    shadows = {f"page:{name}{end}" for name in READER_IMPORTS for end in ("/__init__.py", ".py")}
    assert done("reader").absent == {
        "page:optional.toml",
        "page:series/none.csv",
        *(f"{base}:accelerator{end}" for base in ("page", "site", "path") for end in ("", ".py")),
        *(shadows - {"page:helper.py"}),
    }


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("reader/helper.py", "helper.py changed"),
        ("reader/array.npy", "array.npy changed"),
        ("reader/settings.json", "settings.json changed"),
        ("reader/series/a.csv", "series/a.csv changed"),
        ("../shared.txt", "shared.txt changed"),
        ("../elsewhere/target.txt", "link.txt changed"),
        ("reader/optional.toml", "optional.toml is there now"),
        ("../accelerator.py", "accelerator.py is there now"),
        ("reader/series/new.csv", "series/: new.csv came"),
        ("workers/state.pt", "state.pt changed"),
        ("workers/sample1.txt", "sample1.txt changed"),
    ],
)
def test_a_change_is_told_in_words(done: Callable[[str], Seen], change: str, words: str) -> None:
    """Each change of what was read, listed or missed makes the record not hold; taking it back mends that."""
    seen = done(change.partition("/")[0] if not change.startswith("..") else "reader")
    path = seen.site.root / "content" / change
    before = path.read_bytes() if path.exists() else None
    path.write_bytes((before or b"") + b"\n# changed")
    told = seen.changes()
    if before is None:
        path.unlink()
    else:
        path.write_bytes(before)
    assert told == (words,)
    assert seen.changes() == ()


def test_a_file_that_is_gone_is_told(done: Callable[[str], Seen]) -> None:
    """A removed file is gone, and from the folder that was listed too."""
    seen = done("reader")
    path = seen.folder / "series/a.csv"
    path.unlink()
    told = seen.changes()
    path.write_text("1", encoding="utf-8")
    assert told == ("series/: a.csv went", "series/a.csv is gone")


def test_what_no_run_reads_changes_nothing(done: Callable[[str], Seen]) -> None:
    """Hidden files, the output folder and installed packages do not count, nor a new file in a folder only read from."""
    seen = done("reader")
    (seen.folder / ".hidden").write_text("other", encoding="utf-8")
    (seen.folder / "series/.hidden.csv").touch()
    (seen.folder / "unread.csv").touch()
    (seen.site.root / "public/page.html").write_text("other", encoding="utf-8")
    assert seen.changes() == ()


def test_what_the_run_wrote_first_does_not_count(done: Callable[[str], Seen]) -> None:
    """Not as read, not as a name in a folder that it listed, not as absent before."""
    seen = done("writer")
    (folder,) = seen.observed.folders
    assert seen.files == {"page:counter.txt"}
    assert folder.names == ("old.txt",)
    assert not {path for path in seen.absent if "cache" in path}
    assert {"out/array.npy", "out/run", "out/run/log.txt", "out/new.txt", "cache.txt"} <= seen.written
    assert done("workers").written == {"own.pt"}


def test_a_page_that_changes_what_it_read_is_told_so(done: Callable[[str], Seen]) -> None:
    """Its record never holds, since another run would give another result; a warning says why."""
    seen = done("writer")
    warnings = [
        diagnostic.message
        for diagnostic in seen.site.executed["writer"].diagnostics
        if diagnostic.code == "SG317"
    ]
    assert seen.changes() == ("counter.txt was changed while the page ran",)
    assert warnings == ["the page reads `counter.txt` and changes it, so it runs in every build"]


def test_workers_are_watched_too(done: Callable[[str], Seen]) -> None:
    """What forked and newly started processes of a DataLoader read counts, and what torch reads in its own formats."""
    seen = done("workers")
    names = ("samples.py", "sample0.txt", "sample1.txt", "anew0.txt", "anew1.txt", "state.pt", "numbers.bin")
    assert seen.files == {f"page:{name}" for name in names}
    assert "torch" in seen.observed.distributions
    assert seen.observed.unseen == ()


def test_what_cannot_be_followed_is_said_at_its_cell(done: Callable[[str], Seen]) -> None:
    """Programs and C functions are named at the cell that used them, of a cached page too; a probe of the library is not."""
    seen = done("unseen")
    site = seen.site
    cached = site.execute(site.pages["unseen"])["unseen"]
    told = [(str(each.location), each.message.partition(" read is")[0]) for each in cached.diagnostics]
    quiet = site.execute(
        site.page("unseen", *UNSEEN[:2], (UNSEEN[2], {"depends": ("by-script.txt",)})), allowed=False
    )
    assert cached.state == "cached"
    assert told == [
        ("content/unseen/index.md:20", 'what the program "python" and the program "true"'),
        ("content/unseen/index.md:30", "what functions of C through ctypes"),
    ]
    assert seen.files == {"page:script.py"}
    assert "SG317" not in {each.code for each in quiet["unseen"].diagnostics}


def test_distributions_are_those_that_were_imported(done: Callable[[str], Seen]) -> None:
    """Of a namespace package only the part that was imported; one the kernel has for itself only where the page imports it."""
    seen = done("packages")
    assert seen.observed.distributions.keys() == {"fake", "space-one", "psutil"}
    assert seen.files == {"editable:my-project/src/project.py"}


@pytest.mark.parametrize(
    ("name", "version", "words"),
    [("fake", "1.1", ("fake 1.0 -> 1.1",)), ("linter", "2.0", ()), ("space-two", "2.0", ())],
)
def test_an_upgrade_runs_what_imports_it(
    done: Callable[[str], Seen], name: str, version: str, words: tuple[str, ...]
) -> None:
    """An upgrade of a package that was imported is told; one of a linter, or of a neighbour in a namespace, is not."""
    seen = done("packages")
    _install(seen.site.packages, name, version)
    told = seen.changes()
    _install(seen.site.packages, name, "1.0")
    assert told == words


def test_a_package_that_is_gone_or_edited_in_place_is_told(done: Callable[[str], Seen]) -> None:
    """An editable installation outside the site counts by its files, under a name that other machines know."""
    seen = done("packages")
    facts = seen.site.packages / "fake-1.0.dist-info"
    facts.rename(facts.with_suffix(".away"))
    source = seen.site.project / "src/project.py"
    source.write_text("x = 2\n", encoding="utf-8")
    told = seen.changes()
    source.write_text("x = 1\n", encoding="utf-8")
    facts.with_suffix(".away").rename(facts)
    assert told == ("fake 1.0 is no longer installed", "my-project/src/project.py changed")
    assert not files_hold(seen.observed, seen.folder, seen.site.root)


def test_a_moved_page_keeps_its_runs_and_a_copy_gets_none_of_another_folder(
    done: Callable[[str], Seen], counting: Any
) -> None:
    """Files below the page's folder are found from it: with other data in the folder, a record does not fit."""
    seen = done("workers")
    site, backend = seen.site, counting(seen.site)
    shutil.copytree(seen.folder, site.root / "content/moved")
    shutil.copytree(seen.folder, site.root / "content/copied")
    (site.root / "content/copied/sample0.txt").write_text("7", encoding="utf-8")
    pages = site.execute(
        site.page("moved", WORKERS), site.page("copied", WORKERS), backend=backend, allowed=False
    )
    assert pages["moved"].state == "cached"
    assert pages["copied"].state != "cached"
    assert backend.pages == []
