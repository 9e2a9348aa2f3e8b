"""What a person meets whose results are harmed: nothing wrong is published, the next build heals and says what it did."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sitegen.cli.main import main
from sitegen.config import load_config
from sitegen.results.objects import ObjectFiles
from sitegen.results.store import open_store

pytestmark = pytest.mark.kernel

POST = """+++
title = "Run"
date = 2025-01-01
execute = true
+++

```python
print("answer", 40 + {add})
print("x" * 20000)
```
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of two executed posts, built once."""
    root = tmp_path_factory.mktemp("harmed") / "site"
    for name, add in (("one", "1"), ("two", "2")):
        post = root / f"content/posts/{name}.md"
        post.parent.mkdir(parents=True, exist_ok=True)
        post.write_text(POST.replace("{add}", add), encoding="utf-8")
    (root / "sitegen.toml").write_text('title = "T"\n', encoding="utf-8")
    assert _build(root).exit_code == 0
    return root


@pytest.fixture
def root(built: Path, tmp_path: Path) -> Path:
    """A copy of that site."""
    return Path(shutil.copytree(built, tmp_path / "site"))


def _build(root: Path, *flags: str) -> Result:
    return CliRunner().invoke(main, ["build", "-s", str(root), "--quiet", *flags])


def _states(root: Path) -> list[str]:
    report = json.loads((root / ".sitegen/report.json").read_text("utf-8"))
    return sorted(page["state"] for page in report["executed"])


def _answers(root: Path) -> list[bool]:
    pages = [(root / f"public/posts/{name}/index.html").read_text("utf-8") for name in ("one", "two")]
    return ["answer 41" in pages[0], "answer 42" in pages[1]]


def _record(root: Path) -> Path:
    return sorted(root.glob("results/runs/*/*.json"))[0]


def _is_healed(root: Path) -> bool:
    """A further strict build runs nothing and says nothing."""
    done = _build(root, "--strict")
    return (done.exit_code, done.stderr, _states(root)) == (0, "", ["cached", "cached"])


def test_changed_byte_is_undone_from_the_index(root: Path) -> None:
    """The index has the record as it was: nothing runs, even under `--strict`."""
    content = _record(root).read_bytes()
    _record(root).write_bytes(content.replace(b'"ok":true', b'"ok":false'))
    done = _build(root, "--strict")
    assert (done.exit_code, _states(root), _answers(root)) == (0, ["cached", "cached"], [True, True])
    assert "damaged: restored from the index" in done.stderr
    assert _record(root).read_bytes() == content
    assert _is_healed(root)


def test_changed_byte_without_index_runs_the_page(root: Path) -> None:
    """The page runs again, the other does not; the damaged file is kept beside, and said once."""
    shutil.rmtree(root / ".sitegen/results")
    content = _record(root).read_bytes()
    _record(root).write_bytes(content.replace(b'"ok":true', b'"ok":false'))
    done = _build(root)
    assert (done.exit_code, _states(root), _answers(root)) == (0, ["cached", "fresh"], [True, True])
    assert done.stderr.count("warning SG309: damaged") == 1
    assert "1 damaged file was set aside in `results/damaged`" in done.stderr
    assert len(list((root / "results/damaged").rglob("*.json.*"))) == 1
    assert _is_healed(root)


def test_cut_blob_runs_the_page(root: Path) -> None:
    """A record whose output was truncated is no hit; the new run makes the old one whole, too."""
    blob = next((root / "results/blobs").iterdir())
    blob.write_bytes(blob.read_bytes()[:100])
    done = _build(root)
    assert done.exit_code == 0
    assert "fresh" in _states(root)
    assert _answers(root) == [True, True]
    assert "is damaged" in done.stderr
    assert _is_healed(root)
    store = open_store(load_config(root))
    assert all(store.load(stored) is not None for stored in store.all())


def test_cut_blob_without_execution_shows_no_output(root: Path) -> None:
    """Where it may not run, the code stands without its output and is labelled; nothing cut is published."""
    for blob in (root / "results/blobs").iterdir():
        blob.write_bytes(blob.read_bytes()[:100])
    done = _build(root, "--no-execute")
    assert (done.exit_code, _states(root), _answers(root)) == (0, ["not run", "not run"], [False, False])
    assert "warning SG307" in done.stderr


def test_deleted_index_is_made_again(root: Path) -> None:
    """Nothing runs."""
    shutil.rmtree(root / ".sitegen/results")
    done = _build(root, "--strict")
    assert (done.exit_code, _states(root)) == (0, ["cached", "cached"])
    assert "info SG321: the index of the results was made, of 2 files" in done.stderr
    assert _is_healed(root)


def test_foreign_file_is_named_and_left(root: Path) -> None:
    """A warning at each build until it is gone."""
    note = root / "results/runs/note.txt"
    note.write_text("mine", encoding="utf-8")
    for _ in range(2):
        done = _build(root)
        assert (done.exit_code, _states(root)) == (0, ["cached", "cached"])
        assert "results/runs/note.txt: warning SG309: not believed" in done.stderr
    note.unlink()
    assert _is_healed(root)


def test_results_of_two_machines_are_copied_together(root: Path, built: Path, tmp_path: Path) -> None:
    """Each machine has run what the other has not; together nothing is left to run."""
    other = Path(shutil.copytree(built, tmp_path / "other"))
    text = (root / "content/posts/one.md").read_text("utf-8") + "\nMore prose.\n"
    for site, code in ((root, "1 + 0"), (other, "2 - 1")):
        (site / "content/posts/one.md").write_text(text.replace("40 + 1", f"40 + {code}"), encoding="utf-8")
        assert _build(site).exit_code == 0
    shutil.copytree(root / "results", other / "results", dirs_exist_ok=True)
    shutil.copytree(root / "content", other / "content", dirs_exist_ok=True)
    done = _build(other, "--strict")
    assert (done.exit_code, done.stderr, _states(other)) == (0, "", ["cached", "cached"])


def test_two_builds_at_once_lose_nothing(root: Path) -> None:
    """Both end well or with one clear message, the site is whole, and every record of both is there."""
    shutil.rmtree(root / "results")
    shutil.rmtree(root / ".sitegen")
    shutil.rmtree(root / "public")
    command = [sys.executable, "-m", "sitegen", "build", "-s", str(root), "--quiet"]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=120)[1] for process in both]

    assert [process.returncode for process in both] == [0, 0], said
    assert "Traceback" not in "".join(said)
    assert _answers(root) == [True, True]
    assert len(list(root.glob("results/runs/*/*.json"))) >= 2
    assert list(root.rglob(".tmp-*")) == []
    assert _is_healed(root)


def test_results_in_an_object_store_survive_a_network_that_is_down(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be sent is shown, told, used by the next build, and sent when the network is back."""
    shutil.rmtree(root / "results")
    (root / "sitegen.toml").write_text('resultsDir = "memory://harmed/results"\n', encoding="utf-8")

    def down(_: object) -> None:
        raise OSError(5, "the network is down")

    with monkeypatch.context() as offline:
        offline.setattr(ObjectFiles, "_system", down)
        first = _build(root)
        first_states = _states(root)
        second = _build(root)
        second_states = _states(root)
    third = _build(root)

    assert (first.exit_code, first_states, _answers(root)) == (0, ["fresh", "fresh"], [True, True])
    assert (
        "warning SG314: results could not be sent to `memory://harmed/results`: the network is down"
        in first.stderr
    )
    assert (second.exit_code, second_states) == (0, ["cached", "cached"])
    assert "4 files that waited in `results/unsent` were sent" in third.stderr
    assert list((root / "results/unsent").rglob("*.json")) == []
    shutil.rmtree(root / ".sitegen/results")
    assert "SG309" not in _build(root, "--strict").stderr
    assert _is_healed(root)


def test_place_that_nothing_can_open_is_an_error(root: Path) -> None:
    """A URL of an unknown kind stops the build before anything runs, and the site stays."""
    (root / "sitegen.toml").write_text('resultsDir = "nonsense://x"\n', encoding="utf-8")
    done = _build(root)
    assert done.exit_code == 1
    assert "error SG103: the results store `nonsense://x` cannot be opened" in done.stderr
    assert _answers(root) == [True, True]
