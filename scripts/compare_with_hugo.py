"""Compares what sitegen makes of the bodies of a Hugo site's pages with what Hugo makes of them.

    python scripts/compare_with_hugo.py SITE ... [--sample 200] [--show 20] [--field content]

SITE is a folder with `content/` and a Hugo configuration. Both sides get a copy of it, the same stub for each
shortcode that the content calls (its inner text where it has a closing tag, else the word `shortcode`), and a template
that prints what is compared as JSON. Needs `hugo` and selectolax, both of the `dev` extra.

Two bodies are strictly equal if their trees of HTML are: order of attributes, form of entities, how much white space
stands where there is some, and the spans and colours of highlighted code do not count. Else white space that a browser does
not show does not count either, nor what `ON_PURPOSE` names, nor addresses that sitegen resolves.
"""

from __future__ import annotations

import argparse
import difflib
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from sitegen.build.build import build
from sitegen.build.result import BuildOptions
from sitegen.config import load_config
from sitegen.errors import Diagnostic
from sitegen.execution.backends import LocalBackend
from sitegen.execution.policy import ExecutionPolicy
from sitegen.results.store import open_store

Answer = Mapping[str, Any]
"""What one side says of a page: `content`, `summary`, `toc` (HTML), `words`, `fuzzy_words`, `minutes`, `is_truncated`."""

HTML_FIELDS: Final = ("content", "summary", "toc")
FIELDS: Final = (*HTML_FIELDS, "words", "fuzzy_words", "minutes", "is_truncated")

_HUGO: Final = """{{ $path := "" }}{{ with .File }}{{ $path = .Path }}{{ end -}}
{{ dict "path" $path "content" (string .Content) "summary" (string .Summary) "toc" (string .TableOfContents)
"words" .WordCount "fuzzy_words" .FuzzyWordCount "minutes" .ReadingTime "is_truncated" .Truncated | jsonify | safeHTML }}"""
_OURS: Final = """{{ {"path": page.source_path.removeprefix("content/"), "content": page.content,
"summary": page.summary, "toc": page.table_of_contents, "words": page.word_count,
"fuzzy_words": page.fuzzy_word_count, "minutes": page.reading_minutes, "is_truncated": page.is_truncated} | tojson }}"""
_KINDS: Final = ("page", "home", "list", "taxonomy", "term", "404")
_CALL: Final = re.compile(r"\{\{[<%]\s*(/?)\s*([\w/.-]+)")
_SETTINGS: Final = """disableKinds: [taxonomy, term, rss, sitemap, robotstxt, "404"]
refLinksErrorLevel: warning
markup: {goldmark: {renderer: {unsafe: true}}}
"""


# --- both sides -----------------------------------------------------------------------------------


def copy_site(site: Path, root: Path, paths: Sequence[Path] | None = None) -> None:
    """A copy of `site` for both sides, with stubs and templates.

    Args:
        site: has `content/` and a configuration, and perhaps `static/` and `data/`.
        root: where the copy goes; must not exist.
        paths: of content files below `site`; all where it is None.
    """
    root.mkdir(parents=True)
    for file in site.iterdir():
        if file.suffix in {".toml", ".yaml", ".yml", ".json"} and file.is_file():
            shutil.copy(file, root)
    for folder in ("content", "static", "data", "config"):
        if (site / folder).is_dir() and (folder != "content" or paths is None):
            shutil.copytree(site / folder, root / folder)
    for path in paths or ():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(site / path, root / path)
    (root / "config/_default").mkdir(parents=True, exist_ok=True)
    (root / "config/_default/hugo.yaml").write_text(_SETTINGS, "utf-8")
    _write(root / "layouts/all.html", _HUGO)
    for kind in _KINDS:
        _write(root / f"templates/{kind}.html", _OURS)
    for name, is_enclosing in _shortcodes(root / "content"):
        _write(root / f"layouts/_shortcodes/{name}.html", "{{ .Inner }}" if is_enclosing else "shortcode")
        _write(root / f"templates/shortcodes/{name}.html", "{{ inner }}" if is_enclosing else "shortcode")


def _shortcodes(content: Path) -> Iterator[tuple[str, bool]]:
    """Name of each shortcode that is called, and whether it has a closing tag anywhere."""
    found: dict[str, bool] = {}
    for file in content.rglob("*"):
        if file.suffix in {".md", ".markdown", ".html"}:
            for closing, name in _CALL.findall(file.read_text("utf-8", "replace")):
                found[name] = found.get(name, False) or bool(closing)
    yield from found.items()


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


def ask_hugo(root: Path) -> dict[str, Answer]:
    """Hugo's answers by content file.

    Raises:
        RuntimeError: Hugo refuses the site; its messages.
    """
    hugo = shutil.which("hugo", path=str(Path(sys.executable).parent)) or shutil.which("hugo")
    if hugo is None:
        raise RuntimeError("hugo is not installed (it is part of the `dev` extra)")
    command = [hugo, "--quiet", "--destination", "by-hugo"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return _answers(root / "by-hugo")


def ask_sitegen(root: Path) -> tuple[dict[str, Answer], tuple[Diagnostic, ...]]:
    """Our answers by content file, as `sitegen build --keep-going --no-execute` publishes them; and what it says."""
    config = load_config(root, environ={}, overrides={"publish_dir": root / "by-sitegen"})
    options = BuildOptions(keep_going=True, policy=ExecutionPolicy(allowed=False))
    result = build(config, options, backend=LocalBackend(config), store=open_store(config))
    return _answers(root / "by-sitegen"), result.diagnostics


def _answers(folder: Path) -> dict[str, Answer]:
    found: dict[str, Answer] = {}
    for file in folder.rglob("*.html"):
        text = file.read_text("utf-8")
        if text.lstrip().startswith("{"):  # not a redirect
            answer = json.loads(text)
            found.setdefault(answer.pop("path"), answer)
    found.pop("", None)
    return found


# --- equality -------------------------------------------------------------------------------------

_VOID: Final = frozenset("area base br col embed hr img input link meta source track wbr".split())  # noqa: SIM905
_BLOCKS: Final = frozenset(
    """
address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5
h6 header hr iframe li main nav ol p pre section summary table tbody td tfoot th thead tr ul script style
""".split()  # noqa: SIM905 -- words read better
)
_SPACE: Final = re.compile(r"[ \t\r\n\f]+")

Tags = list[str]
"""The canonical form: an item is a tag, `<p>`, or a text with a quotation mark before it, `"text`."""


def canonical(html: str, *, has_all_space: bool = False) -> Tags:
    """The HTML as tags and texts, the same for what a browser shows the same.

    Args:
        html: a body's, or a part of one.
        has_all_space: keep white space that is not shown, a blank for each.
    """
    body = LexborHTMLParser(f"<!DOCTYPE html><body>{html}").body
    items: Tags = []
    if body is not None:
        for child in body.iter(include_text=True):
            _add(child, items, is_code=False)
    return _joined(items) if has_all_space else _tidied(items)


def _add(node: LexborNode, items: Tags, *, is_code: bool) -> None:
    tag = node.tag or ""
    if tag == "-text":
        text = node.text_content or ""
        items.append(f'"{text if is_code else _SPACE.sub(" ", text)}')
        return
    if tag.startswith(("-", "_", "!")):
        items.append(f"<!--{(node.html or '')[4:-3].strip()}-->")
        return
    is_span = is_code and tag == "span"  # of highlighting
    if not is_span:
        items.append(_opening(node, tag))
    for child in node.iter(include_text=True):
        _add(child, items, is_code=is_code or tag == "pre")
    if not is_span and tag not in _VOID:
        items.append(f"</{tag}>")


def _opening(node: LexborNode, tag: str) -> str:
    given = dict(node.attributes)
    if tag == "pre" and "tabindex" in given:  # a block of code: colours are spans' business
        given.pop("style", None)
        given.pop("class", None)
    attributes = "".join(f' {name}="{value or ""}"' for name, value in sorted(given.items()))
    return f"<{tag}{attributes}>"


def _joined(items: Tags) -> Tags:
    """Neighbouring texts joined."""
    joined: Tags = []
    for item in items:
        if joined and item[0] == joined[-1][0] == '"':
            joined[-1] += item[1:]
        else:
            joined.append(item)
    return joined


def _tidied(items: Tags) -> Tags:
    """The same, with white space beside blocks dropped."""
    joined = _joined(items)
    kept: Tags = []
    depth = 0
    for index, item in enumerate(joined):
        if item.startswith("<"):
            depth += item.startswith("<pre") - item.startswith("</pre>")
            kept.append(item)
            continue
        text = item[1:]
        if not depth:
            if not index or _is_block(joined[index - 1]):
                text = text.lstrip()
            if index + 1 == len(joined) or _is_block(joined[index + 1]):
                text = text.rstrip()
        if text:
            kept.append(f'"{text}')
    return kept


def _is_block(item: str) -> bool:
    name = re.match(r"</?([a-z0-9]+)", item)
    return item.startswith("<!--") or (name is not None and (name[1] in _BLOCKS or name[1] == "br"))


def _without_ids_and_notes(items: Tags) -> Tags:
    """A summary's, which stands on pages with other summaries."""
    kept: Tags = []
    skipped = ""
    depth = 0
    for item in items:
        name = re.match(r"<(/?)(\w+)", item)
        if skipped:
            if name is not None and name[2] == skipped:
                depth += -1 if name[1] else 1
                skipped = skipped if depth else ""
            continue
        if item.startswith(('<sup id="fnref', '<div class="footnotes"')):
            skipped, depth = item[1:4], 1
            continue
        kept.append(re.sub(r' id="[^"]*"', "", item) if re.match(r"<h\d", item) else item)
    return _tidied(kept)


def _without_stand_ins(items: Tags) -> Tags:
    """Ids of headings with shortcodes in them: Hugo's hold the number of the call in the whole build."""
    return [_STAND_IN.sub("", item) if item.startswith("<") else item for item in items]


_STAND_IN: Final = re.compile(r"-?hahahugoshortcode\d+s\d+hbhb")


ON_PURPOSE: Final[Mapping[str, tuple[tuple[str, ...], Callable[[Tags], Tags]]]] = {
    "summaries without ids and notes": (("summary",), _without_ids_and_notes),
    "ids without stand-ins for shortcodes": (HTML_FIELDS, _without_stand_ins),
}
"""Name of a difference that we mean (docs/hugo.md lists them) to its fields and what takes it out of both sides."""


def is_equal(name: str, hugo: Answer, ours: Answer, *, is_strict: bool = False) -> bool:
    """Whether both sides say the same in a field; strictly, what `ON_PURPOSE` names counts too."""
    if name not in HTML_FIELDS:
        return bool(hugo[name] == ours[name])
    if is_strict:
        return canonical(hugo[name], has_all_space=True) == canonical(ours[name], has_all_space=True)
    left, right = _compared(name, hugo), _compared(name, ours)
    return left == right or (name != "toc" and _without_resolved(left, right))


def _without_resolved(left: Tags, right: Tags) -> bool:
    """Whether all that differs are addresses that we resolve and Hugo leaves as written: `b.md`, `figure.png`, `/old/b`."""
    return len(left) == len(right) and all(
        one == other or (_is_relative(one) and _ADDRESS.sub("", one) == _ADDRESS.sub("", other))
        for one, other in zip(left, right, strict=True)
    )


_ADDRESS: Final = re.compile(r' (?:href|src)="([^"]*)"')


def _is_relative(tag: str) -> bool:
    address = _ADDRESS.search(tag)
    return tag.startswith("<") and address is not None and "://" not in address[1]


def _compared(name: str, answer: Answer) -> Tags:
    items = canonical(answer[name])
    for fields, change in ON_PURPOSE.values():
        if name in fields:
            items = change(items)
    return items


# --- the program ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Both sides of a site."""

    hugo: Mapping[str, Answer]
    ours: Mapping[str, Answer]
    diagnostics: tuple[Diagnostic, ...]

    def different(self, name: str, *, is_strict: bool = False) -> list[str]:
        """The pages of both sides that are not equal in a field."""
        return [
            path
            for path in sorted(self.hugo.keys() & self.ours.keys())
            if not is_equal(name, self.hugo[path], self.ours[path], is_strict=is_strict)
        ]


def compare(site: Path, root: Path, paths: Sequence[Path] | None = None) -> Comparison:
    """Both sides of a site, built from copies below `root`."""
    copy_site(site, root, paths)
    ours, diagnostics = ask_sitegen(root)
    return Comparison(hugo=ask_hugo(root), ours=ours, diagnostics=diagnostics)


def sample(site: Path, count: int, seed: int = 0) -> list[Path]:
    """Content files at random, below `site`, and the list pages above them."""
    files = sorted(file for file in (site / "content").rglob("*") if file.suffix in {".md", ".html"})
    pages = [file.relative_to(site) for file in files if file.stem != "_index"]
    return sorted(random.Random(seed).sample(pages, min(count, len(pages))))


def difference(name: str, hugo: Answer, ours: Answer, context: int = 2) -> str:
    """The two sides as a diff: `-` is Hugo."""
    if name not in HTML_FIELDS:
        return f"- {hugo[name]}\n+ {ours[name]}"
    left, right = _compared(name, hugo), _compared(name, ours)
    return "\n".join(
        line.rstrip("\n") for line in list(difflib.unified_diff(left, right, n=context, lineterm=""))[2:]
    )


def _report(site: Path, found: Comparison, names: Iterable[str], show: int) -> None:
    print(f"== {site.name}: {len(found.hugo)} pages of Hugo, {len(found.ours)} of sitegen")
    for side, other, missing in (
        ("Hugo", "sitegen", found.hugo.keys() - found.ours.keys()),
        ("sitegen", "Hugo", found.ours.keys() - found.hugo.keys()),
    ):
        if missing:
            print(f"only {side}, not {other}: {len(missing)}: {', '.join(sorted(missing)[:5])}")
    common = len(found.hugo.keys() & found.ours.keys())
    for name in names:
        different = found.different(name)
        share = 100 * (common - len(different)) / max(1, common)
        strict = 100 * (common - len(found.different(name, is_strict=True))) / max(1, common)
        print(f"{name}: {common - len(different)} of {common} equal: {share:.2f} % (strictly {strict:.2f} %)")
        for path in different[:show]:
            print(f"--- {path}")
            print(difference(name, found.hugo[path], found.ours[path])[:3000])


def main() -> None:
    """Compare the sites that are named."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sites", nargs="+", type=Path)
    parser.add_argument("--sample", type=int, help="only so many pages of each site, at random")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", type=int, default=0, help="print so many differences of each field")
    parser.add_argument("--field", choices=FIELDS, action="append", help="only this; may be given again")
    parser.add_argument("--keep", type=Path, help="leave the copies and both outputs in this folder")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        for site in arguments.sites:
            paths = sample(site, arguments.sample, arguments.seed) if arguments.sample else None
            found = compare(site, folder / site.name, paths)
            _report(site, found, arguments.field or FIELDS, arguments.show)


if __name__ == "__main__":
    main()
