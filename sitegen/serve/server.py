"""The preview's web server: the built site with the client script put in, its status, its own two pages."""

from __future__ import annotations

import asyncio
import errno
import html
import mimetypes
import os
import socket
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from sitegen.files import digest_bytes
from sitegen.serve.live import PREFIX, Live, client_script, inject

PORTS_TRIED: Final = 100
"""How many ports after the wanted one are tried."""
_GRACE_S: Final = 1
"""How long open connections may hold up the end."""
_READ_AT_ONCE_BYTES: Final = 4 * 1024 * 1024
"""A larger file is sent piece by piece."""
_IN_USE: Final = frozenset({errno.EADDRINUSE, errno.EACCES})
"""Why the next port is tried: somebody has it, or only the administrator may."""
_TYPES: Final = {
    ".xml": "application/xml; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".avif": "image/avif",
    ".webp": "image/webp",
    ".ipynb": "application/x-ipynb+json",
    ".wasm": "application/wasm",
}
"""What the system's own table of types gets wrong or leaves out on some machines."""


def bind(host: str, port: int) -> socket.socket:
    """A listening socket on the port or the next free one.

    Args:
        host: `127.0.0.1`, a name, or `0.0.0.0` for everybody.
        port: 0 takes any.

    Raises:
        OSError: the host is not ours, or no port is free.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in range(port, min(port + PORTS_TRIED, 65536)):
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, candidate))
            listener.listen(128)
        except OSError as error:
            listener.close()
            if error.errno not in _IN_USE or candidate + 1 == min(port + PORTS_TRIED, 65536):
                raise
        else:
            return listener
    raise OSError(f"no port from {port} on is free on {host}")


def make_server(application: Starlette) -> uvicorn.Server:
    """The server to `run(sockets=[...])`; Ctrl-C ends it at once."""
    return uvicorn.Server(
        uvicorn.Config(
            application,
            log_config=None,
            log_level="error",
            access_log=False,
            lifespan="off",
            ws="websockets-sansio",  # the other one uses an interface that websockets has deprecated
            timeout_graceful_shutdown=_GRACE_S,
            server_header=False,
        )
    )


def make_application(
    site: Callable[[], Path], live: Live, *, report: Callable[[], bytes], base_path: str = "/"
) -> Starlette:
    """The site's files, the status as a websocket, the client script, and the report of the last build.

    Args:
        site: gives the folder of the built site; it may be missing until a build succeeds.
        live: the status.
        report: gives the report as HTML; it may take as long as a build.
        base_path: the path of the site's base URL, with both slashes.
    """

    async def page(request: Request) -> Response:
        path = request.path_params["path"]
        if not f"/{path}".startswith(base_path):
            is_on_the_way = base_path.startswith(f"/{path.rstrip('/')}/".replace("//", "/"))
            return RedirectResponse(base_path) if is_on_the_way else _not_found(site(), live)
        return _serve(site(), f"/{path}".removeprefix(base_path), request, live)

    async def script(request: Request) -> Response:
        del request
        return Response(client_script(), media_type="text/javascript", headers={"cache-control": "no-cache"})

    async def last_build(request: Request) -> Response:
        del request
        return HTMLResponse(await run_in_threadpool(report), headers={"cache-control": "no-store"})

    async def status(websocket: WebSocket) -> None:
        await _tell(websocket, live)

    routes: list[BaseRoute] = [
        Route(f"{PREFIX}live.js", script),
        Route(f"{PREFIX}report", last_build),
        WebSocketRoute(f"{PREFIX}live", status),
        Route("/{path:path}", page),
    ]
    return Starlette(routes=routes)


# --- files ------------------------------------------------------------------------------------------


def _serve(site: Path, path: str, request: Request, live: Live) -> Response:
    if not live.status.site:
        return _waiting_page(live)
    file = _inside(site, path)
    if file is not None and file.is_dir():
        if path and not path.endswith("/"):
            query = f"?{request.url.query}" if request.url.query else ""
            return RedirectResponse(f"{request.url.path}/{query}", status_code=307)
        file = file / "index.html"
    if file is None or not file.is_file():
        return _not_found(site, live)
    try:
        return _html(file, request, live) if file.suffix in {".html", ".htm"} else _plain(file, request)
    except FileNotFoundError:  # a build has removed it just now
        return _not_found(site, live)


def _inside(site: Path, path: str) -> Path | None:
    """The file that a URL's path names; None where it would lead out of the site."""
    parts = PurePosixPath(path).parts
    if "\0" in path or "\\" in path or ".." in parts or PurePosixPath(path).is_absolute():
        return None
    return site.joinpath(*parts)


def _html(file: Path, request: Request, live: Live) -> Response:
    content = inject(file.read_bytes(), live.status.site)
    headers = {"etag": f'"{digest_bytes(content)[:32]}"', "cache-control": "no-cache"}
    if _is_known(request, headers["etag"]):
        return Response(status_code=304, headers=headers)
    return HTMLResponse(content, headers=headers)


def _plain(file: Path, request: Request) -> Response:
    facts = file.stat()
    headers = {"etag": f'"{facts.st_mtime_ns:x}-{facts.st_size:x}"', "cache-control": "no-cache"}
    if _is_known(request, headers["etag"]):
        return Response(status_code=304, headers=headers)
    known = _TYPES.get(file.suffix.lower()) or mimetypes.guess_type(file.name)[0]
    media_type = known or "application/octet-stream"
    if facts.st_size <= _READ_AT_ONCE_BYTES and "range" not in request.headers:
        return _whole(file, media_type)
    return FileResponse(file, media_type=media_type, headers=headers, stat_result=facts)


def _whole(file: Path, media_type: str) -> Response:
    """A file as it was at one moment: a build may put another in its place while it is sent."""
    with file.open("rb") as stream:
        content, facts = stream.read(), os.fstat(stream.fileno())
    headers = {
        "etag": f'"{facts.st_mtime_ns:x}-{facts.st_size:x}"',
        "cache-control": "no-cache",
        "accept-ranges": "bytes",
        "last-modified": formatdate(facts.st_mtime, usegmt=True),
    }
    return Response(content, media_type=media_type, headers=headers)


def _is_known(request: Request, etag: str) -> bool:
    """Whether the browser has this very content already."""
    given = request.headers.get("if-none-match", "")
    return etag in {tag.strip().removeprefix("W/") for tag in given.split(",")}


def _not_found(site: Path, live: Live) -> Response:
    """The site's own 404 page, as its host would serve it."""
    if not live.status.site:
        return _waiting_page(live)
    page = site / "404.html"
    if page.is_file():
        return HTMLResponse(inject(page.read_bytes(), live.status.site), status_code=404)
    return _own_page("Page not found", "The site has no such page, and no 404 page of its own.", live, 404)


def _waiting_page(live: Live) -> Response:
    """What is served until a first build succeeds; it reloads then."""
    problems = live.status.problems
    if not problems:
        return _own_page("Building the site", "This page reloads when it is done.", live, 503)
    return _own_page("The site could not be built", problems, live, 503)


def _own_page(title: str, text: str, live: Live, status_code: int) -> Response:
    page = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(title)}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ max-width: 60rem; margin: 3rem auto; padding: 0 1rem; font: 16px/1.6 system-ui, sans-serif; }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere; font: 14px/1.5 ui-monospace, Menlo, Consolas, monospace; }}
</style>
</head>
<body>
<h1>{html.escape(title)}</h1>
<pre id="sitegen-problems">{html.escape(text)}</pre>
</body>
</html>
"""
    content = inject(page.encode(), live.status.site)
    return HTMLResponse(content, status_code=status_code, headers={"cache-control": "no-store"})


# --- status -----------------------------------------------------------------------------------------


async def _tell(websocket: WebSocket, live: Live) -> None:
    """Send the status now and at each change, until the browser goes."""
    if not _is_same_origin(websocket):
        await websocket.close(code=1008)
        return
    await websocket.accept()
    gone = asyncio.create_task(_until_gone(websocket))
    with live.listening() as changed:
        try:
            while not gone.done():
                changed.clear()
                await websocket.send_json(live.status.as_dict())
                waiting = asyncio.create_task(changed.wait())
                await asyncio.wait({waiting, gone}, return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
        except (WebSocketDisconnect, RuntimeError):
            pass  # the browser went while it was sent something
        finally:
            gone.cancel()


async def _until_gone(websocket: WebSocket) -> None:
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass


def _is_same_origin(websocket: WebSocket) -> bool:
    """Whether the page that asks is ours: no other site may read an author's diagnostics."""
    origin = websocket.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == websocket.headers.get("host")
