"""A site rendered into a folder of its own, for whoever looks at it and publishes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from sitegen.build.bodies import ReadLater
from sitegen.build.last import Last
from sitegen.build.made import Output
from sitegen.build.manifest import Manifest
from sitegen.build.pipeline import make_site
from sitegen.build.publish import Published
from sitegen.build.result import BuildOptions
from sitegen.build.state import opened
from sitegen.build.stock import Stock
from sitegen.build.work import Staging
from sitegen.config import Config
from sitegen.content.document import Digest, LinkHole, PageKey
from sitegen.content.index import SiteIndex
from sitegen.errors import Diagnostic
from sitegen.execution.backends import Backend
from sitegen.execution.policy import ExecutionPolicy
from sitegen.rendering.values import Page, RenderedFile
from sitegen.results.store import Store
from sitegen.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedSite:
    """The site before it is published, with what it was made of; pages and files are read when they are asked for."""

    index: SiteIndex
    pages: Mapping[PageKey, Page]
    links: Mapping[PageKey, tuple[LinkHole, ...]]
    """The links of each page's Markdown, of its title, its description and its summary too."""
    files: tuple[RenderedFile, ...]
    diagnostics: tuple[Diagnostic, ...]
    """Once each, in the order of files and lines."""


@contextmanager
def rendered_site(
    config: Config, policy: ExecutionPolicy, *, backend: Backend, store: Store
) -> Iterator[RenderedSite]:
    """All of a build but the last step, from the beginning: nothing of the site's is written.

    Args:
        config: the site's configuration.
        policy: what may run.
        backend: runs the cells; used only for pages whose records do not hold.
        store: the records of earlier runs.
    """
    with TemporaryDirectory(prefix="sitegen-") as folder, opened(Path(folder, "state")) as state:
        published = Published(manifest=Manifest(), intact={}, state=None)
        made = make_site(
            config,
            BuildOptions(policy=policy, links=True, search="none"),
            Last(state, config),
            Stock(),
            set(),
            Staging(folder=folder + "/files", published=published),
            must_reindex=True,
            backend=backend,
            store=store,
        )
        yield RenderedSite(
            index=made.found.index,
            pages=ReadLater(made.refs, state.bodies.page),
            links={page.key: page.links for page in made.composed},
            files=tuple(as_rendered(output) for output in made.made),
            diagnostics=made.outcome.diagnostics,
        )


def as_rendered(output: Output) -> RenderedFile:
    """A file of a build as `publish` takes it."""
    return RenderedFile(
        path=PurePosixPath(output.path),
        digest=Digest(output.digest),
        file=Path(output.file) if output.file else None,
        owner=PageKey(output.owner),
        part=output.part,
        is_staged=output.is_staged,
        is_kept=not output.file,
        diagnostics=output.diagnostics,
    )
