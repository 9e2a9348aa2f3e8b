"""Ways in which a record could hold for what it never saw: other places, other bytecode, what was there before."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from sitegen.content.document import Document
from sitegen.content.executed import ExecutedDocument, StreamOutput

pytestmark = pytest.mark.kernel

PARENT = "print(open('../../data.txt').read())"
NAMED = "import shared_module\nprint(shared_module.X)"
LOG = "print('x', file=open('log.txt', 'a'))\nprint(len(open('log.txt').readlines()))"
PLUGINS = "import pkgutil, plugins\nprint([each.name for each in pkgutil.iter_modules(plugins.__path__)])"
EDITED = "import edited\nprint(edited.X)"


def _printed(page: ExecutedDocument) -> str:
    (output,) = (output for cell in page.runs.values() for output in cell.outputs)
    assert isinstance(output, StreamOutput)
    return output.text.strip()


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_a_record_holds_only_for_what_the_run_saw(shared_site: Any, counting: Any) -> None:
    """Data by `../`, modules that hide others, what a log held, new plugins, and an edit that bytecode does not show."""
    site = shared_site
    content: Path = site.root / "content"
    _write(site.root / "shared_module.py", "X = 1\n")
    _write(content / "data.txt", "1")
    _write(content / "log/log.txt", "before\n")
    _write(content / "plugins/plugins/__init__.py", "")
    _write(content / "plugins/plugins/one.py", "")
    _write(content / "edited/edited.py", "X = 1\n")

    def pages() -> list[Document]:
        return [
            site.page("a/parent", PARENT),
            site.page("named", NAMED),
            site.page("log", LOG),
            site.page("plugins", PLUGINS),
            site.page("edited", EDITED),
        ]

    site.execute(*pages())
    edited = content / "edited/edited.py"
    before = edited.stat()
    edited.write_text("X = 2\n", encoding="utf-8")
    os.utime(edited, ns=(before.st_atime_ns, before.st_mtime_ns))
    _write(content / "named/shared_module.py", "X = 2\n")
    _write(content / "plugins/plugins/two.py", "")
    _write(content / "other/data.txt", "2")
    shutil.copytree(content / "a", content / "other/a")
    _write(content / "b/moved/index.md", "")
    documents = [*pages(), site.page("other/a/parent", PARENT), site.page("b/moved", PARENT)]

    done = site.execute(*documents)

    assert {name: (page.state, _printed(page)) for name, page in done.items()} == {
        "a/parent": ("cached", "1"),
        "b/moved": ("cached", "1"),
        "other/a/parent": ("fresh", "2"),
        "named": ("fresh", "2"),
        "log": ("fresh", "3"),
        "plugins": ("fresh", "['one', 'two']"),
        "edited": ("fresh", "2"),
    }


def test_a_run_that_saw_two_states_of_its_depends_is_no_hit(site: Any, counting: Any) -> None:
    """Item 5 is read before the run: what changed meanwhile may be in the results under the older digest."""
    _write(site.root / "content/page/weights.bin", "1")
    code = "import pathlib\nprint(1)"
    page = site.page("page", (code, {"depends": ("weights.bin",)}))
    backend = counting(site)
    local = backend.local.run

    def run(jobs: Any) -> Any:
        done = list(local(jobs))
        _write(site.root / "content/page/weights.bin", "2")
        return iter(done)

    backend.local.run = run

    site.execute(page, backend=backend)
    _write(site.root / "content/page/weights.bin", "1")

    assert site.execute(page, allowed=False)["page"].state == "stale"
