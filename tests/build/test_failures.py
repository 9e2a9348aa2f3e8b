"""What an author sees when a cell goes wrong, and that the old site stays."""

from __future__ import annotations

import contextlib
import os
import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.kernel

FRONT = "+++\ntitle = 'Run'\nexecute = true\n+++\n\nProse before.\n\n"
"""Six lines with the blank ones; the fence opens on line 8, its code starts on line 9."""


def _build(root: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sitegen", "build", "-s", str(root), *flags],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize(
    ("code", "line", "told"),
    [
        ("x = 1\n1 / 0", 10, "error SG301: cell raised ZeroDivisionError: division by zero"),
        ("#| timeout: 2\nwhile True:\n    pass", 10, "error SG302: "),
        ("import os\nos._exit(1)", 9, "error SG303: "),
        ("import os\nos.kill(os.getpid(), 9)", 9, "error SG303: "),
    ],
    ids=["exception", "endless", "exit", "killed"],
)
def test_a_failing_cell_is_named_and_the_old_site_stays(
    write_site: Callable[[dict[str, str]], Path], code: str, line: int, told: str
) -> None:
    """One clear message with the line in the Markdown file; exit 1; the site published before is untouched."""
    root = write_site(
        {"sitegen.toml": "title = 'T'\n", "content/run.md": FRONT + "```python\nprint(1)\n```\n"}
    )
    first = _build(root)
    before = {file: file.read_bytes() for file in (root / "public").rglob("*") if file.is_file()}
    write_site({"content/run.md": FRONT + f"```python\n{code}\n```\n", "content/new.md": "# New page\n"})

    failed = _build(root)

    assert first.returncode == 0, first.stderr
    assert failed.returncode == 1
    errors = [text for text in failed.stderr.splitlines() if " error SG" in text]
    assert len(errors) == 1, failed.stderr
    assert told in errors[0]
    assert errors[0].startswith(f"content/run.md:{line}:") or errors[0].startswith(f"content/run.md:{line} ")
    assert "ipykernel" not in failed.stderr
    assert {file: file.read_bytes() for file in (root / "public").rglob("*") if file.is_file()} == before


def test_keep_going_publishes_the_rest(write_site: Callable[[dict[str, str]], Path]) -> None:
    """With `--keep-going` the good pages and a visible placeholder are published, and the exit code is 1."""
    root = write_site(
        {
            "sitegen.toml": "title = 'T'\n",
            "content/run.md": FRONT + "```python\n1 / 0\n```\n",
            "content/good.md": "# Good page\n\nText.\n",
        }
    )

    done = _build(root, "--keep-going")

    assert done.returncode == 1
    assert "Good page" in (root / "public/good/index.html").read_text("utf-8")
    assert 'class="build-error"' in (root / "public/run/index.html").read_text("utf-8")


def test_second_build_starts_no_kernel(write_site: Callable[[dict[str, str]], Path]) -> None:
    """A page whose code did not change is taken from its record, also when its prose changed."""
    root = write_site(
        {"sitegen.toml": "title = 'T'\n", "content/run.md": FRONT + "```python\nprint(6 * 7)\n```\n"}
    )
    first = _build(root)
    write_site(
        {"content/run.md": FRONT.replace("Prose before.", "Other prose.") + "```python\nprint(6 * 7)\n```\n"}
    )

    second = _build(root)

    html = (root / "public/run/index.html").read_text("utf-8")
    assert first.returncode == second.returncode == 0, second.stderr
    assert "fresh 1" in first.stderr
    assert "cached 1" in second.stderr
    assert "Other prose." in html
    assert "42" in html


@pytest.mark.skipif(os.name != "posix", reason="signals and named pipes")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_ended_build_leaves_no_process(
    write_site: Callable[[dict[str, str]], Path], tmp_path: Path, name: str
) -> None:
    """However a build is told to end, its kernels end, and so does what their cells have started."""
    pipe = tmp_path / "alive"
    os.mkfifo(pipe)
    code = (
        "import subprocess, time\n"
        f"alive = open({str(pipe)!r}, 'w')\n"
        "subprocess.Popen(['sleep', '600'], stdout=alive)\n"
        "print('started', file=alive, flush=True)\n"
        "time.sleep(600)"
    )
    root = write_site(
        {"sitegen.toml": "title = 'T'\n", "content/run.md": FRONT + f"```python\n{code}\n```\n"}
    )

    with (
        subprocess.Popen(
            [sys.executable, "-m", "sitegen", "build", "-s", str(root)], stderr=subprocess.DEVNULL
        ) as building,
        pipe.open() as alive,
    ):  # waits for the cell
        started = alive.readline()
        building.send_signal(getattr(signal, name))
        returncode = building.wait(60)
        ended, _, _ = select.select([alive], [], [], 20)  # readable at the end: nobody holds it any more
        rest = alive.read() if ended else None

    assert (started, returncode, rest) == ("started\n", 1, "")
    assert not (root / "public").exists()


def test_kill_at_any_moment_leaves_a_whole_site(write_site: Callable[[dict[str, str]], Path]) -> None:
    """Killed at twenty random moments of a build, the output folder is always one of the two whole sites."""
    versions = [
        {f"content/posts/p{number}.md": f"# Page {number}\n\n{word}\n" for number in range(60)}
        for word in ("old", "new")
    ]
    root = write_site({"sitegen.toml": "title = 'T'\n", "static/CNAME": "example.org\n", **versions[0]})
    assert _build(root, "--quiet").returncode == 0
    whole = [_snapshot(root / "public")]
    write_site(versions[1])
    started = time.perf_counter()
    assert _build(root, "--quiet").returncode == 0
    whole.append(_snapshot(root / "public"))
    build_s = time.perf_counter() - started

    moments = random.Random(20)  # the fractions are the same in each run, the moments follow the machine
    outcomes = []
    for moment in range(20):
        write_site(versions[moment % 2])
        process = subprocess.Popen(
            [sys.executable, "-m", "sitegen", "build", "-s", str(root), "--quiet"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=moments.uniform(0, build_s))
        process.kill()
        process.wait()
        outcomes.append(_snapshot(root / "public"))
    torn = {moment: _difference(found, whole) for moment, found in enumerate(outcomes) if found not in whole}
    assert torn == {}


def _snapshot(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def _difference(found: dict[str, bytes], whole: list[dict[str, bytes]]) -> list[list[str]]:
    """For each whole site, the names of the files in which `found` differs from it."""
    return [
        sorted(name for name in found.keys() | site.keys() if found.get(name) != site.get(name))
        for site in whole
    ]
