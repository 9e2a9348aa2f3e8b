"""What a page says of itself to search engines: JSON-LD in the words of schema.org, never the text itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sitegen.config import Config
from sitegen.rendering.authors import PageAuthor, people_of
from sitegen.rendering.licences import licence_of
from sitegen.rendering.templating.filters import isodate
from sitegen.rendering.urls import absolute
from sitegen.rendering.views.page_view import PageView
from sitegen.rendering.views.parts import ConfigView
from sitegen.rendering.views.site_view import SiteView, config_view

_REPOSITORY_KEYS: Final = ("repo", "code")
"""Front matter that names where a project's code is."""


def structured_data(page: PageView, site: SiteView, picture: str = "") -> dict[str, object] | None:
    """The page as schema.org describes it; None for a list, which search engines read by its links.

    A home page is a `WebSite`, a project whose front matter names a repository is `SoftwareSourceCode`, slides are a
    `PresentationDigitalDocument`, a CV is the `ProfilePage` of the site's author, another page with a date is a `BlogPosting`, and
    one without is a `WebPage`. Members that would be empty are left out.

    Args:
        page: the page being rendered.
        site: it is of.
        picture: the address of what stands for it in shared links.
    """
    config = config_view(site.settings, site.recorder)
    if page.is_home:
        return _members(
            {
                "@type": "WebSite",
                "name": site.title,
                "description": page.description or site.description,
                "url": page.permalink,
                "inLanguage": site.language,
                "author": _person(config),
                "potentialAction": _search(site),
            }
        )
    if not page.is_page:
        return None
    members: dict[str, object] = {
        "@type": "WebPage",
        "headline" if page.date else "name": page.label,
        "description": page.description,
        "url": page.canonical_url,
        "inLanguage": lang if isinstance(lang := page.params.get("lang"), str) else site.language,
        "image": absolute(site.settings, picture) if picture else "",
        "author": _authors(page, site, config),
        "license": _licence(page, config),
        "isBasedOn": _provenance(page, site.settings),
    }
    if page.date:
        members |= {
            "@type": "BlogPosting",
            "datePublished": isodate(page.date),
            "dateModified": isodate(page.lastmod or page.date),
            "keywords": [term.title for terms in page.terms.values() for term in terms],
        }
    repository = next((url for url in map(page.params.get, _REPOSITORY_KEYS) if _is_address(url)), None)
    if page.type == "slides":
        members |= {"@type": "PresentationDigitalDocument", "name": page.label}
        members.pop("headline", None)
    elif page.type == "cv":
        members |= {"@type": "ProfilePage", "mainEntity": _person(config)}
    if page.type == "projects" and repository:
        members |= {"@type": "SoftwareSourceCode", "codeRepository": repository, "name": page.label}
        members.pop("headline", None)
    return _members(members)


def _search(site: SiteView) -> dict[str, object]:
    """Where a search engine may send a query; the words are schema.org's and Google's."""
    page = site.search_page
    if page is None:
        return {}
    return {
        "@type": "SearchAction",
        "target": {"@type": "EntryPoint", "urlTemplate": f"{page.permalink}?q={{search_term_string}}"},
        "query-input": "required name=search_term_string",
    }


def _members(members: Mapping[str, object]) -> dict[str, object]:
    return {"@context": "https://schema.org"} | {name: value for name, value in members.items() if value}


def _person(config: ConfigView) -> dict[str, object]:
    author = config.author
    if not author.name:
        return {}
    return {"@type": "Person", "name": author.name, **({"url": author.url} if author.url else {})}


def _authors(page: PageView, site: SiteView, config: ConfigView) -> object:
    named = people_of(page)
    if not named:
        return _person(config)
    people = [_author(person, site.settings) for person in named]
    return people if len(people) > 1 else people[0]


def _licence(page: PageView, config: ConfigView) -> str:
    """Its address, or its name where that is all that is known."""
    licence = licence_of(page, config.params)
    return licence.url or licence.name if licence is not None else ""


def _author(person: PageAuthor, settings: Config) -> dict[str, object]:
    organization = {"@type": "Organization", "name": person.affiliation} if person.affiliation else {}
    members = {
        "@type": "Person",
        "name": person.name,
        "url": absolute(settings, person.url) if person.url else "",
        "affiliation": organization,
        "sameAs": f"https://orcid.org/{person.orcid}" if person.orcid else "",
    }
    return {name: value for name, value in members.items() if value}


def _provenance(page: PageView, config: Config) -> str:
    """Where the numbers of the page come from, for machines."""
    found = page.provenance
    return absolute(config, found.url) if found is not None else ""


def _is_address(value: object) -> bool:
    return isinstance(value, str) and value.startswith(("https://", "http://"))
