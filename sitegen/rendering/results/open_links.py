"""Where a page's downloads can be had, and where its notebook can be opened: Colab and Binder, from the configured repository.

Both open files of a repository, never of a website. So a page that is an `.ipynb` file of the repository opens as it is
there; any other page opens where the published site is itself on a branch (`pagesBranch`), as its `index.ipynb`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import quote

from sitegen.config import Config
from sitegen.content.index import IndexedPage
from sitegen.rendering.results.downloads import NOTEBOOK, SCRIPT
from sitegen.rendering.results.provenance import repository_url
from sitegen.rendering.urls import page_folder, url_of_output
from sitegen.values import dataclass

_HOSTS: Final = {"github.com": "gh", "gitlab.com": "gl"}
"""Hosts of repositories, and Binder's short names for them."""
_REPOSITORY: Final = re.compile(r"https://(github\.com|gitlab\.com)/([\w.-]+(?:/[\w.-]+)+?)(?:\.git)?/?")
BINDER_FILES: Final = (
    "binder",
    ".binder",
    "environment.yml",
    "requirements.txt",
    "Pipfile",
    "setup.py",
    "Dockerfile",
)
"""What Binder makes an environment from; without any of them it has nothing but Jupyter."""
SETTINGS: Final = ("repository", "branch", "pagesbranch", "repositoryfolder")
"""The site's `params` that say where the repository is, keys lower-cased."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadLink:
    """One way to have the page's code: a file, or a service that opens it."""

    label: str
    url: str
    """With the base path, or absolute for a service."""
    type: str = ""
    """MIME type of a file; empty for a service."""

    @property
    def is_file(self) -> bool:
        """Whether it is a file of the site."""
        return bool(self.type)


def download_links(
    files: frozenset[PurePosixPath], place: IndexedPage, config: Config
) -> tuple[DownloadLink, ...]:
    """The page's downloads and the services that open it; none for a page without a notebook.

    Args:
        files: what is published beside the page.
        place: the page.
        config: has the repository in its `params`.
    """
    if NOTEBOOK not in files:
        return ()
    folder = page_folder(place)
    found = [
        DownloadLink(
            label=config.words("cell.notebook"),
            url=url_of_output(config, folder / NOTEBOOK),
            type="application/x-ipynb+json",
        )
    ]
    if SCRIPT in files:
        found.append(
            DownloadLink(label="Python", url=url_of_output(config, folder / SCRIPT), type="text/x-python")
        )
    return (*found, *_services(place, config))


def _services(place: IndexedPage, config: Config) -> Iterator[DownloadLink]:
    match = _REPOSITORY.fullmatch(repository_url(config))
    if match is None:
        return
    host, repository = match[1], match[2]
    source = place.source
    is_notebook = source is not None and source.path.suffix.lower() == ".ipynb"
    branch = _param(config, "branch") or "main"
    pages_branch = _param(config, "pagesBranch")
    in_repository = (
        PurePosixPath(_param(config, "repositoryFolder")) / source.path if source is not None else None
    )
    if host == "github.com" and (pages_branch or is_notebook):
        path = page_folder(place) / NOTEBOOK if pages_branch else in_repository
        address = f"https://colab.research.google.com/github/{repository}/blob/{quote(pages_branch or branch)}/{_quoted(path)}"
        yield DownloadLink(label=config.words("cell.colab"), url=address)
    if is_notebook and any((config.root / name).exists() for name in BINDER_FILES):
        name = repository if host == "github.com" else quote(repository, safe="")
        address = f"https://mybinder.org/v2/{_HOSTS[host]}/{name}/{quote(branch, safe='')}?labpath={_quoted(in_repository, safe='')}"
        yield DownloadLink(label=config.words("cell.binder"), url=address)


def _param(config: Config, name: str) -> str:
    """A text among `params`, whatever the case of its name."""
    for key, value in config.params.items():
        if key.lower() == name.lower() and isinstance(value, str):
            return value.strip("/")
    return ""


def _quoted(path: PurePosixPath | None, safe: str = "/") -> str:
    return quote(path.as_posix() if path is not None else "", safe=safe)
