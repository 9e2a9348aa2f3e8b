"""What a warm process refuses to have loaded, and what a fork of it has; in processes of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sitegen.execution.zygotes import warm_text

WARM = """
import json, os, sys, types
sys.path[:0] = [{packages!r}, {editable!r}]
os.chdir({cwd!r})
warm = sys.modules["_sitegen_warm"] = types.ModuleType("_sitegen_warm")
exec(compile({source!r}, "_sitegen_warm", "exec"), warm.__dict__)
report = warm.load({names!r}, {site!r}, ["unsafe"])
answer = None
{then}
sys.__stdout__.write(json.dumps([report, answer]) + "\\n")
"""


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """An empty folder of installed packages."""
    folder = tmp_path / "env/site-packages"
    folder.mkdir(parents=True)
    return folder


def _load(packages: Path, *names: str, then: str = "", **environ: str) -> tuple[dict[str, Any], Any]:
    """The report of loading these, and what `then` has put into `answer`."""
    program = WARM.format(
        packages=str(packages),
        editable=str(packages.parent / "project"),
        cwd=str(packages.parent),
        source=warm_text(),
        names=list(names),
        site=str(packages.parent.parent / "site"),
        then=then,
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": "", **environ},
    )
    report, answer = json.loads(done.stdout.splitlines()[-1])
    return report, answer


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("print('welcome')", "output", "it prints: welcome"),
        ("import os\nos.write(2, b'from C')", "output", "it prints: from C"),
        ("import warnings\nwarnings.warn('old')", "output", "it warns: UserWarning: old"),
        (
            "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True, name='pool').start()",
            "thread",
            "it starts the thread `pool`",
        ),
        ("1 / 0", "error", "ZeroDivisionError: division by zero"),
        ("raise SystemExit('no licence')", "error", "SystemExit: no licence"),
        ("import nowhere", "error", "ModuleNotFoundError"),
        ("import unsafe", "known", "it imports `unsafe`, which does not survive a fork"),
        ("import editable", "origin", "`editable` is not from an installed package"),
        ("file = open(__file__)", "open", "bad.py` open"),
        ("import socket\nline = socket.socketpair()", "open", "it leaves `socket:"),
        ("import subprocess\nprogram = subprocess.Popen(['/bin/sleep', '60'])", "process", "a process running"),
        ("import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)", "process", "it handles signals"),
        ("import sys\nsys.path.append('/elsewhere')", "process", "it changes `sys.path`"),
        ("import os\nos.chdir('/')", "process", "it changes `working folder`"),
        ("import builtins\nbuiltins.print = repr", "process", "it changes `builtins.print`"),
        ("import builtins\nbuiltins.__import__ = lambda *a, **k: None", "process", "it changes `builtins.__import__`"),
        ("import sys\nsys.stdout = None", "process", "it changes `sys.stdout`"),
        ("import random\nrandom.random()", "random", "it draws random numbers"),
        ("import os\nhere = os.getcwd()", "folder", "`bad` asks for the working folder"),
        ("from pathlib import Path\nhere = Path('data').resolve()", "folder", "`bad` asks for the working folder"),
        ("get_ipython().events.register('post_run_cell', print)", "shell", "IPython's shell for `events`"),
        ("get_ipython().kernel.comm_manager", "shell", "shell for `comm_manager`"),
        ("shell = get_ipython()", "shell", "it keeps IPython's shell"),
    ],
)  # fmt: skip
def test_what_a_fork_would_not_get_over_is_refused(packages: Path, text: str, kind: str, words: str) -> None:
    """By the name that was asked for, also where a module does it that this one imports."""
    (packages / "bad.py").write_text(text, encoding="utf-8")
    (packages / "asked.py").write_text("import bad", encoding="utf-8")
    (packages / "unsafe.py").write_text("", encoding="utf-8")
    (packages.parent / "project").mkdir()
    (packages.parent / "project/editable.py").write_text("", encoding="utf-8")
    report, _ = _load(packages, "asked")
    [refused] = report["refused"]
    assert (refused["name"], refused["kind"]) == ("asked", kind)
    assert words in refused["reason"]


def test_a_package_may_ask_whether_there_is_a_kernel(packages: Path) -> None:
    """As pandas does when it is imported; the answer is that of a kernel."""
    text = "try:\n    shell = get_ipython()\nexcept NameError:\n    is_kernel = False\nelse:\n    is_kernel = hasattr(shell, 'kernel')\n    del shell"
    (packages / "asks.py").write_text(text, encoding="utf-8")
    report, answer = _load(packages, "asks", then="answer = sys.modules['asks'].is_kernel")
    assert (report["refused"], answer) == ([], True)


def test_a_warning_is_refused_where_a_kernel_would_show_it(packages: Path) -> None:
    """A deprecation is shown to the page that imports the module itself, not to one that imports it by way of another."""
    text = "import warnings\nwarnings.warn('old', DeprecationWarning, stacklevel=2)"
    (packages / "old.py").write_text(text, encoding="utf-8")
    (packages / "asked.py").write_text("import old", encoding="utf-8")
    by_itself, _ = _load(packages, "old")
    by_another, _ = _load(packages, "asked")
    assert [refused["reason"] for refused in by_itself["refused"]] == ["it warns: DeprecationWarning: old"]
    assert by_another["refused"] == []


def test_modules_that_only_define_things_are_loaded(packages: Path) -> None:
    """With their submodules, and with who imports whom."""
    (packages / "good").mkdir()
    (packages / "good/__init__.py").write_text("import json\nfrom . import part\n", encoding="utf-8")
    (packages / "good/part.py").write_text("import colorsys", encoding="utf-8")
    report, closure = _load(packages, "good", then="answer = warm.closure()")
    assert report["refused"] == []
    assert {"good", "good.part", "colorsys"} <= set(closure)
    assert closure["good.part"] == ["colorsys"]
    assert {"good.part", "json"} <= set(closure["good"])


def test_an_import_finds_itself_in_a_kernel(packages: Path) -> None:
    """As far as a name tells; whoever asks for the shell itself is refused."""
    (packages / "asks.py").write_text(
        "is_kernel = __IPYTHON__\nimport __main__\nfile = hasattr(__main__, '__file__')"
    )
    then = (
        "asks = sys.modules['asks']\nanswer = [asks.is_kernel, asks.file, '__IPYTHON__' in dir(__builtins__)]"
    )
    report, answer = _load(packages, "asks", then=then)
    assert report["refused"] == []
    assert answer == [True, False, False]


def test_an_unsafe_name_is_not_even_imported(packages: Path) -> None:
    """What stands before it is loaded, and the process is of no use all the same."""
    (packages / "unsafe.py").write_text("print('imported')", encoding="utf-8")
    report, _ = _load(packages, "colorsys", "unsafe")
    assert [refused["name"] for refused in report["refused"]] == ["unsafe"]


def test_what_an_import_changes_for_all_comes_when_the_page_imports_it(packages: Path) -> None:
    """Filters of warnings in front of those that the page has set by then, and variables of the environment."""
    (packages / "inner.py").write_text(
        "import warnings\nwarnings.filterwarnings('ignore', 'inner')\n", encoding="utf-8"
    )
    (packages / "outer.py").write_text("import inner, os\nos.environ['OUTER'] = '1'\n", encoding="utf-8")
    then = """
import os, warnings
def messages():
    return [each[1].pattern for each in warnings.filters if each[1] is not None]
os.environ.pop("OUTER")  # a kernel's environment is the page's
warm.after_fork()
_, effects = warm.begin()
answer = [messages()]
warnings.filterwarnings("ignore", "page")
effects["outer"]()
answer += [messages(), os.environ["OUTER"], sorted(effects)]
effects["inner"]()
answer.append(messages())
"""
    _, answer = _load(packages, "inner", "outer", then=then)
    assert answer == [[], ["inner", "page"], "1", ["inner", "outer"], ["inner", "page"]]


def test_a_stream_that_a_module_keeps_is_that_of_the_kernel(packages: Path) -> None:
    """A handler of `logging` that was made in the warm process writes into the cell's output."""
    (packages / "logs.py").write_text("import logging\nhandler = logging.StreamHandler()\n", encoding="utf-8")
    then = """
import io, logging, sys
sys.stderr = kernel = io.StringIO()
warm.begin()
sys.stderr = page = io.StringIO()
sys.modules["logs"].handler.emit(logging.makeLogRecord({"msg": "hello"}))
answer = [kernel.getvalue(), page.getvalue()]
"""
    assert _load(packages, "logs", then=then)[1] == ["hello\n", ""]


def test_sources_of_random_numbers_are_new_after_a_fork(packages: Path) -> None:
    """But one that its module has given a seed is the same in every process."""
    (packages / "draws.py").write_text(
        "import random\nfree = random.Random()\nfixed = random.Random(1)\n", encoding="utf-8"
    )
    then = """
draws = sys.modules["draws"]
before = draws.free.getstate(), draws.fixed.getstate()
warm.after_fork()
answer = [draws.free.getstate() != before[0], draws.fixed.getstate() == before[1]]
"""
    assert _load(packages, "draws", then=then)[1] == [True, True]


@pytest.mark.parametrize(
    ("file", "is_refused"),
    [
        ("good.py", True),
        ("random.py", False),
        ("good/__init__.py", True),
        ("good.cpython-311-x86_64-linux-gnu.so", True),
        ("good/data.csv", False),
        ("good.csv", False),
        ("other.py", False),
        ("matplotlibrc", False),
    ],
)
def test_a_folder_with_a_module_of_a_loaded_name_is_refused(
    packages: Path, file: str, is_refused: bool
) -> None:
    """The page would import its own in a new process; the standard library comes before its folder."""
    (packages / "good.py").write_text("", encoding="utf-8")
    page = packages.parent / "page"
    (page / file).parent.mkdir(parents=True)
    (page / file).write_text("", encoding="utf-8")
    report, reason = _load(packages, "good", then=f"answer = warm.refusal({str(page)!r})")
    assert report["refused"] == []
    assert (reason is not None) is is_refused


def test_settings_of_matplotlib_in_the_folder_are_refused(packages: Path) -> None:
    """It reads them when it is imported."""
    code = "import os\nos.path.exists(os.path.join(os.getcwd(), 'matplotlibrc'))"
    (packages / "matplotlib.py").write_text(code, encoding="utf-8")
    page = packages.parent / "page"
    page.mkdir()
    (page / "matplotlibrc").write_text("", encoding="utf-8")
    report, reason = _load(packages, "matplotlib", then=f"answer = warm.refusal({str(page)!r})")
    assert report["refused"] == []
    assert reason == "`matplotlibrc` in its folder is read when a module that is loaded is imported"


@pytest.mark.parametrize(
    ("text", "file", "is_page"),
    [
        ("try:\n    import faster\nexcept ImportError:\n    pass", "faster.py", True),
        ("try:\n    import faster\nexcept ImportError:\n    pass", "faster/data.py", True),
        ("import importlib.util\nimportlib.util.find_spec('faster')", "faster.py", False),
        ("import os\nos.path.isfile('.settings.yaml')", ".settings.yaml", True),
        ("try:\n    open('settings')\nexcept OSError:\n    pass", "settings", True),
    ],
)
def test_a_folder_with_what_an_import_looked_for_is_refused(
    packages: Path, text: str, file: str, is_page: bool
) -> None:
    """A module that the package can do without, or a file of settings: a new process would find it there."""
    (packages / "good.py").write_text(text, encoding="utf-8")
    page, site = packages.parent / "page", packages.parent.parent / "site"
    page.mkdir()
    before, after = (
        [report, reason] for report, reason in _with_and_without(packages, page, site, file, is_page)
    )
    assert before == [{"refused": []}, None]
    assert after[0] == {"refused": []}
    assert f"`{Path(file).parts[0]}`" in after[1]


def _with_and_without(packages: Path, page: Path, site: Path, file: str, is_page: bool) -> Any:
    yield _load(packages, "good", then=f"answer = warm.refusal({str(page)!r})")
    path = (page if is_page else site) / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("", encoding="utf-8")
    yield _load(packages, "good", then=f"answer = warm.refusal({str(page)!r})")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import os\nprofile = os.environ.get('SITEGEN_PROFILE')", "it reads the variable `SITEGEN_PROFILE`"),
        ("open('written', 'w').close()", "it writes `written`"),
        ("import uuid\nrun = uuid.uuid4()", "it draws random numbers, or makes a source of them"),
        (
            "import numpy\nown = numpy.random.default_rng()",
            "it draws random numbers, or makes a source of them",
        ),
        ("import sys\nsys.setrecursionlimit(5000)", "it changes `the limit of recursion`"),
        ("import decimal\ndecimal.getcontext().prec = 5", "it changes `decimal's context`"),
        ("import logging\nlogging.disable(30)", "it changes `the root logger`"),
        ("import socket\nsocket.setdefaulttimeout(7)", "it changes `the time-out of sockets`"),
        ("import builtins\nbuiltins.theirs = 1", "it changes `names of builtins`"),
        (
            "from traitlets.config import Application\nApplication.initialized()",
            "it asks for IPython's `Application`",
        ),
    ],
)
def test_what_a_page_would_see_before_its_import_is_refused(packages: Path, text: str, words: str) -> None:
    """Or what differs from one page to the next."""
    (packages / "good.py").write_text(text, encoding="utf-8")
    for name in ("numpy", "traitlets"):
        module = Path(__import__(name).__file__ or "").parent
        (packages / name).symlink_to(module)
    report, _ = _load(packages, "traitlets.config", "good", SITEGEN_PROFILE="full")
    assert [each["reason"] for each in report["refused"]] == [words]
