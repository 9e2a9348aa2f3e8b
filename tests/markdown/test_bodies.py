"""Bodies, summaries, tables of contents and counts of words beside what the real Hugo makes of the same pages."""

from __future__ import annotations

import importlib.util
import re
import shutil
import sys
from collections.abc import Iterable, Mapping
from html import unescape
from pathlib import Path
from types import ModuleType

import pytest

from sitegen.markdown.chroma import LANGUAGES

BODIES = Path(__file__).resolve().parent.parent / "cases" / "bodies.md"
SETTINGS: dict[str, str] = {
    "default": "",
    "ascii": "[markup.goldmark.parser]\nautoIDType = 'github-ascii'\n",
    "blackfriday": "[markup.goldmark.parser]\nautoIDType = 'blackfriday'\n",
    "blocks": (
        "[markup.goldmark.parser]\nwrapStandAloneImageWithinParagraph = false\n"
        "[markup.goldmark.parser.attribute]\nblock = true\n"
    ),
    "anchorless": "[markup.goldmark.parser]\nautoHeadingID = false\n",
    "bare": (
        "[markup.goldmark.parser.attribute]\ntitle = false\n"
        "[markup.tableOfContents]\nordered = true\nstartLevel = 1\nendLevel = 4\n[markup.highlight]\ncodeFences = false\n"
    ),
    "numbers": (
        "[markup.highlight]\nlineNos = true\nlineNumbersInTable = false\nlineNoStart = 5\nhl_Lines = '1'\n"
        "wrapperClass = 'code wide'\nanchorLineNos = true\nlineAnchors = 'z'\n"
    ),
    "words": "hasCJKLanguage = true\nsummaryLength = 5\n",
}


@pytest.fixture(scope="module")
def comparison(repository: Path) -> ModuleType:
    """`scripts/compare_with_hugo.py`; skips where Hugo is not installed."""
    if shutil.which("hugo", path=str(Path(sys.executable).parent)) is None and shutil.which("hugo") is None:
        pytest.skip("hugo is not installed (it is part of the `dev` extra)")
    name = "compare_with_hugo"
    spec = importlib.util.spec_from_file_location(name, repository / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _bodies(setting: str) -> Iterable[tuple[str, str]]:
    """Name and text of the bodies of `tests/cases/bodies.md` that are compared under a setting."""
    for part in re.split(r"^=== ", BODIES.read_text("utf-8"), flags=re.MULTILINE)[1:]:
        head, _, text = part.partition("\n")
        name, _, settings = head.partition(": ")
        if setting in settings.split():
            yield name, text


@pytest.mark.parametrize("setting", SETTINGS)
def test_bodies_are_hugos(setting: str, comparison: ModuleType, tmp_path: Path) -> None:
    """Under a setting, every body of our own: content, summary, contents and numbers."""
    site = tmp_path / "site"
    (site / "content").mkdir(parents=True)
    settings = f"baseURL = 'https://example.org/'\n{SETTINGS[setting]}"
    if "[markup.highlight]\n" not in settings:
        settings += "[markup.highlight]\n"
    settings = settings.replace("[markup.highlight]\n", "[markup.highlight]\nnoClasses = false\n")
    (site / "hugo.toml").write_text(settings, "utf-8")
    bodies = dict(_bodies(setting))
    for name, text in bodies.items():
        head = "" if text.startswith("---") else "---\ntitle: x\n---\n"
        (site / "content" / f"{name}.md").write_text(head + text, "utf-8")

    found = comparison.compare(site, tmp_path / "copy")

    assert found.hugo.keys() == found.ours.keys() == {f"{name}.md" for name in bodies}
    differences = {
        (path, field): comparison.difference(field, found.hugo[path], found.ours[path])
        for field in comparison.FIELDS
        if (setting, field) != ("anchorless", "toc")  # ours has no links to nowhere
        for path in found.different(field)
    }
    assert differences == {}
    assert [item for item in found.diagnostics if item.severity == "error"] == []


def test_white_space_is_hugos(comparison: ModuleType, tmp_path: Path) -> None:
    """Between blocks too, for those who compare texts; the bodies are those named `space-...`."""
    site = tmp_path / "site"
    (site / "content").mkdir(parents=True)
    (site / "hugo.toml").write_text("baseURL = 'https://example.org/'\n", "utf-8")
    names = [name for name, _ in _bodies("default") if name.startswith("space-")]
    for name, text in _bodies("default"):
        if name in names:
            (site / "content" / f"{name}.md").write_text(f"---\ntitle: x\n---\n{text}", "utf-8")

    found = comparison.compare(site, tmp_path / "copy")

    assert len(found.ours) == len(names) > 0
    assert found.different("content", is_strict=True) == []
    assert all(_without_code(found.hugo[path]) == _without_code(found.ours[path]) for path in found.ours)


def test_files_are_read_as_hugo_reads_them(comparison: ModuleType, tmp_path: Path) -> None:
    """Formats by name and by `markup`, byte order marks, Windows' line ends, returns inside lines."""
    site = tmp_path / "site"
    (site / "content").mkdir(parents=True)
    settings = "baseURL = 'https://example.org/'\n[security]\nallowContent = ['.*']\n"
    (site / "hugo.toml").write_text(settings, "utf-8")
    head, body = "---\ntitle: x\n{}---\n", '<p>*a* "q"</p>\n\n*b* & c\n'
    files = {
        "page.html": head.format("") + body,
        "as-html.md": head.format("markup: html\n") + body,
        "as-markdown.html": head.format("markup: markdown\n") + body,
        "rendered.markdown": head.format("output: html_document\n") + body,
        "windows.md": "\ufeff" + (head.format("") + f"{body}\n```r\nx\n\ny\n```\n").replace("\n", "\r\n"),
        "returns.md": head.format("") + "text\rmore *a*\r_b_\n\n    code\rmore\n\nend\r\r\n\r\r\nnext\n",
        "bare.md": body,
    }
    for name, text in files.items():
        (site / "content" / name).write_bytes(text.encode())

    found = comparison.compare(site, tmp_path / "copy")

    assert found.ours.keys() == files.keys()
    assert found.different("content", is_strict=True) == []


def _without_code(answer: Mapping[str, str]) -> str:
    """The content to its last blank, but for what stands in blocks of code."""
    return re.sub(r"<pre.*?</pre>", "<pre></pre>", unescape(answer["content"]).strip(), flags=re.DOTALL)


def test_languages_are_chromas(comparison: ModuleType, tmp_path: Path) -> None:
    """Hugo frames the languages that we take for known (every ninth is asked for: it reads a file for each), no others."""
    others = ("nonsense", "mermaid", "cuda", "stan", "pycon", "dot")
    site = tmp_path / "site"
    (site / "content").mkdir(parents=True)
    (site / "hugo.toml").write_text("baseURL = 'https://example.org/'\n", "utf-8")
    asked = {*sorted(LANGUAGES)[::9], "go-html-template"}
    names = (*asked, *others)
    text = "".join(f"```{name}\nx\n```\n\n" for name in names)
    (site / "content" / "a.md").write_text(f"---\ntitle: x\n---\n{text}", "utf-8")
    comparison.copy_site(site, tmp_path / "copy")

    html = comparison.ask_hugo(tmp_path / "copy")["a.md"]["content"]

    framed = re.findall(r'<div class="highlight"><pre[^>]*><code class="language-([^"]+)"', html)
    assert set(framed) == asked
    assert LANGUAGES.isdisjoint(others)


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.parametrize("name", ["kubeflow", "etcd", "digitalgov"])
def test_bodies_of_a_corpus_are_hugos(
    name: str, comparison: ModuleType, shared_dir: Path, tmp_path: Path
) -> None:
    """Of 200 pages at random the bodies of 97 % are Hugo's, and every diagnostic has a file and a line."""
    site = shared_dir / "corpora" / name
    paths = comparison.sample(site, 200, seed=5)

    found = comparison.compare(site, tmp_path / "copy", paths)

    common = found.hugo.keys() & found.ours.keys()
    assert len(common) >= 0.99 * len(paths)
    assert len(found.different("content")) <= 0.03 * len(common)
    assert all(item.location is not None and item.location.line for item in found.diagnostics)
