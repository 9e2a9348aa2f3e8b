"""Drift, conditions and accepted results as an author meets them: the commands, with real kernels."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.kernel

FRONT = "+++\ntitle = 'Run'\nexecute = true\n+++\n\n"


def _sitegen(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sitegen", words[0], *words[1:], "-s", str(root)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_drift_from_run_to_acceptance(write_site: Callable[[dict[str, str]], Path], tmp_path: Path) -> None:
    """A number that chance moves beyond its tolerance is a warning, fails a strict build, and can be accepted."""
    outside = tmp_path / "chance.txt"  # not below the site, so nothing that a run is held to
    outside.write_text("1.0", encoding="utf-8")
    code = (
        "#| label: score\n#| expect: {score: '0 .. 3'}\n"
        f"from pathlib import Path\nfrom sitegen import lab\n\n"
        f"lab.metric('score', float(Path({str(outside)!r}).read_text()), tolerance=0.5)"
    )
    root = write_site({"sitegen.toml": "title = 'T'\n", "content/run.md": f"{FRONT}```python\n{code}\n```\n"})
    first = _sitegen(root, "build", "--strict")
    outside.write_text("2.0", encoding="utf-8")

    cached = _sitegen(root, "build", "--strict")
    drifted = _sitegen(root, "build", "--fresh")
    refused = _sitegen(root, "build", "--strict")
    accepted = _sitegen(root, "results", "accept", "/run")
    after = _sitegen(root, "build", "--strict")
    outside.write_text("9.0", encoding="utf-8")
    unmet = _sitegen(root, "build", "--fresh", "--keep-going")

    assert (first.returncode, cached.returncode) == (0, 0), first.stderr + cached.stderr
    assert "cached 1" in cached.stderr
    assert drifted.returncode == 0, drifted.stderr
    assert "content/run.md:9: warning SG316: `score` has drifted: it was 1 on 20" in drifted.stderr
    assert "drifted 1" in drifted.stderr
    assert refused.returncode == 1
    assert "error SG316" in refused.stderr
    assert accepted.returncode == 0, accepted.stderr
    assert after.returncode == 0, after.stderr
    assert "cached 1" in after.stderr
    assert unmet.returncode == 1
    assert "error SG315: `score` is 9, expected `0 .. 3`" in unmet.stderr
