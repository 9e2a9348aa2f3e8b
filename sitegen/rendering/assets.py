"""Styles, scripts and icons of the theme and the site, minified and named by their digest."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha384
from pathlib import Path, PurePosixPath
from typing import Final

from sitegen import theme
from sitegen.config import Config
from sitegen.content.document import Digest
from sitegen.errors import did_you_mean
from sitegen.files import digest_bytes
from sitegen.rendering.urls import url_of_output
from sitegen.values import dataclass

ASSETS_FOLDER = PurePosixPath("assets")
_DIGITS = 8  # of the digest, in the name
ON_DEMAND: Final = frozenset(
    {"analytics.js", "comments.js", "cv.css", "mode.js", "search.css", "search.js", "slides.css", "slides.js"}
)
"""What a page brings with it that names its address: no other site has it. One that a page has the text of in itself has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One published asset."""

    name: str
    """As templates call it: `site.css`, `icons/feed.svg`."""
    path: PurePosixPath
    """Below the output folder: `assets/site.1a2b3c4d.css`."""
    digest: Digest
    content: bytes
    url: str
    """With the base path."""

    @property
    def integrity(self) -> str:
        """Its digest as browsers are told it (W3C, Subresource Integrity)."""
        return f"sha384-{b64encode(sha384(self.content).digest()).decode('ascii')}"


def theme_folder() -> Path:
    """The built-in theme, inside the package."""
    return Path(theme.__path__[0])


def load_assets(config: Config) -> Mapping[str, Asset]:
    """Every asset by name; a file in the site's `templates/assets/` stands in for the theme's of that name.

    Raises:
        OSError: a file cannot be read.
    """
    sources: dict[str, Path] = {}
    for folder in (theme_folder() / "assets", config.templates_dir / "assets"):
        if folder.is_dir():
            for file in sorted(folder.rglob("*")):
                if file.is_file() and not file.name.startswith("."):
                    sources[file.relative_to(folder).as_posix()] = file
    return {name: _asset(name, file, config) for name, file in sorted(sources.items())}


def find_asset(assets: Mapping[str, Asset], name: str) -> Asset:
    """The asset that a template names.

    Raises:
        LookupError: there is none; the message has the near match.
    """
    asset = assets.get(name.removeprefix("/"))
    if asset is None:
        raise LookupError(f"no asset `{name}`; {did_you_mean(name, assets)}")
    return asset


def _asset(name: str, file: Path, config: Config) -> Asset:
    content = _minified(file.suffix.lower(), file.read_bytes())
    digest = Digest(digest_bytes(content))
    relative = PurePosixPath(name)
    path = ASSETS_FOLDER / relative.with_name(f"{relative.stem}.{digest[:_DIGITS]}{relative.suffix}")
    return Asset(name=name, path=path, digest=digest, content=content, url=url_of_output(config, path))


def _minified(suffix: str, content: bytes) -> bytes:
    if suffix == ".css":
        from rcssmin import cssmin

        return str(cssmin(content.decode("utf-8"))).encode("utf-8")
    if suffix == ".js":
        from rjsmin import jsmin

        return str(jsmin(content.decode("utf-8"))).encode("utf-8")
    return content
