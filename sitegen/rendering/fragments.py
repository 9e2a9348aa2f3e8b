"""Markdown that is known only after a run: outputs, inline values, captions."""

from __future__ import annotations

from sitegen.config import Config
from sitegen.markdown.parse import inline_html, parse_fragment
from sitegen.rendering.references import as_text


def inline_markdown(text: str | None, config: Config | None = None) -> str:
    """Markdown as inline HTML where it is one paragraph, else as blocks; empty for nothing."""
    return inline_html(text, config).strip() if text else ""


def latex_html(text: str) -> str:
    r"""LaTeX as a Jupyter object gives it (`$..$`, `$$..$$`, `\begin{..}`), typeset."""
    stripped = text.strip()
    is_delimited = stripped.startswith(("$", r"\(", r"\["))
    return inline_html(stripped if is_delimited else f"$$\n{stripped}\n$$").strip()


def block_html(text: str) -> str:
    """Markdown as blocks that are not the page's own: its headings stay out of the table of contents."""
    return as_text(parse_fragment(text).html)
