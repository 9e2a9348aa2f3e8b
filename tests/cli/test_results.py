"""`sitegen results`, on a site whose cells have run."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import msgspec
import pytest
from click.testing import CliRunner, Result

from sitegen.cli.main import main
from sitegen.cli.stored import by_digest
from sitegen.cli.tables import print_table
from sitegen.config import load_config
from sitegen.content.document import Digest, PageKey
from sitegen.results.record import DeviceInputs
from sitegen.results.store import StoredRecord, open_store

pytestmark = pytest.mark.kernel

POST = """+++
title = "Training"
date = 2025-01-01
execute = true
+++

```python
#| label: train
from sitegen import lab
lab.metric("loss", {loss}, unit="nats", better="lower", tolerance=0.1)
lab.metric("speed", 10, unit="it/s")
print("x" * 20000)
```
"""
Run = Callable[..., Result]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site whose post was built with one code and then with another; and the first run made up on a GPU."""
    root = tmp_path_factory.mktemp("results") / "site"
    post = root / "content/posts/training.md"
    post.parent.mkdir(parents=True)
    (root / "sitegen.toml").write_text('title = "T"\n', encoding="utf-8")
    for loss in ("0.5", "0.25"):
        post.write_text(POST.replace("{loss}", loss), encoding="utf-8")
        done = CliRunner().invoke(main, ["build", "-s", str(root)])
        assert done.exit_code == 0, done.output
    store = open_store(load_config(root))
    first = store.of_page(PageKey("/posts/training"))[-1].record
    inputs = msgspec.structs.replace(first.inputs, device=DeviceInputs(kind="cuda", name="H200", count=1))
    on_gpu = msgspec.structs.replace(
        first,
        inputs=inputs,
        key=inputs.key(),
        environment=msgspec.structs.replace(first.environment, cuda_device="H200"),
        run=msgspec.structs.replace(first.run, device_kind="cuda"),
    )
    store.add(on_gpu, {})
    return root


@pytest.fixture
def root(built: Path, tmp_path: Path) -> Path:
    """A copy of that site."""
    return Path(shutil.copytree(built, tmp_path / "site"))


@pytest.fixture
def run(runner: CliRunner, root: Path) -> Run:
    """Calls a part of `sitegen results` on the copy."""
    return lambda *arguments: runner.invoke(main, ["results", *arguments, "-s", str(root)])


def _records(root: Path) -> list[StoredRecord]:
    """Newest first; the run on the GPU began when the first did."""
    return list(open_store(load_config(root)).all())


def _of(root: Path, loss: float, kind: str = "cpu") -> StoredRecord:
    return next(
        found
        for found in _records(root)
        if found.record.metrics[0].value == loss and found.record.run.device_kind == kind
    )


def _json(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_list_shows_the_newest_first(run: Run, root: Path) -> None:
    """As columns for a person and as JSON for a program, of all pages or of one."""
    text = run("list")
    rows = _json(run("list", "content/posts/training.md", "--json"))
    assert text.exit_code == 0
    assert text.stdout.splitlines()[0].split() == [
        "record", "page", "started", "device", "profile", "seconds", "metrics", "state",
    ]  # fmt: skip
    assert len(text.stdout.splitlines()) == 4
    assert rows[0]["record"] == _of(root, 0.25).digest
    assert rows[0]["metrics"] == {"loss": 0.25, "speed": 10.0}
    assert {row["device_group"] for row in rows} == {"cpu", "H200"}


def test_list_takes_a_state(run: Run, root: Path) -> None:
    """Those that were accepted; none that failed."""
    run("accept", "/posts/training/")
    accepted = _json(run("list", "--state", "accepted", "--json"))
    failed = _json(run("list", "--state", "failed", "--json"))
    assert [row["record"] for row in accepted] == [_of(root, 0.25).digest]
    assert failed == []


@pytest.mark.parametrize("name", ["/posts/training", "/posts/training/", "content/posts/training.md"])
def test_show_gives_the_record_of_a_page(run: Run, root: Path, name: str) -> None:
    """By key, by URL and by source; with the metrics and where they were made."""
    result = run("show", name)
    assert result.exit_code == 0, result.output
    assert f"record {_of(root, 0.25).digest}" in result.stdout
    assert "0.25 nats" in result.stdout


def test_show_takes_the_beginning_of_a_digest(run: Run, root: Path) -> None:
    """The whole record as JSON; a beginning that is nobody's is no page either."""
    record = _of(root, 0.5)
    shown = _json(run("show", record.digest[:10], "--json"))
    unknown = run("show", "0000000000")
    assert shown["record"] == record.digest
    assert shown["cells"][0]["label"] == "train"
    assert (unknown.exit_code, "no page `0000000000`" in unknown.stderr) == (2, True)


def test_diff_is_with_the_run_before(run: Run, root: Path) -> None:
    """Of the same device: code and metric changed."""
    text = run("diff", "/posts/training")
    found = _json(run("diff", "/posts/training", "--json"))
    assert 'cell "train" changed' in text.stdout
    assert "loss 0.5 nats -> 0.25 nats" in text.stdout
    assert (found["before"], found["after"]) == (_of(root, 0.5).digest, _of(root, 0.25).digest)


def test_diff_takes_two_records(run: Run, root: Path) -> None:
    """What lies between a run on a CPU and one on a GPU."""
    here, there = _of(root, 0.5), _of(root, 0.5, "cuda")
    found = _json(run("diff", "/posts/training", here.digest[:12], there.digest[:12], "--json"))
    assert [change["words"] for change in found["changes"]] == [
        "device cpu -> H200",
        "CUDA device none -> H200",
    ]


def test_history_keeps_devices_apart(run: Run) -> None:
    """A table for each, oldest first; an unknown metric names the near match."""
    text = run("history", "/posts/training", "loss")
    rows = _json(run("history", "/posts/training", "--json"))
    unknown = run("history", "/posts/training", "los")
    lines = text.stdout.splitlines()
    assert sorted(line for line in lines if line in ("cpu", "H200")) == ["H200", "cpu"]
    values = [row["metrics"]["loss"]["value"] for row in rows if row["device"] == "cpu"]
    assert values == [0.5, 0.25]
    assert (unknown.exit_code, "did you mean `loss`?" in unknown.stderr) == (2, True)


def test_accept_takes_what_the_page_shows_once(run: Run, root: Path) -> None:
    """The second time it says that it was accepted; another record is named with `--record`."""
    first, second = run("accept", "/posts/training"), run("accept", "/posts/training")
    other = _json(run("accept", "/posts/training", "--record", _of(root, 0.5).digest[:8], "--json"))
    assert first.stdout.startswith("accepted the run of ")
    assert "was accepted already, on " in second.stdout
    assert (other["record"], other["was_accepted"]) == (_of(root, 0.5).digest, False)
    accepted = open_store(load_config(root)).acceptances()
    assert set(accepted) == {_of(root, 0.5).digest, _of(root, 0.25).digest}


def test_accept_goes_back_with_the_page(run: Run, root: Path) -> None:
    """With the earlier code the page shows the earlier record, though a newer one is there."""
    (root / "content/posts/training.md").write_text(POST.replace("{loss}", "0.5"), encoding="utf-8")
    accepted = _json(run("accept", "/posts/training", "--json"))
    assert accepted["record"] == _of(root, 0.5).digest


def test_run_that_failed_is_not_accepted(run: Run, root: Path) -> None:
    """A run without result is no baseline."""
    store = open_store(load_config(root))
    failed = store.add(msgspec.structs.replace(_of(root, 0.5).record, ok=False), {})
    result = run("accept", "/posts/training", "--record", failed.digest)
    assert (result.exit_code, "failed" in result.stderr) == (2, True)


def test_prune_asks_first_and_keeps_what_is_shown(run: Run, root: Path) -> None:
    """Without a terminal and without `--yes` nothing goes; what the page shows stays, however old."""
    (root / "content/posts/training.md").write_text(POST.replace("{loss}", "0.5"), encoding="utf-8")
    store = open_store(load_config(root))
    newest = _of(root, 0.25).record
    later = [
        store.add(
            msgspec.structs.replace(newest, run=msgspec.structs.replace(newest.run, seconds=seconds)), {}
        ).digest
        for seconds in (100.0, 101.0)
    ]
    shown = run("prune", "--keep", "1")
    dry = run("prune", "--keep", "1", "--dry-run", "--yes")
    before = {found.digest for found in _records(root)}
    done = _json(run("prune", "--keep", "1", "--yes", "--json"))
    after = {found.digest for found in _records(root)}

    assert "nothing was removed: say --yes" in shown.stderr
    assert (shown.exit_code, dry.exit_code) == (0, 0)
    assert before >= set(later)
    assert done["removed"] == len(before) - len(after) > 0
    assert {_of(root, 0.5).digest, _of(root, 0.5, "cuda").digest} <= after
    assert "nothing to remove" in run("prune", "--keep", "1", "--yes").stdout


def test_export_is_csv_or_json(run: Run) -> None:
    """Every metric of every run."""
    rows = list(csv.DictReader(io.StringIO(run("export").stdout)))
    as_json = _json(run("export", "/posts/training", "--format", "json"))
    assert len(rows) == len(as_json) == 6
    assert {row["metric"] for row in rows} == {"loss", "speed"}
    assert {row["device_group"] for row in rows} == {"cpu", "H200"}


def test_results_of_a_page_that_is_gone_are_found(run: Run, root: Path) -> None:
    """A page that was removed can still be looked at by its key."""
    (root / "content/posts/training.md").unlink()
    result = run("history", "/posts/training")
    assert result.exit_code == 0, result.output
    assert "0.25 nats" in result.stdout


def test_page_that_was_never_run_is_said(run: Run, root: Path) -> None:
    """As is one that does not exist, with the near match."""
    (root / "content/about.md").write_text("+++\ntitle = 'About'\n+++\n", encoding="utf-8")
    never, unknown = run("history", "/about"), run("history", "/posts/trainin")
    assert (never.exit_code, "was never run" in never.stderr) == (2, True)
    assert (unknown.exit_code, "did you mean" in unknown.stderr) == (2, True)


def test_beginning_of_several_digests_is_refused(root: Path) -> None:
    """Nobody's record is guessed."""
    record = _of(root, 0.5).record
    alike = [StoredRecord(digest=Digest(f"abcd{end}"), record=record) for end in ("01", "02")]
    with pytest.raises(click.BadParameter, match="2 records begin with `abcd`: abcd01, abcd02"):
        by_digest("abcd", alike, "RECORD")
    assert by_digest("ABCD02", alike, "RECORD") is alike[1]
    assert by_digest("abc", alike, "RECORD") is None


def test_terminal_has_a_table(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Digests and times stay whole in a narrow one."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "60")
    print_table(
        ("record", "page", "loss>"), [("0123456789ab", "/posts/" + "long-name" * 9, "0.5 nats")], title="cpu"
    )
    shown = click.unstyle(capsys.readouterr().out)
    assert "0123456789ab" in shown
    assert max(len(line) for line in shown.splitlines()) <= 60
