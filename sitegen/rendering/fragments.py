"""Markdown that is known only after a run: outputs, inline values, captions."""

from __future__ import annotations

from sitegen.config import Config
from sitegen.markdown.citations import fill_open
from sitegen.markdown.parse import inline_html, parse_fragment
from sitegen.rendering.references import as_text
from sitegen.rendering.text import plain_text


def inline_markdown(text: str | None, config: Config | None = None) -> str:
    """Markdown as inline HTML where it is one paragraph, else as blocks; empty for nothing."""
    return inline_html(text, config).strip() if text else ""


def caption_html(text: str | None) -> str:
    """A caption as inline HTML; its references and citations are open, for the page that it stands on."""
    return inline_html(text, cites="@" in text).strip() if text else ""


def caption_text(html: str) -> str:
    """The text of a caption that `caption_html` has given, with citations as they are written."""
    return plain_text(fill_open(html, lambda match: match[1]))


def latex_html(text: str) -> str:
    r"""LaTeX as a Jupyter object gives it (`$..$`, `$$..$$`, `\begin{..}`), typeset."""
    stripped = text.strip()
    is_delimited = stripped.startswith(("$", r"\(", r"\["))
    return inline_html(stripped if is_delimited else f"$$\n{stripped}\n$$").strip()


def block_html(text: str) -> str:
    """Markdown as blocks that are not the page's own: its headings stay out of the table of contents."""
    return as_text(parse_fragment(text).html)
