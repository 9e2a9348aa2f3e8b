"""Facts of the repositories that pages name, in `data/repositories.json`: of the day on which they were asked for."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sitegen import __version__
from sitegen.config import Config
from sitegen.content.index import SiteIndex
from sitegen.content.repositories import repository_of
from sitegen.errors import Diagnostic, SiteError, SourceLocation
from sitegen.fetching.hosts import Facts, Question, question, token
from sitegen.files import write_atomic

FILE: Final = "repositories.json"
"""In the site's data folder; templates have it as `site.data.repositories`."""
KEYS: Final = ("repo", "model", "dataset", "demo")
"""Of the front matter: what may name a repository."""
TIMEOUT_S: Final = 15.0
_LARGEST_ANSWER: Final = 4_000_000

Ask = Callable[[Question], Any]
"""Gives the JSON that a host answers with; raises OSError or ValueError where it does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What one repository's host said."""

    repository: str
    facts: Facts | None
    """None where it did not answer."""
    problem: str = ""
    """In words."""


def named_repositories(index: SiteIndex) -> tuple[str, ...]:
    """The repositories that the front matter of published pages names, in their order, once each."""
    found: dict[str, None] = {}
    for page in index.pages.values():
        params = page.meta.params if page.source is not None else {}
        for key in KEYS:
            repository = repository_of(params.get(key))
            if repository:
                found[repository] = None
    return tuple(found)


def fetch(repositories: Iterable[str], ask: Ask) -> Iterator[Fetched]:
    """Ask for each, one after the other."""
    for repository in repositories:
        try:
            asked = question(repository)
            yield Fetched(repository=repository, facts=asked.read(ask(asked)))
        except (OSError, ValueError, AttributeError, TypeError, http.client.HTTPException) as error:
            yield Fetched(repository=repository, facts=None, problem=_in_words(error))


def ask(asked: Question) -> Any:
    """The JSON of a host.

    Raises:
        OSError: it cannot be reached, or refuses.
        ValueError: what it says is no JSON.
    """
    headers = {"User-Agent": f"sitegen/{__version__}", "Accept": "application/json"}
    secret = token(asked)
    if secret:
        headers["Authorization"] = f"Bearer {secret}"
    request = urllib.request.Request(asked.url, headers=headers)  # noqa: S310  (https, by hosts.py)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:  # noqa: S310
            return json.loads(response.read(_LARGEST_ANSWER))
    except urllib.error.HTTPError as error:
        error.close()  # it holds the connection
        raise


def describe(facts: Facts) -> str:
    """The facts in one line, for who asked for them."""
    counts = [f"{facts[name]} {name}" for name in ("stars", "likes", "downloads") if name in facts]
    others = [str(facts[name]) for name in ("language", "license", "updated") if name in facts]
    return ", ".join([*counts, *others]) or "nothing that pages show"


def read_repositories(config: Config) -> dict[str, Mapping[str, Any]]:
    """What is kept, by address; empty where nothing is.

    Raises:
        SiteError: the file is there, and somebody else's.
    """
    path = _path(config)
    try:
        kept = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise _not_ours(path, config, str(error)) from error
    if not isinstance(kept, dict) or not all(isinstance(facts, dict) for facts in kept.values()):
        raise _not_ours(path, config, "it is no table of tables")
    return kept


def write_repositories(kept: Mapping[str, Mapping[str, Any]], config: Config) -> Path:
    """Keep the facts, in the order of addresses; the file.

    Raises:
        OSError: it cannot be written.
    """
    path = _path(config)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, json.dumps(dict(sorted(kept.items())), indent=2, ensure_ascii=False).encode() + b"\n")
    return path


def _path(config: Config) -> Path:
    return config.data_dir / FILE


def _not_ours(path: Path, config: Config, reason: str) -> SiteError:
    return SiteError(
        Diagnostic(
            code="SG118",
            severity="error",
            message=f"`{FILE}` is not what `sitegen fetch` writes: {reason}",
            location=SourceLocation(path=config.relative_to_root(path)),
            hint="give that file another name",
        )
    )


def _in_words(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"{error.code} {error.reason}"
    if isinstance(error, urllib.error.URLError):
        return str(error.reason)
    return f"its answer is not understood ({error})" if not isinstance(error, OSError) else str(error)
