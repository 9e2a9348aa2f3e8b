"""`sitegen serve`: preview the site, built again and reloaded at each change."""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import click

from sitegen.cli.options import (
    SiteOptions,
    build_options,
    content_options,
    environment_option,
    execution_options,
    site_options,
    source_option,
    url_options,
)
from sitegen.errors import SiteError

if TYPE_CHECKING:
    import uvicorn

    from sitegen.config import Config
    from sitegen.serve.preview import Preview

_PREVIEW = Path(".sitegen") / "preview"
"""Below the site's root: `public/` is what was last built to be published, and stays that."""
_STATE = Path(".sitegen") / "serve"
"""The preview's own state: it may not hold what is published, nor be shared with a build that runs meanwhile."""


@click.command("serve", short_help="Preview the site, rebuilt and reloaded at each change.")
@source_option
@click.option(
    "-p",
    "--port",
    type=click.IntRange(0, 65535),
    default=1313,
    show_default=True,
    help="Or the next free one.",
)
@click.option("--bind", "host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "-w", "--watch/--no-watch", default=True, help="Build again when a file changes.  [default: watch]"
)
@click.option("-O", "--open", "is_opened", is_flag=True, help="Open the site in a browser.")
@url_options
@content_options
@environment_option("development")
@build_options
@execution_options
def command(
    source: Path,
    port: int,
    host: str,
    watch: bool,
    is_opened: bool,
    base_url: str | None,
    relative_urls: bool | None,
    build_drafts: bool | None,
    build_future: bool | None,
    build_expired: bool | None,
    environment: str,
    strict: bool,
    keep_going: bool,
    fresh: bool,
    execute: bool,
    jobs: int | None,
) -> None:
    """Serve a preview of the site from .sitegen/preview/, on this machine only.

    It survives every error: the last good site stays, with the errors shown above it.
    """
    from sitegen.cli.build import make_build_options
    from sitegen.cli.preview_builder import PreviewBuilder
    from sitegen.serve.live import PREFIX, Live
    from sitegen.serve.preview import Preview
    from sitegen.serve.server import make_application, make_server

    listener = _listen(host, port)
    root = source.resolve()
    url = _url(host, listener.getsockname()[1], base_url)
    options = site_options(
        source,
        environment,
        publish_dir=root / _PREVIEW,
        state_dir=root / _STATE,
        base_url=url,
        relative_urls=relative_urls,
        build_drafts=build_drafts,
        build_future=build_future,
        build_expired=build_expired,
    )
    live = Live()
    wanted = make_build_options(strict=strict, keep_going=keep_going, fresh=fresh, execute=execute)
    builder = PreviewBuilder(options, wanted, jobs=jobs, live=live)
    preview = Preview(builder, live)
    application = make_application(
        lambda: root / _PREVIEW, live, report=builder.report, base_path=urlsplit(url).path
    )
    server = make_server(application)

    click.echo(f"serving {url} (Ctrl-C ends it)", err=True)
    click.echo(f"what is wrong, stale or heavy: {urljoin(url, PREFIX)}report", err=True)
    with _ended_by_signals(server), _watching(options, preview, is_wanted=watch):
        _run(server, listener, preview, opened=url if is_opened else None)
    click.echo("stopped", err=True)


def _run(server: uvicorn.Server, listener: socket.socket, preview: Preview, *, opened: str | None) -> None:
    """Build and serve until the server is ended; with `opened` a browser, there."""
    preview.start()
    try:
        if opened is not None:
            import webbrowser  # here: it brings what starts programs

            threading.Thread(target=webbrowser.open, args=(opened,), daemon=True).start()
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        pass  # the server has ended by it already and only hands it on
    finally:
        preview.stop()


def _listen(host: str, port: int) -> socket.socket:
    """A socket that listens there; said as a wrong call where it cannot."""
    from sitegen.serve.server import bind

    try:
        return bind(host, port)
    except OSError as error:
        raise click.UsageError(f"cannot listen on {host}:{port}: {error.strerror or error}") from error


def _url(host: str, port: int, base_url: str | None) -> str:
    """Where the preview is: the path is that of a base URL given as a flag."""
    name = {"0.0.0.0": "localhost", "::": "localhost"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    path = urlsplit(base_url or "").path.strip("/")
    return f"http://{name}:{port}/{path}/" if path else f"http://{name}:{port}/"


@contextlib.contextmanager
def _watching(options: SiteOptions, preview: Preview, *, is_wanted: bool) -> Iterator[None]:
    """Tell the preview of changes, where that is wanted and can be done."""
    from sitegen.serve.watch import Watcher

    if not is_wanted:
        yield
        return
    config = _config(options)
    outputs: tuple[Path, ...] = (options.root / "public", options.root / "results")
    also: tuple[Path, ...] = ()
    if config is not None:
        outputs = (config.publish_dir, config.results_dir, config.state_dir)
        also = (
            config.content_dir,
            config.notebooks_dir,
            config.data_dir,
            config.templates_dir,
            *config.static_dirs,
        )
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(Watcher(options.root, preview.change, also=also, ignored=outputs))
        except OSError as error:  # the system's limit of watched folders, most often
            click.echo(f"warning: changes are not watched: {error.strerror or error}", err=True)
        yield


def _config(options: SiteOptions) -> Config | None:
    """The configuration with the site's own output folder; None while it is broken."""
    try:
        return SiteOptions(root=options.root, environment=options.environment).load()
    except SiteError:
        return None


@contextlib.contextmanager
def _ended_by_signals(server: uvicorn.Server) -> Iterator[None]:
    """Let the signals by which systems end programs end this one as Ctrl-C does: kernels are stopped."""

    def end(number: int, frame: object) -> None:
        del number, frame
        server.should_exit = True

    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {name: signal.signal(getattr(signal, name), end) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)
