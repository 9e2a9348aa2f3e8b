"""What PaperMod and themes like it have in `params`: a greeting or a profile on the home page, accounts elsewhere, shortcodes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sitegen.importing.pages import table

SHORTCODES: Final[Mapping[str, str]] = {
    "collapse": (
        '<details{% if get("openByDefault", false) %} open{% endif %}>\n'
        '<summary>{{ get("summary", t("text.details")) | markdownify }}</summary>\n{{ block(inner) }}</details>\n'
    ),
    "rawhtml": "{{ inner }}\n",
}
"""Lower-case name of a shortcode of PaperMod's to its template here: sites that have the theme as a module have no copy of it."""
_NAMES: Final = {
    "github": "GitHub", "gitlab": "GitLab", "linkedin": "LinkedIn", "googlescholar": "Google Scholar", "orcid": "ORCID",
    "x": "X", "rss": "", "email": "E-mail", "youtube": "YouTube", "stackoverflow": "Stack Overflow", "huggingface": "Hugging Face",
}  # fmt: skip
"""How services are written whose name is not their word with a capital; empty for what the footer has already."""


def home_fields(params: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """Front matter and text of the home page, by `homeInfoParams` or an enabled `profileMode`; both empty without.

    Args:
        params: of the site; keys in lower case.
    """
    greeting, profile = _lower(params.get("homeinfoparams")), _lower(params.get("profilemode"))
    if profile.get("enabled") is True:
        buttons = profile.get("buttons")
        links = [_link(_lower(button)) for button in (buttons if isinstance(buttons, tuple | list) else ())]
        image = profile.get("imageurl")
        made = {
            "headline": profile.get("title"),
            "description": profile.get("subtitle"),
            "image": f"/{image.lstrip('/')}"
            if isinstance(image, str) and image and "://" not in image
            else image,
            "links": [link for link in links if link],
        }
        return {key: value for key, value in made.items() if value}, ""
    text = greeting.get("content")
    return (
        {"headline": greeting["title"]} if greeting.get("title") else {},
        text.strip() + "\n" if isinstance(text, str) else "",
    )


def accounts(params: Mapping[str, Any]) -> list[dict[str, Any]]:
    """`socialIcons` as entries of the footer's menu, but for feeds, which the footer has."""
    icons = params.get("socialicons")
    found: list[dict[str, Any]] = []
    for icon in icons if isinstance(icons, tuple | list) else ():
        link = _link(_lower(icon))
        if link and link["url"].lower().startswith(("http://", "https://", "mailto:")):
            word = link["name"].lower()
            if name := str(_lower(icon).get("title") or _NAMES.get(word, word.capitalize())):
                found.append({"name": name, "url": link["url"], "weight": len(found) + 1})
    return found


def _link(entry: Mapping[str, Any]) -> dict[str, str]:
    name, url = entry.get("name"), entry.get("url")
    return (
        {"name": name, "url": url} if isinstance(name, str) and isinstance(url, str) and name and url else {}
    )


def _lower(value: object) -> dict[str, Any]:
    return {key.lower(): each for key, each in table(value).items()}
