"""Blocks of the site's templates that show nothing."""

from __future__ import annotations

from collections.abc import Iterator

from sitegen.config import Config
from sitegen.errors import Diagnostic, SourceLocation, did_you_mean


def check_blocks(config: Config) -> Iterator[Diagnostic]:
    """SG721 for each block whose name no template has that its own one extends.

    Args:
        config: of the site.
    """
    if not config.templates_dir.is_dir():
        return
    from sitegen.rendering.templating.template_blocks import (
        unknown_blocks,  # here: most sites have no templates
    )

    for block in unknown_blocks(config):
        line = block.file.read_text(encoding="utf-8").splitlines()[block.line - 1]
        at = line.find(block.name, line.find("block") + len("block"))
        yield Diagnostic(
            code="SG721",
            severity="warning",
            message=f"the block `{block.name}` is shown nowhere: no template that this one extends has it",
            location=SourceLocation(
                path=config.relative_to_root(block.file), line=block.line, column=at + 1 if at >= 0 else None
            ),
            hint=did_you_mean(block.name, block.known),
        )
