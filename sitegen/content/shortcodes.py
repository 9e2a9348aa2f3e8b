"""What the Markdown stage may ask of shortcodes: a protocol, so that `markdown/` never sees a template."""

from __future__ import annotations

from dataclasses import field
from pathlib import Path, PurePosixPath
from typing import Final, Protocol

from sitegen.content.document import PageKey, ShortcodeCall
from sitegen.errors import Diagnostic
from sitegen.frozen import FrozenDict
from sitegen.values import dataclass

BUILT_IN: Final = frozenset(
    {
        "bibliography",
        "cite",
        "comment",
        "details",
        "embed",
        "figure",
        "gist",
        "highlight",
        "instagram",
        "metric",
    }
    | {
        "notebook",
        "param",
        "qr",
        "ref",
        "relref",
        "tweet",
        "twitter",
        "vimeo",
        "x",
        "youtube",
        "blogdown/postref",
    }
)
"""Hugo's embedded shortcodes and ours: what needs no template of the site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expansion:
    """What a call gives."""

    text: str
    """Markdown for `{{% %}}`, HTML for `{{< >}}`."""
    files: FrozenDict[PurePosixPath, bytes | Path] = field(default_factory=FrozenDict)
    """What the text needs beside the page, by its path below the output folder: QR codes, pictures of `assets/`."""
    diagnostics: tuple[Diagnostic, ...] = ()
    """What is wrong with the call, though it gave a text."""


class Shortcodes(Protocol):
    """Expands calls; made in `rendering/templating/shortcodes.py`, handed in by the pipeline."""

    def __call__(self, call: ShortcodeCall, page: PageKey) -> Expansion:
        """What the call gives, nested calls included.

        Raises:
            ContentError: unknown name (SG202), or its template failed (SG203).
        """
        ...

    def uses_inner(self, name: str) -> bool | None:
        """Whether the shortcode's template reads `inner`; None where there is no such shortcode."""
        ...
