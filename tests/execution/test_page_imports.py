"""Which modules a page is certain to import, by its text alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath

import pytest

from sitegen.content.document import InlineExpression, ValueId
from sitegen.errors import SourceLocation
from sitegen.execution.jobs import Job
from sitegen.execution.page_imports import imported_by

MakeJob = Callable[..., Job]


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
    assert imported_by(make_job(source)) == tuple(modules)


def test_cells_are_read_in_order(make_job: MakeJob) -> None:
    """What changes the environment in one cell, or in a value in prose before it, counts for the next."""
    location = SourceLocation(path=PurePosixPath("content/page/index.md"), line=1)
    value = InlineExpression(id=ValueId("v"), source="exec('x')", after_cells=1, location=location)
    assert imported_by(make_job("import alpha", "import os\nos.environ['A'] = '1'", "import beta")) == (
        "alpha",
    )
    assert imported_by(make_job("import alpha", "import beta", expressions=((1, value),))) == ("alpha",)


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
    assert imported_by(make_job("import helper\nimport alpha", files=files)) == ("beta", "alpha")


def test_a_module_in_the_page_s_folder_is_not_the_installed_one(make_job: MakeJob) -> None:
    """It stands first on the import path."""
    files = {"content/page/beta.py": "import alpha.sub\n"}
    assert imported_by(make_job("import beta", files=files)) == ("alpha", "alpha.sub")


def test_a_module_of_the_site_that_changes_the_environment_cuts(make_job: MakeJob) -> None:
    """Also in a function, which the page may call."""
    files = {"setup_all.py": "import alpha\nimport os\ndef prepare():\n    os.environ['A'] = '1'\n"}
    assert imported_by(make_job("import setup_all\nsetup_all.prepare()\nimport beta", files=files)) == (
        "alpha",
    )


def test_what_the_same_code_imported_in_a_function_counts(make_job: MakeJob) -> None:
    """Only where the text has it, only the package, and not where something may change what its import does."""
    source = "def f():\n    import alpha.sub\nf()"
    assert imported_by(make_job(source, known_modules=("alpha", "beta"))) == ("alpha",)
    assert imported_by(make_job(f"!ls\n{source}", known_modules=("alpha",))) == ()
