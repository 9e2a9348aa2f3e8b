"""A picture in the forms and widths that browsers choose from: made by Pillow, once for what it is made of, and kept.

One picture is worked on at a time, from its smallest decoding that is large enough (a photograph of 12 megapixels to be
shown 1,376 pixels wide is decoded to half its width, which takes a quarter of the memory and of the time). What was made is
kept by `processed.ProcessedFiles`: a list of the forms, and each form by itself.
"""

from __future__ import annotations

import io
import json
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sitegen.rendering.processed import ProcessedFiles
from sitegen.values import dataclass

if TYPE_CHECKING:
    from PIL.Image import Image

_VERSION: Final = "1"
"""Of how forms are made: part of their names in the cache and on the site."""
_MOST_PIXELS: Final = 50_000_000
"""Of what must be decoded: 200 MB of memory at four bytes each."""
_FLAT_COLOURS: Final = 4096
"""A picture of no more is a drawing or a screenshot: it is kept without loss."""
_AVIF_BELOW: Final = 20
"""How much lower AVIF's quality is set than WebP's: on the same photographs files are 17 to 32 % smaller, at 1 dB less."""
_AVIF_SPEED: Final = 8
"""Of 0 to 10. Measured on three photographs of 400 to 720 px: 6 takes two to three times as long, for files within 4 %."""
_WEBP_METHOD: Final = 4
_GRID: Final = (4, 3)
"""Colours of a placeholder, across and down."""
_CLOSE: Final = 0.85
"""A width that is more than this part of the next larger one is not made."""


class PictureError(Exception):
    """A picture that cannot be read, with why in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be made of a picture."""

    widths: tuple[int, ...]
    """In pixels, the smallest first."""
    formats: tuple[str, ...]
    quality: int
    lqip: bool = False

    @property
    def recipe(self) -> str:
        """All that changes the result, but the picture."""
        widths = ",".join(map(str, self.widths))
        return (
            f"picture {_VERSION} {_programs()} {widths} {','.join(self.formats)} {self.quality} {self.lqip:d}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One form of a picture."""

    form: str
    """`avif` or `webp`."""
    width_px: int
    height_px: int
    digest: str
    """Of its bytes."""
    size_bytes: int
    recipe: str
    """By which it is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variants:
    """All forms of a picture; by form, then by width."""

    variants: tuple[Variant, ...]
    colours: tuple[str, ...] = ()
    """Of a placeholder, row by row: `#8a7f6e`; none for a picture that one sees through."""


def widths_for(natural_px: int, shown_px: int, configured: Sequence[int]) -> tuple[int, ...]:
    """The widths to make: those configured up to twice the shown width, and that one; none above the picture's own.

    Args:
        natural_px: of the picture.
        shown_px: CSS pixels, at most, that it takes on a page.
        configured: the smallest first.
    """
    most = min(natural_px, 2 * shown_px)
    return (*(width for width in configured if width < _CLOSE * most), most)


def variants_of(content: Callable[[], bytes], digest: str, wanted: Wanted, kept: ProcessedFiles) -> Variants:
    """The forms of a picture, made where they are not kept.

    Args:
        content: of the picture's file; asked for only where something is to be made.
        digest: of it.
        wanted: widths, formats, quality.
        kept: where they are kept.

    Raises:
        PictureError: it is damaged, or too large.
    """

    def make() -> bytes:
        found = _made(content(), digest, wanted, kept)
        told = {name: getattr(found, name) for name in ("variants", "colours")}
        rows = [[getattr(variant, name) for name in _FIELDS] for variant in told["variants"]]
        return json.dumps({"variants": rows, "colours": told["colours"]}).encode()

    return _read(kept.get(digest, wanted.recipe, make) or b"{}")


def kept_variants(digest: str, wanted: Wanted, kept: ProcessedFiles) -> Variants | None:
    """The forms of a picture, if they have been made."""
    listed = kept.find(digest, wanted.recipe)
    return None if listed is None else _read(listed)


def _read(listed: bytes) -> Variants:
    read: dict[str, Any] = json.loads(listed)
    return Variants(
        variants=tuple(Variant(**dict(zip(_FIELDS, row, strict=True))) for row in read.get("variants", ())),
        colours=tuple(read.get("colours", ())),
    )


_FIELDS: Final = ("form", "width_px", "height_px", "digest", "size_bytes", "recipe")


def content_of(
    variant: Variant, content: Callable[[], bytes], digest: str, wanted: Wanted, kept: ProcessedFiles
) -> bytes:
    """The bytes of a form; where they have gone from the cache, all forms are made again.

    Args:
        variant: as `variants_of` gave it.
        content: as `variants_of` had it, and the others.
    """
    found = kept.find(digest, variant.recipe)
    if found is None:
        _made(content(), digest, wanted, kept)
        found = kept.find(digest, variant.recipe)
    if found is None:  # the cache cannot be written
        return _single(content(), wanted, variant)
    return found


def _made(content: bytes, digest: str, wanted: Wanted, kept: ProcessedFiles) -> Variants:
    found: list[Variant] = []
    with _opened(content, max(wanted.widths)) as image:
        is_flat = _is_flat(image, content)
        formats = tuple(form for form in wanted.formats if form == "webp") if is_flat else wanted.formats
        # a drawing in fewer pixels has more colours, and more bytes: it is offered in its own size as well
        widths = (*wanted.widths[:-1], image.width) if is_flat else wanted.widths
        resized = [(width, _resized(image, width)) for width in widths if width <= image.width]
        for form in formats:
            smaller_than = len(content)
            for width, picture in reversed(resized):
                made = _encoded(picture, form, wanted.quality, is_flat=is_flat)
                if len(made) >= smaller_than:
                    if width == widths[-1]:
                        break  # no gain, and without the widest a browser would show a narrow one too large
                    continue
                smaller_than = len(made)
                variant = _variant(form, picture, made, f"{_recipe(wanted, is_flat)} {form} {width}")
                kept.put(digest, variant.recipe, made)
                found.append(variant)
        colours = _colours(image) if wanted.lqip and not is_flat else ()
    kept.prune_now_and_then()
    return Variants(variants=_worth_it(found, formats), colours=colours)


def _worth_it(found: Sequence[Variant], formats: Sequence[str]) -> tuple[Variant, ...]:
    """By form and width; without a form that is larger than the next one, which a browser would take all the same."""
    kept: list[Variant] = []
    least: int | None = None
    for form in reversed(formats):
        variants = sorted((each for each in found if each.form == form), key=lambda each: each.width_px)
        if not variants or (least is not None and variants[-1].size_bytes >= least):
            continue
        least = variants[-1].size_bytes
        kept = [*variants, *kept]
    return tuple(kept)


def _single(content: bytes, wanted: Wanted, variant: Variant) -> bytes:
    with _opened(content, max(wanted.widths)) as image:
        return _encoded(
            _resized(image, variant.width_px), variant.form, wanted.quality, is_flat=_is_flat(image, content)
        )


def _recipe(wanted: Wanted, is_flat: bool) -> str:
    # the decoding is by the largest width, so a form of other widths may differ by a shade
    return f"form {_VERSION} {_programs()} {max(wanted.widths)} {'flat' if is_flat else wanted.quality}"


def _variant(form: str, picture: Image, made: bytes, recipe: str) -> Variant:
    from sitegen.files import digest_bytes

    return Variant(
        form=form,
        width_px=picture.width,
        height_px=picture.height,
        digest=digest_bytes(made),
        size_bytes=len(made),
        recipe=recipe,
    )


@lru_cache(maxsize=1)
def _programs() -> str:
    """Which programs write the forms: others write other bytes."""
    import PIL
    from PIL import features

    return f"{PIL.__version__} {features.version('webp')} {features.version('avif')}"


class _opened:  # noqa: N801 -- used as a block
    """A picture as it is seen: decoded to no more than needed, turned, in sRGB, 8 bits a channel."""

    def __init__(self, content: bytes, width_px: int) -> None:
        self._content = content
        self._width_px = width_px

    def __enter__(self) -> Image:
        from PIL import Image, ImageOps, UnidentifiedImageError

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # held to our own limit below
                image: Image.Image = Image.open(io.BytesIO(self._content))
            image.draft("RGB", _draft_size(image, self._width_px))
            if image.width * image.height > _MOST_PIXELS:
                raise PictureError(f"it has {image.width} x {image.height} pixels")
            image.load()
            return _plain(ImageOps.exif_transpose(image))
        except (UnidentifiedImageError, Image.DecompressionBombError) as error:
            raise PictureError(str(error).replace(repr(io.BytesIO), "")[:120]) from error
        except (OSError, ValueError, SyntaxError, EOFError, OverflowError, MemoryError) as error:
            raise PictureError(f"{error}"[:120] or type(error).__name__) from error

    def __exit__(self, *_: object) -> None:
        return


def _draft_size(image: Image, width_px: int) -> tuple[int, int]:
    """At least so large after decoding, whichever way it is turned."""
    side = max(width_px, 1)
    ratio = image.height / image.width
    if image.getexif().get(0x0112, 1) >= 5:
        return max(1, round(side / ratio)), side
    return side, max(1, round(side * ratio))


def _plain(image: Image) -> Image:
    """RGB or RGBA, in sRGB."""
    has_alpha = image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        image = _eight_bits(image)
    if profile:
        image = _in_srgb(image, profile, has_alpha=has_alpha)
    wanted = "RGBA" if has_alpha else "RGB"
    return image if image.mode == wanted else image.convert(wanted)


def _eight_bits(image: Image) -> Image:
    """A grey picture of 16 bits: Pillow would cut off what is above 255."""
    if image.mode == "F":
        return image.convert("L")
    return image.convert("I").point(lambda value: value * (1 / 257)).convert("L")


def _in_srgb(image: Image, profile: bytes, *, has_alpha: bool) -> Image:
    """Its colours as browsers show them where nothing is said; as they are where the profile makes no sense."""
    from PIL import ImageCms

    if image.mode == "P":
        image = image.convert("RGBA" if has_alpha else "RGB")
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(source):
            return image
        if image.mode not in ("RGB", "RGBA", "CMYK", "L"):
            return image
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        changed = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image
    return changed if changed is not None else image


def _is_flat(image: Image, content: bytes) -> bool:
    """Whether it is a drawing or a screenshot, with few colours; what JPEG holds has lost something already."""
    return not content.startswith(b"\xff\xd8") and image.getcolors(_FLAT_COLOURS) is not None


def _resized(image: Image, width_px: int) -> Image:
    from PIL.Image import Resampling

    if width_px == image.width:
        return image
    height = max(1, round(image.height * width_px / image.width))
    return image.resize((width_px, height), Resampling.LANCZOS, reducing_gap=2.0)


def _encoded(image: Image, form: str, quality: int, *, is_flat: bool) -> bytes:
    out = io.BytesIO()
    options: dict[str, Any]
    if form == "avif":
        options = {"quality": max(1, quality - _AVIF_BELOW), "speed": _AVIF_SPEED}
    elif is_flat:
        options = {"lossless": True, "quality": 70, "method": _WEBP_METHOD}
    else:
        options = {"quality": quality, "method": _WEBP_METHOD}
    image.save(out, form.upper(), exif=b"", icc_profile=None, **options)
    return out.getvalue()


def _colours(image: Image) -> tuple[str, ...]:
    from PIL.Image import Resampling

    if image.mode != "RGB":
        return ()
    small = image.resize(_GRID, Resampling.BOX, reducing_gap=2.0)
    return tuple("#{:02x}{:02x}{:02x}".format(*pixel) for pixel in _pixels(small))


def _pixels(image: Image) -> Iterator[tuple[int, ...]]:
    content = image.tobytes()
    return (tuple(content[place : place + 3]) for place in range(0, len(content), 3))


def read_file(file: Path) -> bytes:
    """All of a file.

    Raises:
        PictureError: it cannot be read.
    """
    try:
        return file.read_bytes()
    except OSError as error:
        raise PictureError(error.strerror or str(error)) from error
