"""Diagrams of a page: what draws them, what is kept, what a reader and an author are told. Stand-in programs draw."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from sitegen.config import Config
from sitegen.config.values import Diagrams as Settings
from sitegen.content.document import DiagramHole, Html
from sitegen.content.execute_options import CellOptions
from sitegen.errors import SourceLocation
from sitegen.rendering.cells.figures import light_colours
from sitegen.rendering.drawings.programs import Programs
from sitegen.rendering.recorder import Reads
from sitegen.rendering.values import Page
from tests.rendering.drawings.test_graphviz import PROGRAM

Compose = Callable[..., Page]
Machine = Callable[..., None]

BROWSER = f"""#!{sys.executable}
import base64, json, pathlib, re, sys, urllib.parse
log = pathlib.Path(__file__).with_name("runs")
log.write_text(log.read_text() + "run\\n" if log.exists() else "run\\n")
page = pathlib.Path(urllib.parse.unquote(urllib.parse.urlsplit(sys.argv[-1]).path)).read_text()
sources = json.loads(re.search(r'id="sources">(.*?)</script>', page, re.S)[1])
if any("crash" in source for source in sources):
    sys.stderr.write("No usable sandbox!\\n")
    sys.exit(1)
made = []
for source in sources:
    if "wrong" in source:
        made.append({{"error": "Parse error on line 2:\\n...A[x\\n-----^\\nExpecting 'SQE', got '1'", "line": 1}})
    else:
        label = source.split()[-1]
        made.append({{"svg": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 50 20"><defs><marker id="m"><path d="M0 0"/></marker></defs>'
            '<path marker-end="url(#m)" d="M0 0L9 9" stroke="var(--muted,light-dark(#5f6163,#a1a3a6))"/><text>' + label + '</text></svg>',
            "title": "A way" if "titled" in source else "", "description": ""}})
print('<html data-drawn="' + base64.b64encode(json.dumps(made).encode()).decode() + '"></html>')
"""


@pytest.fixture
def config(config: Config, tmp_path: Path) -> Config:
    """With a cache of its own."""
    return replace(config, state_dir=tmp_path / "state")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine that has these programs and no others: `machine("dot", "chromium", library=True)`."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("PUPPETEER_EXECUTABLE_PATH", "CHROME_PATH", "CHROME_BIN"):
        monkeypatch.delenv(name, raising=False)

    def have(*names: str, library: bool = False) -> None:
        for name in names:
            file = folder / name
            file.write_text(PROGRAM if name == "dot" else BROWSER)
            file.chmod(0o755)
        if library:
            file = tmp_path / "node_modules/mermaid/dist/mermaid.min.js"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("mermaid = {}")

    return have


def dot(source: str = "digraph {}", **options: Any) -> DiagramHole:
    """A fence in Graphviz's language, whose first line is the fourth of the file."""
    return DiagramHole(
        language="graphviz",
        source=source,
        options=CellOptions(**options),
        code='<div class="highlight"><pre tabindex="0"><code>digraph</code></pre></div>',
        location=SourceLocation(path=PurePosixPath("content/posts/a.md"), line=4),
    )


def mermaid(source: str = "flowchart A", **options: Any) -> DiagramHole:
    """The same of Mermaid."""
    return replace(dot(source, **options), language="mermaid")


def _settings(config: Config, **values: Any) -> Config:
    return replace(config, diagrams=replace(Settings(), **values))


def _runs(tmp_path: Path) -> int:
    log = tmp_path / "bin/runs"
    return len(log.read_text().split()) if log.exists() else 0


# --- a page


def test_a_diagram_is_a_figure_with_its_source(compose_body: Compose, machine: Machine) -> None:
    """With a name, a number, a caption, and nothing that a policy has to allow."""
    machine("dot")

    page = compose_body(dot(label="fig-net", fig_cap="A *net*", column="page"))

    assert page.diagnostics == ()
    assert (
        '<div class="diagram column-page">\n<figure id="fig-net"><div class="diagram-drawing" tabindex="0"'
        in page.content
    )
    assert re.search(
        r'<svg viewBox="0 0 140 70" width="160" height="80" [^>]*role="img" aria-label="A net. Diagram with: a, b, to">',
        page.content,
    )
    assert (
        '<span class="caption-number">Figure 1:</span> A <em>net</em></figcaption></figure>' in page.content
    )
    assert '<details class="diagram-source"><summary>Source</summary>' in page.content
    assert not {"style=", "<style", "<script"} & set(re.findall(r"style=|<style|<script", page.content))
    assert {"figure", "diagram"} <= page.features


def test_without_echo_there_is_no_source(compose_body: Compose, machine: Machine) -> None:
    """As of a cell."""
    machine("dot")

    assert "<details" not in compose_body(dot(echo=False)).content


@pytest.mark.parametrize(
    ("hole", "name"),
    [
        (mermaid("flowchart titled", fig_alt="As I say", fig_cap="C"), "As I say"),
        (mermaid("flowchart titled", fig_cap="C"), "A way"),
        (mermaid("flowchart A", fig_cap="Of *this*"), "Of this. Diagram with: A"),
        (mermaid("flowchart A"), "Diagram with: A"),
    ],
)
def test_what_a_diagram_shows_is_told_in_words(
    compose_body: Compose, machine: Machine, hole: DiagramHole, name: str
) -> None:
    """The author's words first, then the diagram's own."""
    machine("chromium", library=True)

    assert f'role="img" aria-label="{name}"' in compose_body(hole).content


def test_diagrams_are_numbered_among_the_figures(compose_body: Compose, machine: Machine) -> None:
    """In the order of the page; a reference finds them whether they are drawn or not."""
    machine()

    page = compose_body(dot(label="fig-a"), Html(text="<p>x</p>"), dot("digraph { b }", label="fig-b"))

    assert [number for number in ("Figure 1", "Figure 2") if number in page.content] == [
        "Figure 1",
        "Figure 2",
    ]


def test_ids_of_one_page_do_not_meet(compose_body: Compose, machine: Machine) -> None:
    """The same diagram twice, and lists that show several pages."""
    machine("chromium", library=True)

    page = compose_body(mermaid(), mermaid())

    found = re.findall(r' id="(diagram-[^"]+)"', page.content)
    assert len(found) == len(set(found)) == 2
    assert re.findall(r"url\(#([^)]+)\)", page.content) == found


def test_words_of_a_diagram_are_those_of_its_source(compose_body: Compose, machine: Machine) -> None:
    """A page's length does not depend on the machine."""
    machine()
    before = compose_body(dot()).summary.word_count
    machine("dot")

    assert compose_body(dot()).summary.word_count == before


def test_feeds_have_the_colours_of_light_pages() -> None:
    """Readers of feeds need not know `light-dark()`."""
    html = '<path fill="var(--tint,light-dark(#e5eeeb,#1e2a2b))" stroke="light-dark(#000080,#8989c4)"/>'

    assert light_colours(html) == '<path fill="#e5eeeb" stroke="#000080"/>'


# --- what draws


def test_without_a_tool_the_source_stays_and_that_is_told(compose_body: Compose, machine: Machine) -> None:
    """With what to install; what was looked for is not looked for in the page."""
    machine()

    page = compose_body(dot(), mermaid())

    assert [(each.code, each.severity) for each in page.diagnostics] == [("SG416", "warning")] * 2
    assert page.content.count('<div class="highlight">') == 2
    assert "<figure" not in page.content
    assert "npm install mermaid" in (page.diagnostics[1].hint or "")


def test_code_that_is_wanted_is_no_problem(compose_body: Compose, machine: Machine, config: Config) -> None:
    """A site's own script may draw."""
    machine("dot", "chromium", library=True)

    page = compose_body(dot(), mermaid(), settings=_settings(config, mermaid="code", graphviz="code"))

    assert page.diagnostics == ()
    assert "<svg" not in page.content


@pytest.mark.parametrize("programs", [(), ("chromium",)])
def test_with_the_library_alone_the_reader_draws(
    compose_body: Compose, machine: Machine, config: Config, programs: tuple[str, ...]
) -> None:
    """Where the machine has no browser, and where a site wants it; the library is a file, published once."""
    machine(*programs, library=True)
    settings = _settings(config, mermaid="browser") if programs else config

    page = compose_body(mermaid("flowchart </script>"), mermaid(), settings=settings)

    assert page.diagnostics == ()
    assert page.content.count('<template class="diagram-library">') == 1
    assert page.content.count('<div class="diagram is-waiting">') == 2
    assert '<script type="application/json">"flowchart \\u003c/script>"</script>' in page.content
    assert '<details class="diagram-source" open>' in page.content
    (library,) = [content for path, content in page.shared.items() if "mermaid-" in path.name]
    assert isinstance(library, Path)


def test_a_browser_that_fails_is_told_and_readers_draw(
    compose_body: Compose, machine: Machine, tmp_path: Path
) -> None:
    """Once for the page's diagrams, with its last line."""
    machine("chromium", library=True)

    page = compose_body(mermaid("crash"), mermaid())

    assert {each.code for each in page.diagnostics} == {"SG414"}
    assert "No usable sandbox!" in page.diagnostics[0].message
    assert page.content.count("is-waiting") == 2
    assert _runs(tmp_path) == 1


def test_all_of_a_page_is_one_run_of_the_browser(
    compose_body: Compose, machine: Machine, tmp_path: Path
) -> None:
    """A browser takes a second to start; what was drawn before needs none."""
    machine("chromium", library=True)

    first = compose_body(*(mermaid(f"flowchart {number}") for number in range(5)))
    again = compose_body(*(mermaid(f"flowchart {number}") for number in range(4)))

    assert first.content.count("<svg") == 5
    assert again.content.count("<svg") == 4
    assert _runs(tmp_path) == 1


def test_another_library_draws_anew(compose_body: Compose, machine: Machine, tmp_path: Path) -> None:
    """Drawings are kept by what drew them."""
    machine("chromium", library=True)
    compose_body(mermaid())
    (tmp_path / "node_modules/mermaid/dist/mermaid.min.js").write_text("mermaid = {version: 2}")

    compose_body(mermaid())

    assert _runs(tmp_path) == 2


def test_kept_drawings_need_no_browser(compose_body: Compose, machine: Machine, tmp_path: Path) -> None:
    """So a machine of a CI with the cache alone builds the same."""
    machine("chromium", library=True)
    first = compose_body(mermaid())
    (tmp_path / "bin/chromium").unlink()

    assert compose_body(mermaid()).content == first.content


# --- mistakes


@pytest.mark.parametrize(
    ("hole", "line"), [(dot("digraph {\n wrong\n}"), 6), (mermaid("flowchart LR\n wrong"), 5)]
)
def test_a_mistake_has_its_line_in_the_file(
    compose_body: Compose, machine: Machine, hole: DiagramHole, line: int
) -> None:
    """The page has the message and the source; the other diagrams are drawn."""
    machine("dot", "chromium", library=True)

    page = compose_body(hole, mermaid("flowchart fine"))

    (problem,) = page.diagnostics
    assert (problem.code, problem.severity) == ("SG413", "error")
    assert problem.location is not None
    assert problem.location.line == line
    assert '<div class="build-error" role="alert">SG413: ' in page.content
    assert page.content.count("<svg") == 1
    assert "Expecting" not in problem.message


def test_what_is_odd_is_a_warning_each_time(compose_body: Compose, machine: Machine) -> None:
    """Nothing is kept of which there is something to tell."""
    machine("dot")
    first, again = (compose_body(dot("digraph { odd }")) for _ in range(2))

    assert [each.severity for each in first.diagnostics] == ["warning"]
    assert first.diagnostics == again.diagnostics
    assert "<svg" in first.content


# --- where tools are looked for


def test_every_place_that_was_looked_at_is_noted(config: Config, machine: Machine, tmp_path: Path) -> None:
    """A tool that comes later makes the pages again that missed it."""
    machine()
    reads = Reads()
    programs = Programs(config, reads)

    with reads.collected() as found:
        assert (programs.graphviz(), programs.mermaid()) == (None, None)

    names = {name for subject, name, _ in found if subject == "file"}
    assert names == {"bin/dot", "bin/mmdc", "node_modules/mermaid/dist/mermaid.min.js"}


def test_mermaids_command_brings_the_library(config: Config, machine: Machine, tmp_path: Path) -> None:
    """Of a global installation of mermaid-cli: the command is a link into it."""
    machine()
    package = tmp_path / "lib/node_modules/@mermaid-js/mermaid-cli"
    library = package / "node_modules/mermaid/dist/mermaid.min.js"
    library.parent.mkdir(parents=True)
    library.write_text("mermaid = {}")
    (package / "cli.js").write_text("")
    (package / "cli.js").chmod(0o755)
    (tmp_path / "bin/mmdc").symlink_to(package / "cli.js")

    assert Programs(config, Reads()).mermaid() == library


def test_a_browser_is_found_where_tools_put_theirs(
    config: Config, machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable first, then `PATH`, then what Playwright has fetched."""
    machine()
    fetched = tmp_path / "home/.cache/ms-playwright/chromium-1200/chrome-linux/chrome"
    fetched.parent.mkdir(parents=True)
    fetched.write_text("")
    programs = Programs(config, Reads())

    assert programs.browser() == fetched
    machine("google-chrome")
    assert programs.browser() == tmp_path / "bin/google-chrome"
    monkeypatch.setenv("CHROME_PATH", str(tmp_path / "bin/google-chrome"))
    assert programs.browser() == tmp_path / "bin/google-chrome"
