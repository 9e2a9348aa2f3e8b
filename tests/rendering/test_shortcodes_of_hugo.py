"""Shortcodes beside the real Hugo: the same calls give the same HTML, or an error in both."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape, unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from sitegen.build.rendered import rendered_site
from sitegen.config import load_config
from sitegen.content.document import PageKey
from sitegen.execution.jobs import Run
from sitegen.execution.run import ExecutionPolicy
from sitegen.results.store import open_store

CASES: Mapping[str, list[str]] = json.loads(
    (Path(__file__).resolve().parent.parent / "cases/hugo_shortcodes.json").read_text(encoding="utf-8")
)
"""`calls`: what its author may write, of two shortcodes that print how they were called, `j` alone and `b` around a
text; `built_in`: calls of Hugo's own ones."""

_HUGO_CALL = "[{{ .Name }}|{{ .Params | jsonify }}|{{ .Ordinal }}|{{ with .Parent }}{{ .Name }}{{ end }}"
_OUR_CALL = "[{{ name }}|{{ params | tojson }}|{{ ordinal }}|{{ parent.name if parent }}"
_SAME = {"md": "- one\n- two\n\npara", "blk": "<div>x</div>\n"}
"""Shortcodes without a variable, for both."""
_INNER = {"w": "X", "wl": "X\n", "wt": "X{E -}\n"}
"""Shortcodes that give what they enclose, `X`, with and without a line end behind it, and with one that is trimmed."""
_LAYOUT = """{{ range $i, $call := hugo.Data.cases.calls }}<hr data-case="{{ $i }}">
{{ with try ($.RenderString (dict "display" "block") $call) }}{{ with .Err }}ERROR{{ else }}{{ .Value }}{{ end }}{{ end }}{{ end }}"""
_FILES = {
    "hugo.toml": (
        "baseURL = 'https://example.org/'\ntitle = 't'\n[params]\nsite_key = 'site'\n"
        "[markup.goldmark.renderer]\nunsafe = true\n[markup.highlight]\nnoClasses = false\n"
    ),
    "content/posts/b.md": "---\ntitle: B\ntags: [t]\n---\n## frag\n",
    "content/docs/_index.md": "---\ntitle: D\n---\n",
    "content/docs/c.md": "---\ntitle: C\n---\n",
    "content/docs/leaf/index.md": "---\ntitle: L\n---\n",
    "content/posts/a/cat.png": "",
    "content/posts/a/my pic.png": "",
    "assets/img/a.png": "",
    "static/img/s.png": "",
}
_FRONT_MATTER = """---
title: A & b
date: 2024-05-06
tags: [t, u]
colour: red
table: {deep: 3}
flag: true
list: [1, x]
num: 1.50
md: "*m* & <b>"
html: "<i>x</i>"
when: 2024-01-02
---
"""
_CASE = re.compile(r'<hr data-case="(\d+)">\n')
_ARGUMENTS = re.compile(r"\|(null|\{.*?\}|\[.*?\])\|(\d+\|)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What both generators say, by case; None stands for an error."""

    hugo: Mapping[int, str | None]
    ours: Mapping[int, str | None]


class _NoBackend:
    name = "none"

    def run(self, jobs: object) -> Iterator[Run]:
        """No page here has cells."""
        del jobs
        return iter(())

    def cancel(self) -> None:
        """Nothing runs."""


def _write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")


def _enclosing(inner: str) -> dict[str, str]:
    return {name: text.replace("X", inner).replace("{E -}", '{{ "" -}}') for name, text in _INNER.items()}


def _built_in_page() -> str:
    calls = (f'\n<hr data-case="{number}">\n\n{call}\n' for number, call in enumerate(CASES["built_in"]))
    return _FRONT_MATTER + "".join(calls)


def _hugo(root: Path) -> tuple[Mapping[int, str | None], Mapping[int, str | None]]:
    hugo = shutil.which("hugo", path=str(Path(sys.executable).parent)) or shutil.which("hugo")
    if hugo is None:
        pytest.skip("hugo is not installed (it is part of the `dev` extra)")
    both = {**dict.fromkeys(("j", "d/e", "my_sc-x2"), f"{_HUGO_CALL}]"), **_SAME}
    both |= dict.fromkeys(("b", "b2"), f"{_HUGO_CALL}|({{{{ .Inner }}}})]")
    both |= _enclosing("{{ .Inner }}")
    _write(
        root,
        {
            **_FILES,
            "data/cases.json": json.dumps(CASES),
            "content/posts/a/index.md": _built_in_page(),
            "content/lexed.md": "---\ntitle: x\nlayout: lexed\n---\n",
            "layouts/lexed.html": _LAYOUT,
            "layouts/page.html": "{{ .Content }}",
            "layouts/list.html": "",
            "layouts/home.html": "",
            **{f"layouts/_shortcodes/{name}.html": text for name, text in both.items()},
        },
    )
    subprocess.run([hugo, "--quiet", "-d", "out"], cwd=root, check=True, capture_output=True)
    pages = (root / "out/lexed/index.html", root / "out/posts/a/index.html")
    lexed, built_in = (_by_case(page.read_text(encoding="utf-8")) for page in pages)
    return {key: None if text.startswith("ERROR") else text for key, text in lexed.items()}, built_in


def _by_case(html: str) -> dict[int, str]:
    parts = _CASE.split(html)[1:]
    return {int(number): text for number, text in zip(parts[::2], parts[1::2], strict=True)}


def _ours(root: Path) -> tuple[Mapping[int, str | None], Mapping[int, str | None]]:
    both = {**dict.fromkeys(("j", "d/e", "my_sc-x2"), f"{_OUR_CALL}]"), **_SAME}
    both |= dict.fromkeys(("b", "b2"), f"{_OUR_CALL}|({{{{ inner }}}})]")
    both |= _enclosing("{{ inner }}")
    _write(
        root,
        {
            **_FILES,
            "content/posts/a/index.md": _built_in_page(),
            **{f"templates/shortcodes/{name}.html": text for name, text in both.items()},
            **{
                f"content/calls/c{number}.md": f"---\ntitle: x\n---\n{call}"
                for number, call in enumerate(CASES["calls"])
            },
        },
    )
    config = load_config(root, environ={}, now=datetime(2030, 1, 1, tzinfo=UTC))
    with rendered_site(config, ExecutionPolicy(), backend=_NoBackend(), store=open_store(config)) as site:
        wrong = {
            str(found.location.path)
            for found in site.diagnostics
            if found.location is not None and found.severity == "error"
        }
        calls = {
            number: None
            if f"content/calls/c{number}.md" in wrong
            else site.pages[PageKey(f"/calls/c{number}")].content
            for number in range(len(CASES["calls"]))
        }
        return calls, _by_case(site.pages[PageKey("/posts/a")].content)


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Answers, Answers]:
    """Of the calls, and of the built-in shortcodes: one run each of Hugo and of ours."""
    hugo = _hugo(tmp_path_factory.mktemp("hugo"))
    calls, built_in = _ours(tmp_path_factory.mktemp("ours"))
    return Answers(hugo=hugo[0], ours=calls), Answers(hugo=hugo[1], ours=built_in)


class _Normal(HTMLParser):
    """HTML with sorted attributes, without white space that no reader sees and without colours of code."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Sorted; `span` is only ever a colour here."""
        if tag == "span":
            return
        pairs = sorted((name, re.sub(r"\s+", "", value or "")) for name, value in attrs if value != "chroma")
        self.parts.append(f"<{tag}" + "".join(f" {name}={value}" for name, value in pairs) + ">")

    def handle_endtag(self, tag: str) -> None:
        """As it is."""
        if tag != "span":
            self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        """One blank for any white space; a sign that was escaped is no tag."""
        self.parts.append(escape(re.sub(r"\s+", " ", data), quote=False))

    def handle_comment(self, data: str) -> None:
        """As it is."""
        self.parts.append(f"<!--{data}-->")


def _normal(html: str | None) -> str | None:
    if html is None:
        return None
    parser = _Normal()
    parser.feed(_ARGUMENTS.sub(_canonical, html))
    parser.close()
    text = re.sub(r"\s*(<[^<>]*>)\s*", r"\1", "".join(parser.parts)).strip()
    return re.sub(r"qr_[0-9a-f]{16}", "qr_", text)


def _canonical(match: re.Match[str]) -> str:
    value = json.loads(unescape(match[1])) or None
    return f"|{json.dumps(value, sort_keys=True, ensure_ascii=False)}|{match[2]}".replace("<", "&lt;")


def _differences(calls: list[str], answers: Answers) -> dict[str, tuple[str | None, str | None]]:
    found = {
        call: (_normal(answers.ours[number]), _normal(answers.hugo[number]))
        for number, call in enumerate(calls)
    }
    return {call: (ours, hugos) for call, (ours, hugos) in found.items() if ours != hugos}


def test_calls_are_read_as_hugo_reads_them(answers: tuple[Answers, Answers]) -> None:
    """Arguments, nesting, escapes, place in Markdown: the same HTML, or an error where Hugo has one."""
    assert _differences(CASES["calls"], answers[0]) == {}


def test_built_in_shortcodes_give_hugos_html(answers: tuple[Answers, Answers]) -> None:
    """All of them that need no network, in all their arguments."""
    assert _differences(CASES["built_in"], answers[1]) == {}
