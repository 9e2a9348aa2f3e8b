"""Redirects: a tiny HTML file at an old address that leads to the new one."""

from __future__ import annotations

from html import escape


def redirect_html(target: str, permalink: str, language: str = "en") -> str:
    """The HTML of an alias, as Hugo writes it.

    Args:
        target: where the browser goes.
        permalink: the canonical address, absolute where the site's is.
    """
    shown, canonical = escape(target), escape(permalink)
    return (
        f'<!DOCTYPE html><html lang="{escape(language)}"><head><title>{canonical}</title>'
        f'<link rel="canonical" href="{canonical}"><meta charset="utf-8">'
        f'<meta http-equiv="refresh" content="0; url={shown}"></head></html>'
    )
