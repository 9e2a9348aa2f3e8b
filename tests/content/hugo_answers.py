"""What the real Hugo says of a site, and what our index says of it, in one form."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timezone
from pathlib import Path
from typing import Any, Final

from sitegen.config import Config
from sitegen.content.document import PageKey
from sitegen.content.index import MenuEntry, SiteIndex
from sitegen.content.site import IndexedPage

NO_DATE: Final = "0001-01-01T00:00:00Z"

_LAYOUT: Final = """
{{- define "partials/menu.html" -}}
  {{- $rows := slice -}}
  {{- range . -}}
    {{- $rows = $rows | append (dict "identifier" (.Identifier | default .Name) "name" .Name "title" (.Title | default .Name) "url" .URL
        "weight" .Weight "pre" (string .Pre) "post" (string .Post) "params" (.Params | default dict)
        "children" (partial "menu.html" .Children)) -}}
  {{- end -}}
  {{- return $rows -}}
{{- end -}}
{{- $pages := slice -}}
{{- range site.Pages -}}
  {{- $paths := slice -}}{{- range .Pages -}}{{- $paths = $paths | append .Path -}}{{- end -}}
  {{- $regular := slice -}}{{- range .RegularPages -}}{{- $regular = $regular | append .Path -}}{{- end -}}
  {{- $resources := dict -}}
  {{- range .Resources -}}
    {{- $one := slice .Name .Title .ResourceType (.Params | default dict) -}}
    {{- $resources = merge $resources (dict (printf "%s %s" .Name .Title) $one) -}}
  {{- end -}}
  {{- $file := "" -}}{{- with .File -}}{{- $file = .Path -}}{{- end -}}
  {{- $near := dict -}}
  {{- with .Parent -}}{{- $near = merge $near (dict "parent" .Path) -}}{{- end -}}
  {{- with .PrevInSection -}}{{- $near = merge $near (dict "older" .Path) -}}{{- end -}}
  {{- with .NextInSection -}}{{- $near = merge $near (dict "newer" .Path) -}}{{- end -}}
  {{- with .Prev -}}{{- $near = merge $near (dict "prev" .Path) -}}{{- end -}}
  {{- with .Next -}}{{- $near = merge $near (dict "next" .Path) -}}{{- end -}}
  {{- $pages = $pages | append (dict
    "path" .Path "kind" .Kind "section" .Section "type" .Type "title" .Title "linkTitle" .LinkTitle
    "url" .RelPermalink "date" .Date "lastmod" .Lastmod "publishDate" .PublishDate "expiryDate" .ExpiryDate
    "draft" .Draft "weight" .Weight "slug" .Slug "aliases" (.Aliases | default slice) "params" .Params
    "layout" .Layout "description" .Description "keywords" (.Keywords | default slice)
    "file" $file "parent" $near.parent "pages" $paths "regular" $regular
    "older" $near.older "newer" $near.newer "prev" $near.prev "next" $near.next
    "resources" $resources) -}}
{{- end -}}
{{- $menus := dict -}}
{{- range $name, $menu := site.Menus -}}
  {{- $menus = merge $menus (dict $name (partial "menu.html" $menu)) -}}
{{- end -}}
{{- $taxonomies := dict -}}
{{- range $name, $terms := site.Taxonomies -}}
  {{- $found := dict -}}
  {{- range $term, $members := $terms -}}
    {{- $paths := slice -}}{{- range $members -}}{{- $paths = $paths | append .Page.Path -}}{{- end -}}
    {{- $found = merge $found (dict (replace $term " " "-") $paths) -}}
  {{- end -}}
  {{- $taxonomies = merge $taxonomies (dict $name $found) -}}
{{- end -}}
{{- $all := slice -}}{{- range site.RegularPages -}}{{- $all = $all | append .Path -}}{{- end -}}
{{- $main := slice -}}{{- range site.MainSections -}}{{- $main = $main | append . -}}{{- end -}}
{{- jsonify (dict "pages" $pages "menus" $menus "taxonomies" $taxonomies "regular" $all "main" $main
    "data" hugo.Data) | safeHTML -}}
"""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What is said of a site as a whole."""

    pages: Mapping[str, Mapping[str, Any]]
    """By path; what is in no list is not among them."""
    regular: list[str]
    menus: Mapping[str, Any]
    taxonomies: Mapping[str, Any]
    data: Any
    files: frozenset[str]
    """Published, but for feeds, pagers and what a theme adds."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Hugo builds nothing."""

    message: str


def find_hugo() -> str | None:
    """The binary of the pinned Hugo; the wrapper that starts it costs more than its run."""
    wrapper = shutil.which("hugo", path=str(Path(sys.executable).parent))
    if wrapper is not None:
        found = sorted(
            Path(sys.executable).parent.parent.glob("lib/python*/site-packages/hugo/binaries/hugo*")
        )
        return str(found[0]) if found else wrapper
    return shutil.which("hugo")


def ask_hugo(root: Path, hugo: str) -> Answer | Failure:
    """The account of the real Hugo, by a layout that prints all it knows."""
    layouts = root / "layouts"
    layouts.mkdir(exist_ok=True)
    (layouts / "all.html").write_text("page", encoding="utf-8")
    (layouts / "404.html").write_text(_LAYOUT, encoding="utf-8")
    output = root / "hugo-output"
    shutil.rmtree(output, ignore_errors=True)
    done = subprocess.run(
        [hugo, "--logLevel", "error", "--destination", str(output), "--noBuildLock"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "HUGO_CACHEDIR": str(root / "hugo-cache")},
    )
    if done.returncode:
        return Failure(message=done.stdout + done.stderr)
    said = json.loads(min(output.rglob("404.html")).read_text(encoding="utf-8"))
    files = {path.relative_to(output).as_posix() for path in output.rglob("*") if path.is_file()}
    return Answer(
        pages={page["path"]: page for page in said["pages"]},
        regular=said["regular"],
        menus=said["menus"],
        taxonomies=said["taxonomies"],
        data=said["data"],
        files=frozenset(name for name in files if not name.endswith(("index.xml", "404.html"))),
    )


def answer_of(index: SiteIndex, config: Config) -> Answer:
    """The same of our index."""
    pages = {
        str(key): _page(page, index, config)
        for key, page in index.pages.items()
        if page.kind in ("home", "section", "page", "taxonomy", "term") and page.meta.build.list == "always"
    }
    return Answer(
        pages=pages,
        regular=[str(key) for key in index.regular],
        menus={name: _menu(entries, config) for name, entries in index.menus.items() if entries},
        taxonomies=_taxonomies(index),
        data=_plain(index.data),
        files=frozenset(_files(index)),
    )


def _page(page: IndexedPage, index: SiteIndex, config: Config) -> dict[str, Any]:
    older, newer = index.neighbours.get(page.key, (None, None))
    children = [str(key) for key in index.children.get(page.key, ())]
    return {
        "path": str(page.key),
        "kind": page.kind,
        "section": page.section,
        "type": page.type,
        "title": page.title,
        "linkTitle": page.meta.link_title or page.title,
        "url": config.base_path.rstrip("/") + page.url if page.url else "",
        "date": moment(page.date),
        "lastmod": moment(page.lastmod),
        "publishDate": moment(page.meta.publish_date),
        "expiryDate": moment(page.meta.expiry_date),
        "draft": page.meta.draft,
        "weight": page.meta.weight,
        "slug": page.meta.slug,
        "aliases": list(page.meta.aliases),
        "params": _plain(page.meta.params),
        "layout": page.meta.layout,
        "description": page.meta.description,
        "keywords": list(page.meta.keywords),
        "file": str(page.source.content_path) if page.source else "",
        "parent": str(page.parent) if page.parent else None,
        "pages": children,
        "regular": [key for key in children if index.pages[PageKey(key)].kind == "page"],
        "older": str(older) if older else None,
        "newer": str(newer) if newer else None,
        "resources": {
            f"{name} {resource.title or name}": [
                name,
                resource.title or name,
                _plain(resource.params),
            ]
            for resource in page.resources
            for name in [resource.label or str(resource.name)]
        },
    }


def _taxonomies(index: SiteIndex) -> dict[str, Any]:
    found: dict[str, dict[str, list[str]]] = {}
    for key, page in index.pages.items():
        if page.kind == "taxonomy":
            found.setdefault(page.taxonomy, {})
        if page.kind == "term":
            members = [str(child) for child in index.children.get(key, ())]
            found.setdefault(page.taxonomy, {})[page.term] = members
    return found


def _menu(entries: tuple[MenuEntry, ...], config: Config) -> list[Any]:
    return [
        {
            "identifier": entry.identifier,
            "name": entry.name,
            "title": entry.title,
            "url": entry.url,
            "weight": entry.weight,
            "pre": entry.pre,
            "post": entry.post,
            "params": _plain(entry.params),
            "children": _menu(entry.children, config),
        }
        for entry in entries
    ]


def _files(index: SiteIndex) -> set[str]:
    found = {str(file.output_path) for file in index.static_files}
    for page in index.pages.values():
        if page.output_path is not None and page.kind not in ("404", "robotstxt", "llmstxt"):
            found.add(str(page.output_path))
            found |= {str(alias) for alias in page.aliases}
            folder = page.output_path.parent
            found |= {
                str(folder / resource.name)
                for resource in page.resources
                if not resource.is_content and page.meta.build.publish_resources
            }
    return found


def moment(value: datetime | None) -> str:
    """A date as Go's JSON has it."""
    if value is None:
        return NO_DATE
    text = value.isoformat()
    if "." in text:
        head, fraction, offset = text[:19], text[20:26].rstrip("0"), text[26:]
        text = f"{head}.{fraction}{offset}" if fraction else head + offset
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return moment(datetime.combine(value, time(), timezone.utc))  # noqa: UP017
    if isinstance(value, time):
        return value.isoformat()
    return value
