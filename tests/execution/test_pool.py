"""The pool of kernels, beside what it runs: what it needs of the machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

pytestmark = [pytest.mark.kernel, pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")]

PAGE: Final = "+++\ntitle = '{name}'\n[execute]\nenabled = true\n+++\n\n```python\nprint('{name}')\n```\n"
LIMITED: Final = """
import resource, runpy, sys
soft, hard, *sys.argv[1:] = sys.argv[1:]
resource.setrlimit(resource.RLIMIT_NOFILE, (int(soft), int(hard)))
runpy.run_module("sitegen", run_name="__main__")
"""


@pytest.mark.parametrize(("soft", "hard"), [(128, 128), (128, 1024)], ids=["fixed", "raised"])
def test_few_files_may_be_open(tmp_path: Path, soft: int, hard: int) -> None:
    """Fewer pages run at a time where the limit cannot be raised; libzmq would end the build."""
    (tmp_path / "sitegen.toml").write_text("title = 'T'\nbase_url = 'https://example.org/'\n")
    (tmp_path / "content").mkdir()
    for number in range(12):
        (tmp_path / f"content/p{number}.md").write_text(PAGE.format(name=f"page {number}"))
    command = [sys.executable, "-c", LIMITED, str(soft), str(hard)]
    command += ["build", "-s", str(tmp_path), "--jobs", "12"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for number in range(12):
        assert f"page {number}" in (tmp_path / f"public/p{number}/index.html").read_text("utf-8")
