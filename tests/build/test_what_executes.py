"""What makes a page run, and what does not: a small site with real kernels, edited, built, and put back.

Every page is executed once for the whole file. A test then changes one thing, looks which pages the build executes and what
`sitegen why` said of them before, and undoes it: the first records hold again.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from sitegen.build.build import build
from sitegen.build.explain import explain, index_site
from sitegen.build.result import BuildOptions, BuildResult
from sitegen.cli.main import main
from sitegen.config import Config, load_config
from sitegen.execution import devices
from sitegen.execution.backends import LocalBackend
from sitegen.execution.devices import Machine
from sitegen.execution.jobs import Job, Run
from sitegen.execution.policy import ExecutionPolicy
from sitegen.results.store import open_store

pytestmark = pytest.mark.kernel

SETTINGS = """baseURL = "https://example.org/"
title = "T"
[execute]
enabled = true
device = "cpu"
"""

PLAIN = """+++
title = "Plain"
+++
Prose before.

```python
#| label: draw
#| fig-cap: A curve
#| fig-width: 6
factor = 3
print(factor * 2)
```

```python
#| label: say
print("said")
```

And `{python} factor + 1` in prose.
"""

PAGES = {
    "plain": PLAIN,
    "module": "+++\ntitle = 'M'\n+++\n```python\nimport helper\n\nprint(helper.WORD)\n```\n",
    "data": "+++\ntitle = 'D'\n+++\n```python\nwith open('returns.csv') as file:\n    print(file.read())\n```\n",
    "package": "+++\ntitle = 'P'\n+++\n```python\nimport tinymath\n\nprint(tinymath.ONE)\n```\n",
    "parameters": (
        "+++\ntitle = 'V'\n[execute.parameters]\nrate = 0.1\n+++\n"
        "```python\n#| tags: [parameters]\nrate = 1.0\n```\n\n```python\nprint(rate)\n```\n"
    ),
    "quiet": "+++\ntitle = 'Q'\n+++\n```python\nprint('quiet')\n```\n",
    "anywhere": "+++\ntitle = 'A'\n+++\n```python\n#| device: auto\nprint('here')\n```\n",
}
FILES = {
    "sitegen.toml": SETTINGS,
    **{f"content/{name}/index.md": text for name, text in PAGES.items()},
    "content/module/helper.py": "WORD = 'one'\n",
    "content/data/returns.csv": "1,2,3\n",
}


class Counting(LocalBackend):
    """The pool of real kernels, with the pages that it was asked for."""

    def __init__(self, config: Config) -> None:
        super().__init__(config, workers=2)
        self.pages: list[str] = []

    def run(self, jobs: Iterable[Job]) -> Iterator[Run]:
        """As the pool does."""
        queue = tuple(jobs)
        self.pages += [str(job.page) for job in queue]
        return super().run(queue)


@dataclass(slots=True)
class Site:
    """The site, and what its builds execute."""

    root: Path
    packages: Path
    changed: dict[str, str] = field(default_factory=dict)

    def replace(self, name: str, old: str, new: str) -> None:
        """Edit a file as an author does; `restore` undoes it."""
        text = (self.root / name).read_text("utf-8")
        assert old in text
        self.write(name, text.replace(old, new))

    def write(self, name: str, text: str) -> None:
        """Write a file of the site."""
        self.changed.setdefault(name, FILES[name])
        (self.root / name).write_text(text, encoding="utf-8")

    def restore(self) -> None:
        """The site as it was."""
        for name, text in self.changed.items():
            (self.root / name).write_text(text, encoding="utf-8")
        self.changed.clear()
        self.install("1.0")

    def install(self, version: str) -> None:
        """Install `tinymath`, in place of what was there."""
        for old in self.packages.glob("*.dist-info"):
            old.rename(self.packages / f"tinymath-{version}.dist-info")
        info = self.packages / f"tinymath-{version}.dist-info"
        info.mkdir(parents=True, exist_ok=True)
        info.joinpath("METADATA").write_text(
            f"Metadata-Version: 2.1\nName: tinymath\nVersion: {version}\n", encoding="utf-8"
        )
        info.joinpath("RECORD").write_text("tinymath/__init__.py,,\n", encoding="utf-8")

    def build(self, **policy: bool) -> tuple[list[str], BuildResult]:
        """The pages that a build executes, and its result."""
        config = load_config(self.root, environ={}, now=datetime(2030, 1, 1, tzinfo=UTC))
        backend = Counting(config)
        options = BuildOptions(policy=ExecutionPolicy(**policy))
        result = build(config, options, backend=backend, store=open_store(config))
        assert not result.failed, result.diagnostics
        return sorted(backend.pages), result

    def why(self) -> dict[str, str]:
        """What `sitegen why` says of the pages that would run."""
        config = load_config(self.root, environ={}, now=datetime(2030, 1, 1, tzinfo=UTC))
        index = index_site(config)
        found = explain(index.pages, index, open_store(config), ExecutionPolicy(), config)
        return {str(each.page): "; ".join(each.why) for each in found if each.would_run}

    def html(self, page: str) -> str:
        """What is published of a page."""
        return (self.root / f"public/{page}/index.html").read_text("utf-8")


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site after its first build, in an environment with the package `tinymath`."""
    folder = tmp_path_factory.mktemp("what-executes")
    site = Site(root=folder / "site", packages=folder / "env/site-packages")
    for name, text in FILES.items():
        (site.root / name).parent.mkdir(parents=True, exist_ok=True)
        (site.root / name).write_text(text, encoding="utf-8")
    site.install("1.0")
    (site.packages / "tinymath").mkdir()
    (site.packages / "tinymath/__init__.py").write_text("ONE = 1\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(site.packages))
        spec = folder / "jupyter/kernels/python3/kernel.json"
        spec.parent.mkdir(parents=True)
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        environment = {"PYTHONPATH": str(site.packages)}
        spec.write_text(json.dumps({"argv": argv, "language": "python", "env": environment}), "utf-8")
        patch.setenv("JUPYTER_PATH", str(folder / "jupyter"))
        pages, _ = site.build()
        assert pages == sorted(f"/{name}" for name in PAGES)
        yield site


@pytest.fixture
def site(executed: Site) -> Iterator[Site]:
    """The site as its first build left it; what a test changes is undone."""
    yield executed
    executed.restore()


def test_nothing_changed(site: Site) -> None:
    """A second build starts no kernel."""
    assert (site.why(), site.build()[0]) == ({}, [])


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("Prose before.", "Quite other prose.", "Quite other prose."),
        ('title = "Plain"', 'title = "Another"', "Another"),
        ("#| fig-cap: A curve", "#| fig-cap: Two curves", "said"),
        ("#| label: say", "#| label: say\n#| code-fold: true", "<details"),
        ("#| label: say", "#| label: say\n#| echo: false", "said"),
        ("#| label: say", "#| label: renamed", "renamed"),
        ("```python\n#| label: say", "```\nstatic\n```\n\n```python\n#| label: say", "static"),
    ],
    ids=["prose", "title", "caption", "fold", "echo", "label", "a static fence"],
)
def test_presentation_executes_nothing(site: Site, old: str, new: str, shown: str) -> None:
    """Prose, titles, captions, folds and labels are written without a kernel."""
    site.replace("content/plain/index.md", old, new)

    said, (pages, _) = site.why(), site.build()

    assert (said, pages) == ({}, [])
    assert shown in site.html("plain")


def _code(site: Site) -> None:
    site.replace("content/plain/index.md", 'print("said")', 'print("more")')


def _option(site: Site) -> None:
    site.replace("content/plain/index.md", "#| fig-width: 6", "#| fig-width: 8")


def _expression(site: Site) -> None:
    site.replace("content/plain/index.md", "factor + 1", "factor + 2")


def _added(site: Site) -> None:
    site.replace("content/plain/index.md", "And `", "```python\n2\n```\n\nAnd `")


def _swapped(site: Site) -> None:
    text = FILES["content/plain/index.md"]
    first, second = text.index("```python"), text.rindex("```python")
    end = text.index("And `")
    site.write(
        "content/plain/index.md",
        f"{text[:first]}{text[second:end]}{text[first:second]}{text[end:]}",
    )


def _helper(site: Site) -> None:
    site.write("content/module/helper.py", "WORD = 'two'\n")


def _data(site: Site) -> None:
    site.write("content/data/returns.csv", "4,5,6\n")


def _package(site: Site) -> None:
    site.install("1.1")


def _parameter(site: Site) -> None:
    site.replace("content/parameters/index.md", "rate = 0.1", "rate = 0.2")


def _seed(site: Site) -> None:
    site.replace("content/plain/index.md", 'title = "Plain"', 'title = "Plain"\n[execute]\nseed = 7')


@pytest.mark.parametrize(
    ("edit", "page", "why"),
    [
        (_code, "/plain", 'cell "say" (line 16) changed'),
        (_option, "/plain", 'cell "draw" (line 10): fig-width 6 -> 8'),
        (_expression, "/plain", "inline expression `factor + 2` (line 19) is new or changed"),
        (_added, "/plain", "cell 3 (line 20) is new"),
        (_swapped, "/plain", 'cell "say" (line 8) moved'),
        (_helper, "/module", "helper.py changed"),
        (_data, "/data", "returns.csv changed"),
        (_package, "/package", "tinymath 1.0 -> 1.1"),
        (_parameter, "/parameters", "parameter rate 0.1 -> 0.2"),
        (_seed, "/plain", "seed none -> 7"),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else "",
)
def test_what_matters_executes_that_page(
    site: Site, edit: Callable[[Site], None], page: str, why: str
) -> None:
    """Exactly the page concerned runs, and `why` names what changed, before the build and in its report."""
    edit(site)

    said = site.why()
    pages, result = site.build()

    assert said == {page: why}
    assert pages == [page]
    report = next(report for report in result.reports if report.page == page)
    assert (report.state, "; ".join(report.why)) == ("fresh", why)


def test_profile_executes_every_page(site: Site) -> None:
    """The profile is in every key: a smoke run is no full one."""
    site.replace("sitegen.toml", 'device = "cpu"', 'device = "cpu"\nprofile = "smoke"')

    said = site.why()

    assert said == {f"/{name}": "profile full -> smoke" for name in PAGES}


def test_device_executes_pages_that_take_what_is_there(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine with CUDA a page of `device: auto` runs again; those that ask for a CPU do not."""
    machine = Machine(cpu_model="m", cpu_count=2, cuda_devices=("H200",), cuda_driver="1")
    monkeypatch.setattr(devices, "detect", lambda: machine)
    monkeypatch.setattr(devices, "cuda_names", lambda *_: machine.cuda_devices)

    said = site.why()
    pages, _ = site.build()

    assert (said, pages) == ({"/anywhere": "device cpu -> H200"}, ["/anywhere"])


def test_undone_edit_finds_the_first_record_again(site: Site) -> None:
    """The published output is that of the data as it now is, without a run."""
    site.write("content/data/returns.csv", "7,8,9\n")
    edited, _ = site.build()
    after_edit = site.html("data")
    site.restore()

    pages, _ = site.build()

    assert (edited, pages) == (["/data"], [])
    assert "7,8,9" in after_edit
    assert "1,2,3" in site.html("data")


# --- the command --------------------------------------------------------------------------------------


@pytest.fixture
def why(site: Site) -> Callable[..., Any]:
    """Calls `sitegen why` on the site."""
    return lambda *words: CliRunner().invoke(main, ["why", "-s", str(site.root), *words])


@pytest.mark.parametrize("page", ["content/plain/index.md", "/plain", "/plain/", "plain"])
def test_why_finds_a_page_by_any_of_its_names(site: Site, why: Callable[..., Any], page: str) -> None:
    """A source file, a key, a URL's path."""
    site.replace("content/plain/index.md", 'print("said")', 'print("never built")')

    result = why(page)

    assert (result.exit_code, result.stdout) == (0, 'would run: cell "say" (line 16) changed\n')


def test_why_says_what_holds(why: Callable[..., Any]) -> None:
    """A page that would not run has a record; what it was checked for is counted."""
    result = why("/data")

    assert result.stdout.startswith("would not run: the record of ")
    assert result.stdout.endswith(" holds: 1 cell, 1 file\n")


def test_why_without_page_lists_all(site: Site, why: Callable[..., Any]) -> None:
    """One line for each page with cells."""
    site.write("content/module/helper.py", "WORD = 'never built'\n")

    result = why()

    lines = dict(line.split(": ", 1) for line in result.stdout.splitlines())
    assert set(lines) == {f"/{name}" for name in PAGES}
    assert lines["/module"] == "would run: helper.py changed"


def test_why_as_json(site: Site, why: Callable[..., Any]) -> None:
    """A program reads the same words, with the record; and what a build without execution would show."""
    site.replace("content/quiet/index.md", "print('quiet')", "print('loud')")

    (found,) = json.loads(why("/quiet", "--json", "--no-execute").stdout)

    assert (found["would_run"], found["state"]) == (False, "stale")
    assert found["why"] == ["this build does not execute", "cell 1 (line 5) changed"]
    assert len(found["record"]) == 64
    assert found["started"].endswith("Z")


def test_why_loads_no_jupyter(site: Site) -> None:
    """Asking is quick: nothing that only a run needs is imported."""
    script = (
        "import sys\n"
        "from click.testing import CliRunner\n"
        "from sitegen.cli.main import main\n"
        "done = CliRunner().invoke(main, ['why', '-s', sys.argv[1]])\n"
        "heavy = ('jupyter_client', 'nbclient', 'nbformat', 'zmq', 'torch', 'IPython', 'fsspec')\n"
        "print(done.exit_code, [name for name in heavy if name in sys.modules])\n"
    )

    answer = subprocess.run(
        [sys.executable, "-c", script, str(site.root)], capture_output=True, text=True, check=True
    )

    assert answer.stdout == "0 []\n"


def test_why_of_a_page_with_an_error(site: Site, why: Callable[..., Any]) -> None:
    """The error is printed with its line, and the exit code is 1."""
    site.replace("content/plain/index.md", "#| label: say", "#| labl: say")

    result = why("/plain")

    assert result.exit_code == 1
    assert "content/plain/index.md:15" in result.stderr
    assert "did you mean `label`?" in result.stderr


def test_why_of_a_page_without_cells(site: Site, why: Callable[..., Any]) -> None:
    """There is nothing to run, and that is said."""
    site.replace("sitegen.toml", "enabled = true", "enabled = false")

    result = why("/quiet")

    assert (result.exit_code, result.stdout) == (0, "`/quiet` has no cells that run\n")


def test_why_of_an_unknown_page_names_the_near_match(why: Callable[..., Any]) -> None:
    """Exit code 2, as for every wrong call."""
    result = why("/plian")

    assert result.exit_code == 2
    assert "did you mean `/plain`?" in result.stderr
