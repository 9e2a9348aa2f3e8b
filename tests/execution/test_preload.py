"""Which modules a page may have loaded when it begins, and which warm processes are worth it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from sitegen.content.document import CellId, CodeCell, InlineExpression, PageKey, ValueId
from sitegen.content.execute_options import CellOptions, PageExecution
from sitegen.errors import SourceLocation
from sitegen.execution import preload
from sitegen.execution.jobs import Job, KernelChoice, PageDevice

MakeJob = Callable[..., Job]


@pytest.fixture
def make_job(tmp_path: Path) -> MakeJob:
    """Makes the job of a page in a site with a small environment."""
    packages = tmp_path / "env/lib/python3.11/site-packages"
    for path, text in {
        "alpha/__init__.py": "from .made import made\n",
        "alpha/made.py": "",
        "alpha/sub.py": "",
        "alpha/deep/__init__.py": "",
        "alpha/deep/part.py": "",
        "beta.py": "",
        "gamma/__init__.py": "def __getattr__(name): ...\n",
        "gamma/lazy.py": "",
        "space/one/__init__.py": "",
        "jax/__init__.py": "",
    }.items():
        file = packages / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    kernel = KernelChoice(
        name="python3",
        language="python",
        argv=("python", "-m", "ipykernel_launcher", "-f", "{connection_file}"),
        interpreter="CPython 3.11.7",
        search_path=(str(packages),),
    )

    def make(*cells: str, name: str = "page", files: dict[str, str] | None = None, **more: Any) -> Job:
        path = PurePosixPath(f"content/{name}/index.md")
        folder = (tmp_path / path).parent
        folder.mkdir(parents=True, exist_ok=True)
        for file, text in (files or {}).items():
            (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / file).write_text(text, encoding="utf-8")
        fields: dict[str, Any] = {"execution": PageExecution(), "kernel": kernel, **more}
        return Job(
            page=PageKey(f"/{name}"),
            path=path,
            root=tmp_path,
            state_dir=tmp_path / ".sitegen",
            cells=tuple(
                CodeCell(
                    id=CellId(f"cell-{number}"),
                    language="python",
                    source=source,
                    location=SourceLocation(path=path, line=number),
                    options=CellOptions(),
                )
                for number, source in enumerate(cells)
            ),
            device=PageDevice(kind="cpu"),
            **fields,
        )

    return make


@pytest.mark.parametrize(
    ("source", "modules"),
    [
        ("import alpha", ["alpha"]),
        ("import alpha.deep.part, beta", ["alpha", "alpha.deep", "alpha.deep.part", "beta"]),
        ("from alpha import sub", ["alpha", "alpha.sub"]),
        ("from alpha import made", ["alpha"]),
        ("from alpha import Something", ["alpha"]),
        ("from gamma import lazy", ["gamma"]),
        ("import space.one", ["space", "space.one"]),
        ("import json, sys, sitegen.lab, IPython", []),
        ("import nowhere\nimport beta", []),
        ("try:\n    import nowhere\n    import alpha\nexcept ImportError:\n    pass\nimport beta", ["beta"]),
        ("import alpha\nalpha.use(1)\nimport beta", ["alpha"]),
    ],
)
def test_modules_of_packages_that_the_cells_are_certain_to_import(
    make_job: MakeJob, source: str, modules: list[str]
) -> None:
    """By their dotted names; what a package may have under a name of its own is not taken for a module."""
    assert preload.imported_by(make_job(source)) == tuple(modules)


def test_cells_are_read_in_order(make_job: MakeJob) -> None:
    """What changes the environment in one cell, or in a value in prose before it, counts for the next."""
    location = SourceLocation(path=PurePosixPath("content/page/index.md"), line=1)
    value = InlineExpression(id=ValueId("v"), source="exec('x')", after_cells=1, location=location)
    assert preload.imported_by(
        make_job("import alpha", "import os\nos.environ['A'] = '1'", "import beta")
    ) == ("alpha",)
    assert preload.imported_by(make_job("import alpha", "import beta", expressions=((1, value),))) == (
        "alpha",
    )


def test_modules_of_the_site_are_followed_and_never_loaded(make_job: MakeJob) -> None:
    """Those of the page's folder come first, those of the site's folder last; relative imports are theirs."""
    files = {
        "content/page/helper.py": "import common.tools\ndef f():\n    import gamma\n",
        "common/__init__.py": "from . import more\n",
        "common/tools.py": "",
        "common/more.py": "import beta\n",
        "alpha.py": "import gamma\n",
        "content/page/beta/readme.txt": "no package",
    }
    assert preload.imported_by(make_job("import helper\nimport alpha", files=files)) == ("beta", "alpha")


def test_a_module_in_the_page_s_folder_is_not_the_installed_one(make_job: MakeJob) -> None:
    """It stands first on the import path."""
    files = {"content/page/beta.py": "import alpha.sub\n"}
    assert preload.imported_by(make_job("import beta", files=files)) == ("alpha", "alpha.sub")


def test_a_module_of_the_site_that_changes_the_environment_cuts(make_job: MakeJob) -> None:
    """Also in a function, which the page may call."""
    files = {"setup_all.py": "import alpha\nimport os\ndef prepare():\n    os.environ['A'] = '1'\n"}
    assert preload.imported_by(
        make_job("import setup_all\nsetup_all.prepare()\nimport beta", files=files)
    ) == ("alpha",)


def test_what_the_same_code_imported_in_a_function_counts(make_job: MakeJob) -> None:
    """Only where the text has it, only the package, and not where something may change what its import does."""
    source = "def f():\n    import alpha.sub\nf()"
    assert preload.imported_by(make_job(source, known_modules=("alpha", "beta"))) == ("alpha",)
    assert preload.imported_by(make_job(f"!ls\n{source}", known_modules=("alpha",))) == ()


def test_a_set_is_planned_where_two_pages_use_it(make_job: MakeJob) -> None:
    """Each page gets the largest that is a part of its own; what one page alone imports is not loaded for it."""
    jobs = [
        make_job("import alpha, beta", name="a"),
        make_job("import beta\nimport alpha.sub", name="b"),
        make_job("import beta", name="c"),
        make_job("import gamma", name="d"),
        make_job("import alpha, beta", name="cold", execution=PageExecution(warm=False)),
    ]
    planned = preload.plan(jobs)
    sets = {page.strip("/"): modules for page, modules in planned.sets.items()}
    assert sets == {"a": ("alpha", "beta"), "b": ("alpha", "beta"), "c": ("beta",), "d": ()}
    assert planned.modules_of(PageKey("/cold")) is None
    for job in jobs[:4]:
        assert set(planned.sets[job.page]) <= set(preload.imported_by(job))


def test_a_set_of_one_page_is_a_step_of_others(make_job: MakeJob) -> None:
    """What two pages load has it in it: made first, it costs them nothing, and serves the page that has no more."""
    jobs = [
        make_job("import alpha, beta, gamma", name="a"),
        make_job("import alpha, beta, gamma", name="b"),
        make_job("import alpha, beta", name="c"),
    ]
    planned = preload.plan(jobs)
    assert planned.sets[PageKey("/c")] == ("alpha", "beta")
    assert planned.sets[PageKey("/a")] == ("alpha", "beta", "gamma")
    assert planned.steps[PageKey("/a")] == (("alpha", "beta"),)
    assert planned.steps[PageKey("/c")] == ()


def test_pages_of_other_surroundings_share_nothing(make_job: MakeJob) -> None:
    """A variable that one page lets through may be read by an import."""
    jobs = [
        make_job("import alpha", name="a"),
        make_job("import alpha", name="b", execution=PageExecution(env=("X",))),
    ]
    assert set(preload.plan(jobs).sets.values()) == {()}


def test_what_is_unsafe_or_was_refused_is_left_out(make_job: MakeJob) -> None:
    """With what is below it."""
    jobs = [make_job("import jax, alpha.deep, beta", name=name) for name in "ab"]
    assert set(preload.plan(jobs).sets.values()) == {("alpha", "alpha.deep", "beta")}
    assert set(preload.plan(jobs, refused={"alpha": "it prints"}).sets.values()) == {("beta",)}


def test_other_kernels_start_cold(make_job: MakeJob) -> None:
    """R, Julia, and Python's other kernels."""
    kernel = KernelChoice(name="xpython", language="python", argv=("xpython",), interpreter="CPython 3.11.7")
    assert preload.plan([make_job("import alpha", name=name, kernel=kernel) for name in "ab"]).sets == {}


def test_the_parent_is_the_largest_proper_part() -> None:
    """The tree of warm processes."""
    others = [(), ("a",), ("a", "b"), ("c",), ("a", "b", "c")]
    assert preload.parent(("b", "c", "a"), others) == ("a", "b")
    assert preload.parent(("d",), []) == ()
