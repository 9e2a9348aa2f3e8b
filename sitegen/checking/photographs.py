"""Photographs and films that are published as they are, and say where they were taken."""

from __future__ import annotations

from collections.abc import Iterator

from sitegen.build.rendered import RenderedSite
from sitegen.config import Config
from sitegen.errors import Diagnostic
from sitegen.rendering.pictures.bundle_files import place_told


def check_photographs(site: RenderedSite, config: Config) -> Iterator[Diagnostic]:
    """SG719 for each file with coordinates that a build publishes byte for byte: of `static/`, alone in `content/`, or linked.

    Args:
        site: rendered.
        config: of the site.
    """
    for file in site.files:
        told = place_told(file.path, file.copied_from, config) if file.copied_from is not None else None
        if told is not None:
            yield told
