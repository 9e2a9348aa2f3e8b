"""Addresses of other sites: which are asked, and what is told of the answers."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote, urldefrag, urlsplit

from sitegen.checking.crawl import Heard, Manners, crawl, tell_nobody
from sitegen.checking.findings import Fault, Findings
from sitegen.checking.link_cache import LinkCache
from sitegen.checking.links import LinkReport, Use
from sitegen.checking.places import Places
from sitegen.checking.requests import Answer, Asking, ask
from sitegen.checking.settings import CheckSettings
from sitegen.config import Config
from sitegen.errors import Diagnostic

_EXAMPLES: Final = ("example.org", "example.com", "example.net", "example", "invalid", "test", "localhost")
"""Names that are nobody's (RFC 2606): they stand in texts as examples."""


_OFFLINE: Final = Diagnostic(
    code="SG718",
    severity="warning",
    message="other sites were not asked: not one of their names could be looked up",
    hint="see whether this machine is on the network",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What other sites said."""

    diagnostics: tuple[Diagnostic, ...]
    asked: int
    """How many addresses were asked now, and not known from an earlier check."""


def check_external(
    links: LinkReport,
    places: Places,
    settings: CheckSettings,
    config: Config,
    *,
    is_fresh: bool,
    manners: Manners | None = None,
    heard: Heard = tell_nobody,
) -> Asked:
    """Ask other sites for the pages that this one links to.

    Args:
        links: with the addresses.
        places: where they are written.
        settings: how they are asked.
        config: of the site; its state folder keeps the answers.
        is_fresh: believe no earlier answer.
        manners: else by the settings.
        heard: is told of each answer.
    """
    uses = _wanted(links.external, settings)
    cache = LinkCache(config.state_dir, datetime.now(UTC), max_age_s=settings.max_age_s)
    known = {} if is_fresh else {url: answer for url in uses if (answer := cache.get(url)) is not None}
    asking = Asking(timeout_s=settings.timeout_s, accept=settings.accept, private=settings.private)

    def answer_of(url: str) -> Answer:
        page, part = urldefrag(url)
        return ask(page, asking, part=part)

    new = crawl(
        [url for url in uses if url not in known],
        answer_of,
        manners or Manners(per_host=settings.per_host, delay_s=settings.delay_s, retries=settings.retries),
        heard,
    )
    if _is_offline(new):
        return Asked(diagnostics=(_OFFLINE,), asked=0)
    with contextlib.suppress(OSError):  # asked again next time
        cache.save({url: answer for url, answer in new.items() if answer.outcome != "private"})
    findings = Findings()
    for url, answer in {**known, **new}.items():
        fault = _fault(url, answer)
        if fault is not None:
            _add(findings, fault, uses[url], places)
    return Asked(diagnostics=tuple(findings.diagnostics()), asked=len(new))


def _is_offline(answers: Mapping[str, Answer]) -> bool:
    """Whether no server said anything, and not one name of several could be looked up: then it is not the links."""
    hosts = {urlsplit(url).hostname for url, answer in answers.items() if answer.outcome == "no host"}
    is_silent = all(answer.status == 0 and answer.outcome != "unsafe" for answer in answers.values())
    return is_silent and len(hosts) > 1


def _wanted(external: Mapping[str, list[Use]], settings: CheckSettings) -> dict[str, list[Use]]:
    """The addresses that are asked, without fragments unless these are asked for."""
    found: dict[str, list[Use]] = {}
    for url, uses in external.items():
        host = (urlsplit(url).hostname or "").lower()
        is_example = (
            any(host == name or host.endswith(f".{name}") for name in _EXAMPLES) and not settings.private
        )
        if is_example or any(pattern.search(url) for pattern in settings.ignore_urls):
            continue
        page, part = urldefrag(url)
        if settings.fragments and part and not part.startswith((":~:", "!", "/")):
            page = f"{page}#{quote(part, safe='%/:@!$&()*+,;=~-._')}"
        found.setdefault(page, []).extend(uses)
    return found


def _add(findings: Findings, fault: Fault, uses: list[Use], places: Places) -> None:
    for use in {(use.url, use.file.owner): use for use in uses}.values():
        locations = places.of(use.url, use.file.owner)
        findings.add(fault, locations, page=use.file.owner, file=places.file_of(use.file.owner))


def _fault(url: str, answer: Answer) -> Fault | None:
    match answer.outcome:
        case "ok":
            if not answer.moved_to or _is_same(url, answer.moved_to):
                return None
            return Fault(
                code="SG707",
                severity="info",
                message=f"`{url}` has moved for good",
                hint=f"write `{answer.moved_to}`",
            )
        case "gone" | "no host" | "loop" | "no part" | "unsafe":
            return Fault(
                code="SG705",
                severity="error",
                message=f"`{url}` is broken: {answer.said}",
                hint="mend the link, or link to a copy, as of web.archive.org",
            )
        case "private":
            return Fault(
                code="SG706",
                severity="info",
                message=f"`{url}` was not asked: {answer.said}",
                hint="`--private` asks it; readers elsewhere cannot",
            )
        case "refused":
            return Fault(
                code="SG706",
                severity="info",
                message=f"`{url}` could not be checked: {answer.said}: it may not answer programs",
                hint=f"see for yourself; then `accept = [{answer.status}]` or `ignore-urls` of `[check]`",
            )
        case _:
            return Fault(
                code="SG706",
                severity="warning",
                message=f"`{url}` could not be checked: {answer.said}",
                hint="check again later",
            )


def _is_same(first: str, second: str) -> bool:
    """Whether two addresses differ in nothing that an author would write: the slash after a host."""
    return urldefrag(first)[0].rstrip("/") == second.rstrip("/")
