"""Photographs and films that are published as they are, and say where they were taken."""

from __future__ import annotations

from collections.abc import Iterator

from sitegen.build.rendered import RenderedSite
from sitegen.config import Config
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.rendering.bundle_files import PHOTOGRAPHS
from sitegen.rendering.photo_metadata import file_metadata


def check_photographs(site: RenderedSite, config: Config) -> Iterator[Diagnostic]:
    """SG719 for each file with coordinates that a build publishes byte for byte: of `static/`, alone in `content/`, or linked.

    Args:
        site: rendered.
        config: of the site.
    """
    for file in site.files:
        source = file.copied_from
        if source is None or source.suffix.lower() not in PHOTOGRAPHS or not file_metadata(source).has_place:
            continue
        yield Diagnostic(
            code="SG719",
            severity="warning",
            message=f"the file says where it was taken, and is published as it is: `/{file.path}`",
            location=SourceLocation(path=config.relative_to_root(source)),
            hint="remove the place (`exiftool -gps:all= FILE`), or put the file beside the page that shows it",
        )
