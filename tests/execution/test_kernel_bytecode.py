"""Where bytecode lies: none in the site's folders; that of packages is where it always is."""

from __future__ import annotations

from typing import Any

import pytest

from sitegen.content.executed import StreamOutput

pytestmark = pytest.mark.kernel

PAGE = """
import os, sys, helpers, inner.part
print(sys.pycache_prefix, 'SITEGEN_PYCACHE' in os.environ)
"""
CHILD = """
import subprocess, sys
child = subprocess.run([sys.executable, '-c', 'import helpers, sys; print(sys.pycache_prefix)'], capture_output=True, text=True)
print(child.stdout)
"""


@pytest.mark.parametrize("warm", [True, False])
def test_no_bytecode_in_the_sites_folders(site: Any, warm: bool) -> None:
    """The kernel writes none of the site's modules, and the interpreters that a page starts write it into `.sitegen`."""
    page = site.page("a", PAGE, CHILD, warm=warm)
    (site.root / "content/a/helpers.py").write_text("x = 1\n", encoding="utf-8")
    (site.root / "inner").mkdir()
    (site.root / "inner/part.py").write_text("y = 2\n", encoding="utf-8")

    executed = site.execute(page)["a"]

    assert executed.state == "fresh"
    said, child = (
        "".join(output.text for output in run.outputs if isinstance(output, StreamOutput))
        for run in executed.runs.values()
    )
    assert (said.strip(), child.strip()) == ("None False", ".sitegen/pycache")
    kept = site.root / ".sitegen" / "pycache"
    assert [path for path in site.root.rglob("*.pyc") if not path.is_relative_to(kept)] == []
    assert any(path.name.startswith("helpers.") for path in kept.rglob("*.pyc"))
    assert not list(kept.rglob("ipykernel"))
