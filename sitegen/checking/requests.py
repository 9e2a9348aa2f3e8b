"""One address of another site, asked once: HEAD, else GET, redirects followed by hand, never more than is needed read."""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import re
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any, Final, Literal
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

from sitegen import __version__

_AGENT: Final = f"sitegen-check/{__version__} (+https://pypi.org/project/sitegen-ml/)"
_MOST_REDIRECTS: Final = 10
_PERMANENT: Final = frozenset({301, 308})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_HEAD_REFUSED: Final = frozenset({400, 403, 404, 405, 406, 410, 429, 500, 501, 502, 503, 999})
"""After which GET is tried: servers that do not know HEAD say anything but 405."""
_FLAKY: Final = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
"""What passes (RFC 9110; 520 to 524 are Cloudflare's)."""
_LARGEST_PAGE: Final = 2_000_000
"""Bytes of a page in which a part is looked for."""
_ID: Final = re.compile(r"""\b(?:id|name)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)

Outcome = Literal["ok", "gone", "no host", "flaky", "refused", "unsafe", "no part", "private", "loop"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What asking for an address came to."""

    outcome: Outcome
    said: str = ""
    """In words: `404 Not Found`, `no answer in 15 s`."""
    status: int = 0
    """The last one; 0 where no server answered."""
    moved_to: str = ""
    """Where the page is for good, where each step of the way there is permanent."""
    wait_s: float | None = None
    """What `Retry-After` asks for."""
    ids: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """How addresses are asked."""

    timeout_s: float
    accept: frozenset[int] = frozenset()
    private: bool = False
    now: datetime | None = None
    """For `Retry-After` as a date; else the clock."""


def ask(url: str, asking: Asking, *, part: str = "") -> Answer:
    """What a site says of an address.

    Args:
        url: `http` or `https`, without a fragment.
        asking: timeouts, and what is allowed.
        part: an id that the page is to have; empty where that is not asked for.
    """
    method: Literal["GET", "HEAD"] = "GET" if part else "HEAD"
    answer = _follow(url, method, asking, part)
    if method == "HEAD" and answer.status in _HEAD_REFUSED and answer.status not in asking.accept:
        again = _follow(url, "GET", asking, part)
        return again if again.status or not answer.wait_s else answer
    return answer


def _follow(url: str, method: str, asking: Asking, part: str) -> Answer:
    """Go where redirects lead; one that is not permanent ends what the author may write instead."""
    here, is_permanent, moved_to = url, True, ""
    seen = {url}
    for _ in range(_MOST_REDIRECTS + 1):
        problem = _refused(here, asking)
        if problem is not None:
            return problem
        try:
            with _opened(here, method, asking.timeout_s) as response:
                status = response.status
                location = response.headers.get("Location", "")
                if status in _REDIRECTS and location:
                    target = _absolute(here, location)
                    is_permanent = is_permanent and status in _PERMANENT
                    moved_to = target if is_permanent else moved_to
                    if target in seen:
                        return Answer(outcome="loop", said="it leads back to itself", status=status)
                    seen.add(target)
                    here = target
                    continue
                return _answer(response, moved_to, asking, part)
        except (OSError, http.client.HTTPException, ValueError) as error:
            return _failed(error, asking)
    return Answer(outcome="loop", said=f"it leads through more than {_MOST_REDIRECTS} redirects")


def _answer(response: Any, moved_to: str, asking: Asking, part: str) -> Answer:
    status: int = response.status
    said = f"{status} {response.reason or http.client.responses.get(status, '')}".strip()
    if 200 <= status < 300 or status in asking.accept:
        if part and not _has_part(response, part):
            return Answer(
                outcome="no part", said=f"its page has no `#{part}`", status=status, moved_to=moved_to
            )
        return Answer(outcome="ok", said=said, status=status, moved_to=moved_to)
    if status in _FLAKY:
        wait_s = _retry_after(response.headers.get("Retry-After"), asking)
        return Answer(outcome="flaky", said=said, status=status, wait_s=wait_s)
    if status in (404, 410):
        return Answer(outcome="gone", said=said, status=status)
    return Answer(outcome="refused", said=said, status=status)


def _failed(error: Exception, asking: Asking) -> Answer:
    """What went wrong below HTTP, in words."""
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, ssl.SSLCertVerificationError):
        return Answer(outcome="unsafe", said=f"its certificate is not valid: {reason.verify_message}")
    if isinstance(reason, ssl.SSLError):
        return Answer(outcome="unsafe", said=f"TLS failed: {reason.reason or reason}")
    if isinstance(reason, TimeoutError):
        return Answer(outcome="flaky", said=f"no answer in {asking.timeout_s:g} s")
    if isinstance(reason, socket.gaierror):
        if reason.errno == socket.EAI_AGAIN:  # the name server did not answer
            return Answer(outcome="flaky", said="its name could not be looked up just now")
        return Answer(outcome="no host", said="there is no such host")
    if isinstance(reason, ConnectionRefusedError):
        return Answer(outcome="flaky", said="the connection was refused")
    if isinstance(reason, http.client.HTTPException | ValueError):
        return Answer(outcome="flaky", said=f"its answer is no HTTP: {type(reason).__name__}")
    return Answer(outcome="flaky", said=str(getattr(reason, "strerror", None) or reason))


def _refused(url: str, asking: Asking) -> Answer | None:
    """Why an address is not asked at all: not HTTP, or a machine of a private network."""
    try:
        parts = urlsplit(_encoded(url))
    except ValueError:  # brackets, a port of six digits, a host that no name can be
        return Answer(outcome="gone", said=f"it leads to `{url}`, which is no address")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return Answer(outcome="gone", said=f"it leads to `{url}`, which is no address of the web")
    if asking.private:
        return None
    try:
        found = _addresses(parts.hostname)
    except OSError:
        return None  # the request says it better
    if found and not any(ipaddress.ip_address(address).is_global for address in found):
        return Answer(outcome="private", said="its host is in a private network")
    return None


@cache
def _addresses(host: str) -> tuple[str, ...]:
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return tuple(str(each[4][0]).partition("%")[0] for each in found)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Gives redirects and errors as they come: they are what is asked for."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """No further request."""


class _AnyStatus(urllib.request.HTTPErrorProcessor):
    """No status is an exception."""

    def http_response(self, request: urllib.request.Request, response: Any) -> Any:
        """The response as it is."""
        del request
        return response

    https_response = http_response


@cache
def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_NoRedirects, _AnyStatus)


@contextlib.contextmanager
def _opened(url: str, method: str, timeout_s: float) -> Iterator[Any]:
    headers = {"User-Agent": _AGENT, "Accept": "text/html,*/*;q=0.8", "Accept-Encoding": "identity"}
    request = urllib.request.Request(_encoded(url), method=method, headers=headers)  # noqa: S310 - http(s) only, see `_refused`
    with _opener().open(request, timeout=timeout_s) as response:
        yield response


def _encoded(url: str) -> str:
    """An address as a request line may have it: percent-encoded, its host in ASCII."""
    parts = urlsplit(url)
    host = (
        (parts.hostname or "").encode("idna").decode("ascii") if not (parts.hostname or "").isascii() else ""
    )
    netloc = f"{host}:{parts.port}" if host and parts.port else host or parts.netloc
    path = quote(parts.path or "/", safe="/%~!$&'()*+,;=:@")
    query = quote(parts.query, safe="/%~!$&'()*+,;=:@?")
    return urlunsplit((parts.scheme, netloc, path, query, ""))


def _absolute(here: str, location: str) -> str:
    parts = urlsplit(urljoin(here, location))
    return urlunsplit(parts._replace(fragment=""))


def _has_part(response: Any, part: str) -> bool:
    """Whether the page has an element of that id; one that is no HTML, or that scripts make, cannot be judged."""
    if "html" not in response.headers.get("Content-Type", ""):
        return True
    text = response.read(_LARGEST_PAGE).decode("utf-8", "replace")
    wanted = {part, unquote(part)}
    wanted |= {f"user-content-{each}" for each in wanted}  # GitHub's prefix
    return any(wanted & set(match.groups()) for match in _ID.finditer(text)) or len(text) >= _LARGEST_PAGE


def _retry_after(value: str | None, asking: Asking) -> float | None:
    """Seconds, or a date (RFC 9110, 10.2.3)."""
    if not value:
        return None
    if value.strip().isdigit():
        return float(value.strip())
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    now = asking.now or datetime.now(UTC)
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())
