"""What a reader learns from the published folder alone: which code, environment, device, seed and commit made a number."""

from __future__ import annotations

import json
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from sitegen.content.document import PageKey

from .conftest import CPU, GPU, OnePage

NUMBER = 'The loss is {{< metric "loss" >}}.'


def _page(site: OnePage) -> LexborHTMLParser:
    return LexborHTMLParser((site.root / "public/posts/a/index.html").read_text("utf-8"))


def _text(page: LexborHTMLParser, selector: str) -> str:
    node = page.css_first(selector)
    return " ".join(node.text().split()) if node is not None else ""


def _provenance(site: OnePage) -> Any:
    return json.loads((site.root / "public/posts/a/provenance.json").read_text("utf-8"))


def _files(site: OnePage) -> dict[str, bytes]:
    public = site.root / "public"
    return {
        str(file.relative_to(public)): file.read_bytes()
        for file in sorted(public.rglob("*"))
        if file.is_file()
    }


def _git(site: OnePage, *words: str) -> str:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        ["git", *identity, *words], cwd=site.root, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_provenance_says_what_made_each_number(one_page: OnePage) -> None:
    """Code by digest, environment, device, seed, parameters; and each metric with the cell that reported it."""
    cells = ("#| label: train\nx = 1", "print(x)")
    one_page.write(*cells, execute="seed = 7\n[execute.parameters]\nrate = 0.1")

    one_page.build()

    said = _provenance(one_page)
    first, second = said["cells"]
    assert (first["source"], first["label"]) == (sha256(b"x = 1").hexdigest(), "train")
    assert (second["source"], second["status"]) == (sha256(b"print(x)").hexdigest(), "ok")
    source = (one_page.root / said["source"]).read_text("utf-8").splitlines()
    assert [source[cell["line"] - 1] for cell in said["cells"]] == ["x = 1", "print(x)"]
    assert [(metric["name"], metric["value"], metric["cell"]) for metric in said["metrics"]] == [
        ("loss", 1.0, first["id"])
    ]
    assert said["run"]["device"] == "cpu (cpu9)"
    assert said["run"]["parameters"] == {"rate": 0.1}
    assert said["inputs"]["seed"] == 7
    assert said["run"]["started"] == "2030-01-02T00:00:00Z"
    assert said["environment"]["cpu_model"] == "cpu9"
    assert said["url"] == "https://example.org/posts/a/"
    assert (said["state"], said["schema"]) == ("reproduced", 1)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_the_commit_gives_the_code_again(one_page: OnePage) -> None:
    """What the page names can be checked out, and has the code of the cells."""
    one_page.build(days=0, allowed=False)
    (one_page.root / ".gitignore").write_text("/public/\n/results/\n/.sitegen/\n")
    for words in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "a")):
        _git(one_page, *words)

    one_page.build()

    said = _provenance(one_page)
    source = _git(one_page, "show", f"{said['run']['commit']}:{said['source']}").splitlines()
    cell = said["cells"][0]
    assert sha256(source[cell["line"] - 1].encode()).hexdigest() == cell["source"]
    assert said["run"]["dirty"] is False
    assert said["run_again"][0] == f"git checkout {said['run']['commit']}"
    assert said["run"]["commit"] in _text(_page(one_page), ".provenance-panel")


def test_values_of_variables_are_not_published(one_page: OnePage, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `env` lets through may be a path of the machine: only its name is told."""
    monkeypatch.setenv("DATA_DIR", "/home/somebody/data")
    one_page.write(execute='env = ["DATA_DIR"]')

    one_page.build()

    assert _provenance(one_page)["inputs"]["env"] == ["DATA_DIR"]
    assert [name for name, content in _files(one_page).items() if b"somebody" in content] == []


def test_a_second_build_gives_the_same_bytes(one_page: OnePage) -> None:
    """Nothing published tells the build that ran the page from one that found its record."""
    one_page.write(prose=NUMBER)
    one_page.build()
    ran = _files(one_page)

    one_page.build(days=0)

    assert len(one_page.backend.ran) == 1
    assert _files(one_page) == ran


def test_without_cuda_the_last_cuda_result_is_shown_with_device_and_date(one_page: OnePage) -> None:
    """Never a CPU number in its place: in the badge, at the number, in the table and for programs."""
    one_page.write("#| device: cuda\nprint(1)", prose=NUMBER)
    one_page.has(GPU)
    one_page.build()
    one_page.has(CPU)

    one_page.build(days=9)

    page, said = _page(one_page), _provenance(one_page)
    assert len(one_page.backend.ran) == 1
    assert "run on another device 2030-01-02 H200" in _text(page, ".page-header .badge")
    assert _text(page, ".metric") == "1 nats (H200, 2030-01-02)"
    assert "H200 2030-01-02" in " ".join(_text(page, f"#metric-loss td:nth-last-child({n})") for n in (2, 1))
    assert "print(1) on cuda" in _text(page, ".cell-output")
    assert (said["state"], said["run"]["device"]) == ("other-device", "H200")
    assert said["run"]["started"] == "2030-01-02T00:00:00Z"


def test_a_stale_number_says_so_where_it_stands(one_page: OnePage) -> None:
    """A reader of the sentence alone knows that the number is of older code."""
    one_page.write(prose=NUMBER)
    one_page.build()
    one_page.write("print(2)", prose=NUMBER)

    one_page.build(allowed=False)

    assert _text(_page(one_page), ".metric") == "1 nats (stale, 2030-01-02)"
    assert [cell["status"] for cell in _provenance(one_page)["cells"]] == [None]


def test_drift_shows_old_and_new(one_page: OnePage) -> None:
    """On the page and for programs, until somebody accepts it."""
    one_page.backend.tolerance = 0.1
    one_page.build()
    one_page.backend.loss = 1.5

    one_page.build(fresh=True)
    drifted, said = _text(_page(one_page), ".provenance-drift"), _provenance(one_page)["drifts"]
    one_page.accept()
    one_page.build()

    assert drifted == "loss has drifted: it was 1 on 2030-01-02 and is 1.5 now; its tolerance is ± 0.1."
    assert [(drift["metric"], drift["baseline"], drift["value"]) for drift in said] == [("loss", 1.0, 1.5)]
    assert _provenance(one_page)["drifts"] == []
    assert _provenance(one_page)["accepted"] == {"date": "2030-01-03T00:00:00Z", "commit": None}
    assert "Accepted by a person on 2030-01-03" in _text(_page(one_page), ".provenance-panel").replace(
        "Acceptedby", "Accepted by"
    )


def test_history_grows_with_each_run_and_never_joins_devices(one_page: OnePage) -> None:
    """Runs on two devices, in the order of time, with the values that each gave."""
    one_page.write("#| device: auto\nprint(1)")
    for machine, loss in ((CPU, 1.0), (GPU, 0.5), (CPU, 1.2), (CPU, 1.1)):
        one_page.has(machine)
        one_page.backend.loss = loss
        one_page.build(fresh=True)

    page = _page(one_page)
    picture = page.css_first("#metric-loss svg.sparkline")
    rows = [" ".join(cell.text().split()) for cell in page.css(".provenance-panel tbody td:last-child")]
    assert picture is not None
    assert [node.attributes["d"].count("L") for node in picture.css(".spark-line")] == [2]  # type: ignore[union-attr]
    assert rows[1:] == ["1.1", "1.2", "0.5", "1"]


def test_a_smoke_run_stays_out_of_the_ledger(one_page: OnePage) -> None:
    """The benchmarks page has the last full run's numbers at most."""
    ledger = one_page.root / "content/benchmarks.md"
    ledger.parent.mkdir(parents=True, exist_ok=True)
    ledger.write_text('+++\ntitle = "B"\ntype = "benchmarks"\n+++\n')
    one_page.write(prose=NUMBER, execute='profile = "smoke"')

    one_page.build()

    html = (one_page.root / "public/benchmarks/index.html").read_text("utf-8")
    assert _text(_page(one_page), ".metric") == "1 nats (smoke run)"
    assert "smoke run" in _text(_page(one_page), ".page-header .badge")
    assert "No full run of a page has reported a number yet." in html


def test_a_moved_page_keeps_its_history_of_now(one_page: OnePage) -> None:
    """Its record is found by its key, wherever it was filed."""
    one_page.build()
    shutil.move(one_page.root / "content/posts/a", one_page.root / "content/posts/b")

    result = one_page.build()

    assert len(one_page.backend.ran) == 1
    assert dict(result.states) == {PageKey("/posts/b"): "cached"}
    assert Path(one_page.root / "public/posts/b/provenance.json").is_file()
