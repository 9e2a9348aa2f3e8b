"""What the Markdown stage may ask of shortcodes: a protocol, so that `markdown/` never sees a template."""

from __future__ import annotations

from typing import Final, Protocol

from sitegen.content.document import PageKey, ShortcodeCall

BUILT_IN: Final = frozenset(
    {"comment", "details", "embed", "figure", "gist", "highlight", "instagram", "metric", "notebook", "param"}
    | {"qr", "ref", "relref", "tweet", "twitter", "vimeo", "x", "youtube", "blogdown/postref"}
)
"""Hugo's embedded shortcodes and ours: what needs no template of the site."""


class Shortcodes(Protocol):
    """Expands calls; made in `rendering/shortcodes.py`, handed in by the pipeline."""

    def __call__(self, call: ShortcodeCall, page: PageKey) -> str:
        """What the call gives: Markdown for `{{% %}}`, HTML for `{{< >}}`; nested calls included.

        Raises:
            ContentError: unknown name (SG202), or its template failed (SG203).
        """
        ...

    def uses_inner(self, name: str) -> bool | None:
        """Whether the shortcode's template reads `inner`; None where there is no such shortcode."""
        ...
