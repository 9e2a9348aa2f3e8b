"""Numbered figures, tables and listings of a page: their captions, and the links that name them."""

from __future__ import annotations


def figcaption(caption: str, number: str | None) -> str:
    """A caption with its number before it.

    Args:
        caption: inline HTML; empty for none.
        number: `Figure 1`; None for what no one can refer to.
    """
    if number is None:
        return f"<figcaption>{caption}</figcaption>" if caption else ""
    if not caption:
        return f'<figcaption><span class="caption-number">{number}</span></figcaption>'
    return f'<figcaption><span class="caption-number">{number}:</span> {caption}</figcaption>'
