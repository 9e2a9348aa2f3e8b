"""Redirects: a tiny HTML file at an old address that leads to the new one."""

from __future__ import annotations

from html import escape


def redirect_html(target: str, permalink: str, language: str = "en") -> str:
    """The HTML of an alias, byte for byte as Hugo 0.168 writes it.

    Args:
        target: where the browser goes.
        permalink: the canonical address, absolute where the site's is.
        language: BCP 47, of the site.
    """
    shown, canonical = escape(target), escape(permalink)
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(language)}">\n\t<head>\n'
        f"\t\t<title>{canonical}</title>\n"
        f'\t\t<link rel="canonical" href="{canonical}">\n'
        '\t\t<meta charset="utf-8">\n'
        f'\t\t<meta http-equiv="refresh" content="0; url={shown}">\n'
        "\t</head>\n</html>\n"
    )
