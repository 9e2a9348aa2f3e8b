"""The pictures of a site in the forms in which they are published: what a page shows, and the files that it then needs.

A page's HTML names the forms, and a form's name holds the digest of what it is made from and how. So the files that a page
needs are read from its HTML: that holds for included templates that are kept from another page too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from sitegen.config import Config
from sitegen.config.values import Images
from sitegen.content.document import Digest
from sitegen.content.index import IndexedPage
from sitegen.errors import Diagnostic
from sitegen.files import digest_bytes, digest_file
from sitegen.rendering.named_places import place_of
from sitegen.rendering.pictures.animations import film_of, is_animated, kept_film
from sitegen.rendering.pictures.images import file_size_px
from sitegen.rendering.pictures.photo_metadata import file_metadata, without_metadata
from sitegen.rendering.pictures.picture_jobs import PictureJob, PutOff
from sitegen.rendering.pictures.variants import (
    PictureError,
    Wanted,
    content_of,
    kept_variants,
    read_file,
    variants_of,
    widths_for,
)
from sitegen.rendering.processed import ProcessedFiles
from sitegen.rendering.urls import url_of_output
from sitegen.rendering.values import RenderedFile
from sitegen.values import dataclass

if TYPE_CHECKING:
    from sitegen.rendering.pictures.remote_images import RemoteImages

FOLDER: Final = "images"
"""Of the forms, below the output folder."""
_LEAST_BYTES: Final = 4096
"""A smaller picture is published as it is: there is nothing to gain."""
_DIGITS: Final = 12
"""Of a digest in a name, in hexadecimal."""
_HEAD_BYTES: Final = 4096
_NOT_IN_NAME: Final = re.compile(r"[^a-z0-9]+")
_LONGEST_STEM: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture of the site: a file, or bytes that composing a page has made."""

    name: str
    """Of its file."""
    digest: str
    size_px: tuple[int, int]
    """As it is seen."""
    size_bytes: int
    read: Callable[[], bytes]
    file: Path | None
    """None for bytes that a page holds."""
    url: str = ""
    """Where it is published, if that is not where the page says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a browser may choose from, in one form."""

    media_type: str
    srcset: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """The forms of a picture."""

    choices: tuple[Choice, ...]
    """The one to be taken first before the others."""
    colours: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """One file that a page may name."""

    digest: str
    read: Callable[[], bytes]
    is_once: bool
    """It holds its bytes, or those of a page: forgotten as soon as the page has it."""


_NOTHING: Final = Offered(choices=(), colours=())


class Pictures:
    """Those of one site in one process."""

    def __init__(self, config: Config, put_off: PutOff | None = None) -> None:
        """None yet.

        Args:
            config: of the site.
            put_off: takes what is to be made by others, before the page is rendered again; None: all is made here.
        """
        self._config = config
        self._put_off = put_off or PutOff()
        self._cache = config.state_dir / "cache"
        self._kept = ProcessedFiles(self._cache / "pictures")
        self._files: dict[str, _Form] = {}
        self._prefix = url_of_output(config, PurePosixPath(FOLDER)) + "/"
        # a page whose links are relative names them by `../../images/`; the digest in the name says which are ours
        self._mark = f"{FOLDER}/" if config.relative_urls else self._prefix
        self._name = re.compile(re.escape(self._mark) + r"([a-z0-9-]+\.[a-z0-9.-]+)")
        self._problems: list[Diagnostic] = []
        self._remote: RemoteImages | None = None
        self.passing = 0
        """How many forms that are forgotten, and messages, there have been: each is of the page being rendered alone."""

    @property
    def settings(self) -> Images:
        """Of the site."""
        return self._config.images

    def offer(self, picture: Picture, shown_px: int, settings: Images) -> Offered:
        """The forms of a picture, which are made where that has not been done.

        Args:
            picture: of the site.
            shown_px: CSS pixels, at most, that it takes.
            settings: the site's, with what the author says of this picture.

        Raises:
            PictureError: it is damaged, or too large.
        """
        if not settings.formats or picture.size_bytes < _LEAST_BYTES:
            return _NOTHING
        wanted = Wanted(
            widths=widths_for(picture.size_px[0], shown_px, settings.widths),
            formats=settings.formats,
            quality=settings.quality,
            lqip=settings.lqip,
        )
        found = kept_variants(picture.digest, wanted, self._kept)
        if found is None:
            if self._is_put_off(picture, wanted):
                return _NOTHING
            found = variants_of(picture.read, picture.digest, wanted, self._kept)
        by_form: dict[str, list[str]] = {}
        for variant in found.variants:
            digest = digest_bytes(f"{picture.digest} {variant.recipe}".encode())[:_DIGITS]
            name = f"{_stem(picture.name)}.{digest}-{variant.width_px}.{variant.form}"
            read = partial(content_of, variant, picture.read, picture.digest, wanted, self._kept)
            self._files[name] = _Form(digest=variant.digest, read=read, is_once=picture.file is None)
            by_form.setdefault(variant.form, []).append(f"{self._prefix}{name} {variant.width_px}w")
        choices = tuple(
            Choice(media_type=f"image/{form}", srcset=", ".join(entries)) for form, entries in by_form.items()
        )
        return Offered(choices=choices, colours=found.colours)

    def copy(self, url: str, page: IndexedPage) -> Picture | None:
        """The copy of another site's picture; None where there is none, which is told."""
        from sitegen.rendering.pictures.remote_images import RemoteImages

        if self._remote is None:
            config = self._config
            self._remote = RemoteImages(
                self._cache / "remote", days=config.images.remote_days, now=config.now
            )
        found = self._remote.copy(url)
        if found.problem:
            self._tell(
                Diagnostic(
                    code="SG408",
                    severity="warning",
                    message=f"the picture `{url}` could not be fetched: {found.problem}",
                    location=place_of(url, page),
                    hint='keep a copy beside the page, or set `images.remote = "link"`',
                )
            )
        size = file_size_px(found.file) if found.file is not None else None
        if found.file is None or size is None:
            return None
        name = f"{_stem(url.partition('?')[0])}.{found.digest[:_DIGITS]}{found.file.suffix}"
        told = file_metadata(found.file)
        # one that cannot be cut is public where it is shown from
        bare = partial(read_file, found.file) if told.uncut else partial(_bare, found.file, told.orientation)
        self._files[name] = _Form(digest=digest_bytes(bare()), read=bare, is_once=False)
        return Picture(
            name=name,
            digest=found.digest,
            size_px=size[::-1] if told.is_sideways else size,
            size_bytes=found.file.stat().st_size,
            read=reader(found.file),
            file=found.file,
            url=self._prefix + name,
        )

    def film(self, picture: Picture) -> tuple[str, str] | None:
        """URLs of the film that a picture is, and of its poster; None where it does not move or cannot be read."""
        if not _may_move(picture):
            return None
        content = picture.read()
        if not is_animated(content):
            return None
        film = kept_film(content, self._cache / "films")
        if film is None:
            if self._is_put_off(picture, None):
                return None
            film = film_of(content, self._cache / "films")
        if film is None:
            return None
        name = f"{_stem(picture.name)}.{picture.digest[:_DIGITS]}"
        return (
            self.add(f"{name}.{film.form}", film.content),
            self.add(f"{name}.png", film.poster),
        )

    def _is_put_off(self, picture: Picture, wanted: Wanted | None) -> bool:
        """Whether others make it, and the page is rendered again: what it gives until then is of this page alone."""
        source = picture.file or picture.read()
        job = PictureJob(digest=picture.digest, source=source, size_bytes=picture.size_bytes, wanted=wanted)
        if not self._put_off.takes(job):
            return False
        self.passing += 1
        return True

    def add(self, name: str, content: bytes) -> str:
        """Publish bytes under a name that holds their digest, if a page's HTML has it; its URL."""
        self._files[name] = _Form(digest=digest_bytes(content), read=lambda: content, is_once=True)
        self.passing += 1
        return self._prefix + name

    def files_of(self, html: str) -> Iterator[RenderedFile]:
        """The files that a page's HTML names, each read when it is asked for."""
        if not self._files or self._mark not in html:
            return
        for name in dict.fromkeys(self._name.findall(html)):
            found = self._files.get(name)
            if found is not None:
                path = PurePosixPath(FOLDER) / name
                yield RenderedFile(path=path, digest=Digest(found.digest), content=found.read())
                if found.is_once:
                    del self._files[name]

    def forget(self, html: str) -> None:
        """Forget what only a page's HTML that is rendered again names."""
        for name in dict.fromkeys(self._name.findall(html)):
            if name in self._files and self._files[name].is_once:
                del self._files[name]

    def size_of(self, url: str) -> int | None:
        """Bytes of a form by its address, before the page that names it is published; None of anything else."""
        name = self._name.search(url)
        found = self._files.get(name[1]) if name is not None else None
        return len(found.read()) if found is not None else None

    def fail(self, error: PictureError, written: str, page: IndexedPage) -> None:
        """Note that a picture is published as it is."""
        self._tell(
            Diagnostic(
                code="SG407",
                severity="warning",
                message=f"the picture `{written}` cannot be read: {error}",
                location=place_of(written, page),
                hint="save it again, as JPEG or PNG of less than 50 million pixels; it is published as it is",
            )
        )

    def _tell(self, problem: Diagnostic) -> None:
        self._problems.append(problem)
        self.passing += 1

    def problems(self) -> tuple[Diagnostic, ...]:
        """What has been noted since this was asked last."""
        found = tuple(dict.fromkeys(self._problems))
        self._problems.clear()
        return found


def file_digest(file: Path, page: IndexedPage) -> str:
    """The digest of a picture's file: the index has it of a bundle's."""
    for resource in page.resources:
        if resource.file == file:
            return resource.digest
    status = file.stat()
    return _file_digest(file, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=4096)
def _file_digest(file: Path, mtime_ns: int, size_bytes: int) -> str:  # noqa: ARG001 -- the key
    return digest_file(file)


def _may_move(picture: Picture) -> bool:
    """Whether a file's beginning leaves it open: most PNGs are pictures, and are not read for this."""
    if picture.file is None:
        return True
    try:
        with picture.file.open("rb") as stream:
            head = stream.read(_HEAD_BYTES)
    except OSError:
        return True  # reading it says why
    if head.startswith(b"\x89PNG"):
        return b"IDAT" not in head or is_animated(head)
    return not head.startswith(b"\xff\xd8")


def reader(file: Path) -> Callable[[], bytes]:
    """What reads a picture's file when it is asked."""
    return lambda: read_file(file)


def _bare(file: Path, orientation: int) -> bytes:
    return without_metadata(read_file(file), orientation)


def _stem(name: str) -> str:
    stem = _NOT_IN_NAME.sub("-", PurePosixPath(name).stem.lower()).strip("-")
    return stem[:_LONGEST_STEM].strip("-") or "picture"
