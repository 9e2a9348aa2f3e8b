"""When a page runs, when a record is taken, and what is said of each."""

from __future__ import annotations

import dataclasses
import errno
import functools
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sitegen.content.executed import StreamOutput
from sitegen.execution import devices, distributions, kernelspecs
from sitegen.execution.devices import Machine

pytestmark = pytest.mark.kernel

LOOKUP = """
import sys
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from sitegen.config import Config
from sitegen.content.document import CodeCell, Document
from sitegen.content.execute_options import CellOptions, PageExecution
from sitegen.errors import SourceLocation
from sitegen.execution.backends import LocalBackend
from sitegen.execution.run import ExecutionPolicy, execute
from sitegen.results.store import open_store

config = Config(root=Path.cwd(), now=datetime.now(UTC))
path = PurePosixPath("a.md")
cell = CodeCell(
    id="cell-1", language="python", source="1", location=SourceLocation(path=path), options=CellOptions()
)
page = Document(page="/a", path=path, execution=PageExecution(), cells=(cell,))
policy = ExecutionPolicy(allowed=False)
(done,) = execute([page], LocalBackend(config), open_store(config), policy, config)
heavy = ("jupyter_client", "nbclient", "nbformat", "zmq", "torch", "IPython", "asyncio")
print(done.state, [name for name in heavy if name in sys.modules])
"""


def _text(page: Any, cell: str = "cell-1") -> str:
    (output,) = page.runs[cell].outputs
    assert isinstance(output, StreamOutput)
    return output.text


@pytest.fixture(scope="module")
def done(shared_site: Any) -> Any:
    """A site with pages that were executed once."""
    site = shared_site
    helper = site.root / "content/helped/helper.py"
    helper.parent.mkdir(parents=True)
    helper.write_text("WORD = 'one'\n", encoding="utf-8")
    (site.root / "content/data").mkdir()
    (site.root / "content/data/a.csv").write_text("1", encoding="utf-8")
    site.execute(
        site.page("plain", ("print('a')", {"label": "first"}), values=[(1, "1 + 1")]),
        site.page("helped", "import helper, numpy\nprint(helper.WORD)"),
        site.page("data", ("print('d')", {"depends": ("*.csv",)})),
        site.page("wrong", "1/0"),
        site.page("two", "print('x')", "print('y')"),
        site.page("cuda", ("print('on ' + 'cpu')", {"device": "cpu"})),
    )
    return site


def test_unchanged_pages_start_no_kernel(done: Any, counting: Any) -> None:
    """A second build takes everything from the records, value for value, and imports no Jupyter."""
    backend = counting(done)
    pages = done.execute(
        done.page("plain", ("print('a')", {"label": "first"}), values=[(1, "1 + 1")]), backend=backend
    )
    page = pages["plain"]
    assert (page.state, _text(page), backend.pages) == ("cached", "a\n", [])
    assert page.values["value-1"].data["text/plain"] == "2"
    assert page.provenance.device_class == "cpu"
    assert page.provenance.environment["cpu_count"] > 0


@pytest.mark.parametrize(
    "options",
    [{"fig_cap": "new"}, {"label": "other"}, {"echo": False, "code_fold": True}, {"timeout_s": 3.0}],
)
def test_presentation_runs_nothing(done: Any, counting: Any, options: dict[str, Any]) -> None:
    """Captions, labels, folds and limits are not in the key."""
    backend = counting(done)
    page = done.page("plain", ("print('a')", options), values=[(1, "1 + 1")])
    assert done.execute(page, backend=backend)["plain"].state == "cached"


def test_a_static_cell_above_runs_nothing(done: Any, counting: Any) -> None:
    """A cell that is only shown shifts the names of the others, and the record still fits."""
    page = done.page("plain", ("x", {"exec": False}), "print('a')", values=[(2, "1 + 1")])
    executed = done.execute(page)["plain"]
    assert executed.state == "cached"
    assert _text(executed, "cell-2") == "a\n"


@pytest.mark.parametrize(
    ("cells", "more"),
    [
        (["print('b')"], {"values": [(1, "1 + 1")]}),
        (["print('a')"], {"values": [(1, "1 + 2")]}),
        ([("print('a')", {"fig_width": 4.0})], {"values": [(1, "1 + 1")]}),
        (["print('a')"], {"values": [(1, "1 + 1")], "seed": 3}),
        (["print('a')"], {"values": [(1, "1 + 1")], "parameters": {"a": 1}}),
    ],
)
def test_what_changes_the_key_makes_it_stale(done: Any, cells: list[Any], more: dict[str, Any]) -> None:
    """Code, expressions, figure size, seed and parameters are in the key; without execution that is stale."""
    page = done.execute(done.page("plain", *cells, **more), allowed=False)["plain"]
    assert page.state == "stale"
    assert [diagnostic.code for diagnostic in page.diagnostics] == ["SG306"]


def test_stale_shows_what_still_matches(done: Any) -> None:
    """Cells of a stale page are matched by their code; a changed one has no output."""
    page = done.execute(done.page("two", "print('new')", "print('x')"), allowed=False)["two"]
    assert page.state == "stale"
    assert list(page.runs) == ["cell-2"]
    assert _text(page, "cell-2") == "x\n"


def test_edited_module_runs_the_page(done: Any, counting: Any) -> None:
    """A module of the site that the run imported is observed; numpy's version too."""
    backend, page = counting(done), done.page("helped", "import helper, numpy\nprint(helper.WORD)")
    before = done.execute(page, backend=backend)["helped"]
    (done.root / "content/helped/helper.py").write_text("WORD = 'two'\n", encoding="utf-8")
    after = done.execute(page, backend=backend)["helped"]
    assert (before.state, _text(before)) == ("cached", "one\n")
    assert (after.state, _text(after)) == ("fresh", "two\n")
    assert "numpy" in after.provenance.environment["packages"]
    assert backend.pages == ["/helped"]


def test_upgraded_package_makes_it_stale(done: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record whose distributions have other versions does not hold."""
    monkeypatch.setattr(distributions, "installed_version", functools.cache(lambda *_: "0.0"))
    page = done.execute(done.page("helped", "import helper, numpy\nprint(helper.WORD)"), allowed=False)
    assert page["helped"].state == "stale"


def test_changed_data_is_in_the_key(done: Any) -> None:
    """A file named by `depends` is in the key; a pattern that names none is a warning."""
    page = done.page("data", ("print('d')", {"depends": ("*.csv",)}))
    before = done.execute(page, allowed=False)["data"].state
    (done.root / "content/data/a.csv").write_text("2", encoding="utf-8")
    after = done.execute(page, allowed=False)["data"].state
    missing = done.execute(done.page("data", ("1", {"depends": ("no.csv",)})), allowed=False)["data"]
    assert (before, after) == ("cached", "stale")
    assert missing.diagnostics[0].message == "`depends` names no file: `no.csv`"


def test_failed_run_is_no_result(done: Any, counting: Any) -> None:
    """A page that failed runs again, and is `not run` where it may not."""
    backend = counting(done)
    page = done.page("wrong", "1/0")
    assert done.execute(page, backend=backend)["wrong"].state == "failed"
    assert done.execute(page, backend=backend, allowed=False)["wrong"].state == "not run"
    assert backend.pages == ["/wrong"]


def test_fresh_runs_what_is_cached(done: Any, counting: Any) -> None:
    """`--fresh` takes no record; `cache = "never"` neither."""
    backend = counting(done)
    one = done.page("two", "print('x')", "print('y')")
    never = dataclasses.replace(one.execution, cache="never")
    assert done.execute(one, backend=backend, fresh=True)["two"].state == "fresh"
    assert done.execute(dataclasses.replace(one, execution=never), backend=backend)["two"].state == "fresh"


def test_pinned_page_never_runs(done: Any, counting: Any) -> None:
    """A frozen page shows its newest record whatever its code says now, without a warning."""
    backend = counting(done)
    pinned = done.page("two", "print('x')", "changed", cache="frozen")
    never_run = done.page("new", "1", cache="frozen")
    pages = done.execute(pinned, never_run, backend=backend, fresh=True)
    assert (pages["two"].state, pages["two"].diagnostics, backend.pages) == ("pinned", (), [])
    assert _text(pages["two"]) == "x\n"
    assert (pages["new"].state, pages["new"].diagnostics[0].code) == ("not run", "SG307")


def test_old_record_is_not_used(done: Any) -> None:
    """Beyond `max-age` a record is stale where the page may not run."""
    page = done.page("two", "print('x')", "print('y')", max_age_s=60.0)
    assert done.execute(page, allowed=False)["two"].state == "stale"


def test_missing_cuda_shows_no_cpu_number(done: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that asks for CUDA never shows a CPU result; that of another machine's GPU is labelled."""
    gpu = Machine(cpu_model="m", cpu_count=2, cuda_devices=("H200",), cuda_driver="1")
    cpu = Machine(cpu_model="m", cpu_count=2)
    page = done.page("cuda", ("print('on ' + 'cpu')", {"device": "cuda"}))
    monkeypatch.setattr(devices, "detect", lambda: cpu)
    before = done.execute(page)["cuda"]
    with monkeypatch.context() as there:
        there.setattr(devices, "detect", lambda: gpu)
        there.setattr(devices, "cuda_names", lambda *_: ("H200",))
        ran = done.execute(page)["cuda"]
    after = done.execute(page)["cuda"]
    changed = done.execute(done.page("cuda", ("print('new')", {"device": "cuda"})))["cuda"]
    assert (before.state, before.diagnostics[0].code) == ("not run", "SG307")
    assert (ran.state, ran.provenance.device, ran.provenance.device_class) == ("fresh", "H200", "cuda")
    assert (after.state, after.diagnostics[0].code, _text(after)) == ("other device", "SG313", "on cpu\n")
    assert (changed.state, changed.provenance.device) == ("stale", "H200")


def test_two_devices_on_a_page_are_an_error(site: Any) -> None:
    """Cells that ask for `cpu` and `cuda` cannot share a page."""
    page = site.page("both", ("1", {"device": "cpu"}), ("2", {"device": "cuda"}))
    executed = site.execute(page)["both"]
    assert (executed.diagnostics[0].code, executed.diagnostics[0].severity) == ("SG211", "error")


def test_unknown_kernel_is_not_run(site: Any, counting: Any) -> None:
    """A kernel that is not installed leaves the page without results and says its name."""
    page = site.execute(site.page("julia", "1", kernel="julia-1.11"))["julia"]
    assert page.diagnostics[0].message == "the page has no results: there is no kernel `julia-1.11`"


def test_kernel_that_does_not_start_is_an_error(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel whose process ends at once is named with its exit code and what it wrote."""
    folder = site.root / "jupyter/kernels/broken"
    folder.mkdir(parents=True)
    code = "import sys; sys.exit('no licence')"
    spec = {"argv": ["python", "-c", code], "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(site.root / "jupyter"))
    page = site.execute(site.page("broken", "1", kernel="broken"))["broken"]
    (diagnostic,) = page.diagnostics
    assert (page.state, diagnostic.code, diagnostic.details) == ("failed", "SG304", "no licence")
    assert diagnostic.message == "the kernel `broken` could not be started: exited with code 1"


def test_temporary_folder_that_has_become_full_is_an_error_of_the_page(
    site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There was room when the build began: the author is told at the page, and no bug is reported."""
    make: Callable[..., str] = tempfile.mkdtemp
    made: list[str] = []

    def full(**options: Any) -> str:
        if made:
            raise OSError(errno.ENOSPC, "No space left on device")
        made.append(make(**options))
        return made[0]

    monkeypatch.setattr("tempfile.mkdtemp", full)
    page = site.execute(site.page("full", "1"))["full"]
    (diagnostic,) = page.diagnostics
    assert (page.state, diagnostic.code, diagnostic.details) == ("failed", "SG304", None)
    assert diagnostic.message.endswith("could not be started: [Errno 28] No space left on device")
    assert "`TMPDIR`" in (diagnostic.hint or "")


def test_python_without_ipykernel_is_told_what_to_install(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment in which nobody has installed ipykernel; `-S` hides all that is installed here."""
    folder = site.root / "jupyter/kernels/bare"
    folder.mkdir(parents=True)
    spec = {
        "argv": ["python", "-S", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "language": "python",
    }
    (folder / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(site.root / "jupyter"))
    page = site.execute(site.page("bare", "1", kernel="bare"))["bare"]
    (diagnostic,) = page.diagnostics
    assert (diagnostic.code, diagnostic.details) == ("SG304", "No module named 'ipykernel'")
    assert diagnostic.hint == f"install it for this kernel: `{sys.executable} -m pip install ipykernel`"


def test_missing_extra_is_a_hint(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the `execute` extra nothing runs, and the hint names it."""
    monkeypatch.setattr(kernelspecs, "can_execute", lambda: False)
    page = site.execute(site.page("page", "1"))["page"]
    assert page.state == "not run"
    assert page.diagnostics[0].hint == "install the `execute` extra beside sitegen"


def test_cell_of_another_language_is_shown(site: Any, counting: Any) -> None:
    """A cell that the page's kernel does not run is a warning, and nothing starts for it alone."""
    backend, page = counting(site), site.page("shell", "ls")
    cell = dataclasses.replace(page.cells[0], language="bash")
    executed = site.execute(dataclasses.replace(page, cells=(cell,)), backend=backend)["shell"]
    assert (executed.state, backend.pages) == (None, [])


def test_secret_is_refused(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An output with a credential fails the build at its cell and is never written."""
    monkeypatch.setenv("MY_API_TOKEN", "correct-horse-battery")
    page = site.page(
        "leaks", "print('fine')", "import os\nprint(os.environ['MY_API_TOKEN'])", env=("MY_API_TOKEN",)
    )
    executed = site.execute(page)["leaks"]
    (diagnostic,) = executed.diagnostics
    assert (executed.state, diagnostic.code, str(diagnostic.location)) == (
        "failed",
        "SG310",
        "content/leaks/index.md:20",
    )
    assert "MY_API_TOKEN" in diagnostic.message
    assert executed.runs["cell-2"].outputs == ()
    assert list(site.config.results_dir.rglob("*.json")) == []


def test_pages_without_cells_pass_through(site: Any, counting: Any) -> None:
    """A page with nothing to run has no state."""
    backend = counting(site)
    prose, shown = site.page("prose"), site.page("shown", ("1", {"exec": False}))
    off = dataclasses.replace(
        site.page("off", "1"), execution=dataclasses.replace(shown.execution, enabled=False)
    )
    pages = site.execute(prose, shown, off, backend=backend)
    assert [page.state for page in pages.values()] == [None, None, None]
    assert backend.pages == []


def test_lookups_import_no_jupyter(tmp_path: Path) -> None:
    """The whole decision, up to a stale page, needs neither Jupyter nor torch."""
    script = tmp_path / "lookup.py"
    script.write_text(LOOKUP, encoding="utf-8")
    answer = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert answer.stdout.strip() == "not run []"
