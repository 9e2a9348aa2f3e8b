"""What a text is certain to import, read from the text alone."""

from __future__ import annotations

import pytest

from sitegen.execution.static_imports import Found, scan_cell, scan_module


def _certain(found: Found) -> list[str]:
    return [".".join((statement.module, *statement.names)) for statement in found.certain]


@pytest.mark.parametrize(
    ("source", "certain"),
    [
        ("import numpy as np\nimport torch.nn.functional as F", ["numpy", "torch.nn.functional"]),
        ("from matplotlib import pyplot as plt", ["matplotlib.pyplot"]),
        ("x = 1\nprint(x)\nimport numpy", ["numpy"]),
        ("if __name__ == '__main__':\n    import numpy", ["numpy"]),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import numpy", ["typing.TYPE_CHECKING"]),
        ("with open('x') as f:\n    import numpy", ["numpy"]),
        ("class A:\n    import numpy", ["numpy"]),
        ("def f():\n    import numpy", []),
        ("if fast:\n    import numpy\nelse:\n    import torch", []),
        ("for _ in range(n):\n    import numpy", []),
        ("try:\n    import numpy\nexcept ImportError:\n    import torch\nfinally:\n    import scipy", ["numpy", "scipy"]),
        ("try:\n    work()\n    import numpy\nexcept Exception:\n    pass", []),
        ("import contextlib\nwith contextlib.suppress(ValueError):\n    work()\n    import numpy", ["contextlib"]),
        ("await work()\nimport numpy", ["numpy"]),
        ("%time import numpy", ["numpy"]),
    ],
)  # fmt: skip
def test_an_import_is_certain_where_nothing_can_keep_it_from_being_run(
    source: str, certain: list[str]
) -> None:
    """Imports in functions, branches and loops may never be run."""
    assert _certain(scan_cell(source)) == certain


@pytest.mark.parametrize(
    "before",
    [
        "import os\nos.environ['A'] = '1'",
        "import os as o\no.environ.update(A='1')",
        "from os import environ\nenviron.setdefault('A', '1')",
        "import os\ndel os.environ['A']",
        "import os\nos.environ |= {'A': '1'}",
        "import os\nenv = os.environ\nenv['A'] = '1'",
        "import os\nset_all(os.environ)",
        "import os\nos.putenv('A', '1')",
        "import os\nos.chdir('..')",
        "import os\nos.system('pip install x')",
        "from dotenv import load_dotenv\nload_dotenv()",
        "import sys\nsys.path.insert(0, 'src')",
        "import sys\nsys.modules.pop('numpy', None)",
        "import sys\nsys.meta_path.append(finder)",
        "import sys\nsys.stdout = out",
        "import importlib\nimportlib.reload(x)",
        "import importlib\nimportlib.import_module(name)",
        "import matplotlib\nmatplotlib.use('Agg')",
        "import matplotlib as mpl\nmpl.rcParams['figure.dpi'] = 90",
        "import torch\ntorch.set_default_dtype(torch.float64)",
        "import torch\ntorch.backends.cudnn.benchmark = True",
        "import warnings\nwarnings.simplefilter('error')",
        "import warnings\nwith warnings.catch_warnings(record=True) as told:\n    pass",
        "import subprocess\nsubprocess.run(['make'])",
        "exec(text)",
        "get_ipython().run_line_magic('env', 'A=1')",
        "import os\ndef prepare():\n    os.environ['A'] = '1'",
        "!pip install x",
        "files = !ls",
        "%env A=1",
        "%cd ..",
        "%run other.py",
        "import os\n%time os.environ['A'] = '1'",
        "%%bash\nexport A=1",
    ],
)
def test_what_can_change_a_later_import_cuts(before: str) -> None:
    """Nothing that comes after it is loaded before the page begins."""
    assert scan_cell(before).is_cut
    assert "numpy" not in _certain(scan_cell(f"{before}\nimport numpy"))


@pytest.mark.parametrize(
    "before",
    [
        "import os\nprint(os.environ['HOME'], os.environ.get('A'), 'A' in os.environ)",
        "import warnings\nwarnings.filterwarnings('ignore')",
        "import warnings\nwith warnings.catch_warnings():\n    warnings.simplefilter(action='ignore')",
        "import numpy as np\nnp.random.seed(0)\nx = np.zeros(3)",
        "import torch\ntorch.manual_seed(0)\nmodel = torch.nn.Linear(1, 1)\nmodel.use(1)",
        "settings = {}\nsettings['a'] = 1\nsettings.update(b=2)",
        "%matplotlib inline",
        "%config InlineBackend.figure_format = 'svg'",
        "%load_ext autoreload\n%autoreload 2",
        "%time x = 1",
        "%%time\nx = 1",
        "torch?",
        "text = '''\n!not a command\n%env A=1\n'''",
    ],
)
def test_what_no_import_goes_by_does_not_cut(before: str) -> None:
    """Reading the environment, hiding warnings, seeds and the usual magics are in most notebooks."""
    assert not scan_cell(before).is_cut
    assert "scipy" in _certain(scan_cell(f"{before}\nimport scipy"))


def test_a_cell_that_does_not_parse_has_no_imports() -> None:
    """It may be of a newer Python, or not Python at all: nothing after it is certain."""
    assert scan_cell("import numpy\nthis is no Python") == Found(is_cut=True)


def test_what_may_be_imported_is_told_apart() -> None:
    """A record may know that it was."""
    found = scan_cell("def f():\n    import torch\nif x:\n    import numpy")
    assert [statement.module for statement in found.possible] == ["torch", "numpy"]


def test_a_cell_that_may_raise_is_certain_of_its_first_imports_only() -> None:
    """Its exception is shown, and the page goes on."""
    assert _certain(scan_cell("import numpy\nwork()\nimport torch", may_raise=True)) == ["numpy"]


def test_imports_of_one_try_belong_together() -> None:
    """Where the first is not found, the second is not run."""
    first, second, third = scan_cell(
        "try:\n    import a\n    import b\nexcept ImportError:\n    pass\nimport c"
    ).certain
    assert first.guard == second.guard != 0
    assert third.guard == 0


def test_a_module_keeps_the_dots_of_its_imports() -> None:
    """And is not the main program."""
    found = scan_module("from . import a\nfrom ..b import c\nif __name__ == '__main__':\n    import d")
    assert [(each.level, each.module, each.names) for each in found.certain] == [
        (1, "", ("a",)),
        (2, "b", ("c",)),
    ]
