"""Fixtures of the importers' tests: a folder from texts, an import through the command, the site that it builds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner
from selectolax.lexbor import LexborHTMLParser

from sitegen.cli.main import main
from sitegen.importing.report import REPORT_NAME

Files = Mapping[str, str | bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedSite:
    """What an import wrote, and what building it gave."""

    root: Path
    report: str
    build: str
    """What the build printed."""
    exit_code: int
    """Of the build."""

    def text(self, path: str) -> str:
        """A file of the new site."""
        return (self.root / path).read_text("utf-8")

    def html(self, path: str) -> str:
        """A published file."""
        return (self.root / "public" / path).read_text("utf-8")

    def page(self, path: str) -> LexborHTMLParser:
        """The published page at a URL path."""
        name = f"{path.strip('/')}/index.html".lstrip("/") if path.endswith("/") else path.lstrip("/")
        return LexborHTMLParser(self.html(name))

    def broken_links(self) -> list[str]:
        """Links and images of published pages that go to no published file."""
        public = self.root / "public"
        found = []
        for file in sorted(public.rglob("*.html")):
            for node in LexborHTMLParser(file.read_text("utf-8")).css("a[href], img[src]"):
                url = node.attributes.get("href") or node.attributes.get("src") or ""
                if "://" in url or url.startswith(("#", "mailto:", "data:", "//")):
                    continue
                path = url.partition("#")[0].partition("?")[0]
                target = public / path.lstrip("/") if path.startswith("/") else file.parent / path
                if not (target.is_file() or (target / "index.html").is_file()):
                    found.append(f"{file.relative_to(public)}: {url}")
        return found


@pytest.fixture(scope="session")
def write_files() -> Callable[[Path, Files], Path]:
    """Writes texts and bytes below a folder; gives the folder."""

    def write(folder: Path, files: Files) -> Path:
        for name, content in files.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        return folder

    return write


@pytest.fixture(scope="session")
def import_and_build(
    tmp_path_factory: pytest.TempPathFactory, write_files: Callable[[Path, Files], Path]
) -> Callable[..., ImportedSite]:
    """Writes a site of another generator, imports it and builds the result without running a cell."""

    def run(importer: str, files: Files, *flags: str) -> ImportedSite:
        folder = tmp_path_factory.mktemp(importer)
        source = write_files(folder / "old", files)
        root = folder / "new"
        done = CliRunner().invoke(main, ["import", importer, str(source), str(root), *flags])
        assert done.exit_code == 0, done.output
        built = CliRunner().invoke(main, ["build", "-s", str(root), "--keep-going", "--no-execute", "-D"])
        assert built.exception is None or isinstance(built.exception, SystemExit), built.output
        return ImportedSite(
            root=root,
            report=(root / REPORT_NAME).read_text("utf-8"),
            build=built.output,
            exit_code=built.exit_code,
        )

    return run
