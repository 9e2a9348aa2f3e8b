"""Animated pictures (GIF, APNG, WebP) -> a video with a poster, or an animated WebP where there is no ffmpeg.

What is made is kept under `.sitegen/`, by the digest of the picture, so that a film is encoded once. ffmpeg is given
one frame after the other, so a long film needs no more memory than a short one.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import io
import itertools
import math
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from sitegen.files import digest_bytes
from sitegen.rendering.processed import ProcessedFiles
from sitegen.values import dataclass

if TYPE_CHECKING:
    from PIL.Image import Image

_VERSION: Final = "2"
"""Of how films are encoded: part of their names in the cache."""
_MOST_FRAMES: Final = 6000
_STILL_MS: Final = 100
"""How long browsers show a frame that says 0 or nothing."""
_X264: Final = ("-c:v", "libx264", "-preset", "slow", "-crf", "20", "-pix_fmt", "yuv420p")
"""yuv420p is the one form that every browser plays; CRF 20 leaves no blocks around the lines of a plot."""
_SAME_BYTES: Final = ("-threads", "1", "-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact")
_EVEN: Final = "pad=ceil(iw/2)*2:ceil(ih/2)*2:color=white"
"""yuv420p needs even sizes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """An animation as it is published."""

    content: bytes
    form: Literal["mp4", "webp"]
    poster: bytes
    """The first frame, PNG."""


def is_animated(content: bytes) -> bool:
    """Whether a picture moves."""
    if content.startswith(b"\x89PNG"):
        return b"acTL" in content[: content.find(b"IDAT")]
    if content.startswith(b"RIFF"):
        return content[12:16] == b"VP8X" and bool(content[20] & 0x02)
    if content[4:12] == b"ftypavis":
        return True
    if content.startswith((b"GIF87a", b"GIF89a")):
        return next(itertools.islice(_frames(content, durations_only=True), 1, None), None) is not None
    return False


def film_of(content: bytes, cache: Path) -> Film | None:
    """The film of an animated picture; None for what cannot be read.

    Args:
        content: of the picture; its ground becomes white where it is transparent.
        cache: a folder for what was made before.
    """
    found = kept_film(content, cache)
    if found is not None:
        return found
    ffmpeg, kept, digest = find_ffmpeg(), ProcessedFiles(cache), digest_bytes(content)
    refused, form = _chosen_form(digest, kept)
    first = next(_frames(content), None)
    if first is None:
        return None
    try:
        made = _mp4(content, first[0].size, ffmpeg) if ffmpeg and form == "mp4" else None
    except OSError:  # it cannot be started
        made = None
    if made is None:
        if form == "mp4":  # an ffmpeg without the codec
            kept.put(digest, refused, b"")
        made, form = _webp(list(_frames(content))), "webp"
    image = io.BytesIO()
    first[0].save(image, "PNG", optimize=True)
    kept.put(digest, _recipe(form), made)
    kept.put(digest, _recipe("poster"), image.getvalue())
    kept.prune()
    return Film(content=made, form=form, poster=image.getvalue())


def kept_film(content: bytes, cache: Path) -> Film | None:
    """The same, if it has been made."""
    kept, digest = ProcessedFiles(cache), digest_bytes(content)
    _, form = _chosen_form(digest, kept)
    film, poster = kept.find(digest, _recipe(form)), kept.find(digest, _recipe("poster"))
    return None if film is None or poster is None else Film(content=film, form=form, poster=poster)


def _chosen_form(digest: str, kept: ProcessedFiles) -> tuple[str, Literal["mp4", "webp"]]:
    """What ffmpeg's refusal of a picture is kept by, and the form that its film has."""
    ffmpeg = find_ffmpeg()
    refused = _recipe(f"refused by {_program(ffmpeg)}") if ffmpeg else ""
    return refused, "mp4" if ffmpeg and kept.find(digest, refused) is None else "webp"


def _program(path: str) -> str:
    """Which program it is: another may have the codec."""
    try:
        return f"{path} {Path(path).stat().st_mtime_ns}"
    except OSError:
        return path


def _recipe(form: str) -> str:
    return f"film {_VERSION} {form}"


def joined(pictures: list[bytes], duration_ms: float) -> bytes | None:
    """Pictures of one size as one animated PNG; None where one cannot be read."""
    from PIL import Image, UnidentifiedImageError

    try:
        frames = [Image.open(io.BytesIO(picture)).convert("RGB") for picture in pictures]
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return None
    if not frames:
        return None
    whole = io.BytesIO()
    frames[0].save(whole, "PNG", save_all=True, append_images=frames[1:], duration=round(duration_ms), loop=0)
    return whole.getvalue()


@functools.cache
def find_ffmpeg() -> str | None:
    """The program's path: of the machine, or of the `video` extra."""
    found = shutil.which("ffmpeg")
    if found is None and importlib.util.find_spec("imageio_ffmpeg") is not None:
        try:
            found = str(importlib.import_module("imageio_ffmpeg").get_ffmpeg_exe())
        except RuntimeError:  # it has no binary for this machine
            return None
    return found


def _frames(content: bytes, *, durations_only: bool = False) -> Iterator[tuple[Image, int]]:
    """Each frame on white, with how long it is shown, in ms."""
    from PIL import Image, ImageSequence, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content)) as picture:
            for frame in ImageSequence.Iterator(picture):
                frame.load()  # a WebP knows its duration only then
                duration = int(frame.info.get("duration") or 0) or _STILL_MS
                yield (frame if durations_only else _on_white(frame)), duration
    except (UnidentifiedImageError, OSError, ValueError, EOFError, Image.DecompressionBombError):
        return


def _on_white(frame: Image) -> Image:
    from PIL import Image

    whole = Image.new("RGBA", frame.size, "white")
    whole.alpha_composite(frame.convert("RGBA"))
    return whole.convert("RGB")


def _mp4(content: bytes, size: tuple[int, int], ffmpeg: str) -> bytes | None:
    """H.264 of a picture's frames at one rate: the largest step that all durations are multiples of."""
    durations = [duration for _, duration in _frames(content, durations_only=True)]
    step = math.gcd(*durations)
    if sum(durations) // step > _MOST_FRAMES:
        step = min(durations)
    width, height = size
    source = (
        "-f",
        "rawvideo",
        "-pix_fmt",
        "rgb24",
        "-s",
        f"{width}x{height}",
        "-r",
        f"1000/{step}",
        "-i",
        "-",
    )
    with tempfile.TemporaryDirectory(prefix="sitegen-") as folder:
        film = Path(folder) / "film.mp4"  # a pipe cannot have its index at the front
        target = ("-movflags", "+faststart", "-f", "mp4", str(film))
        command = (ffmpeg, "-v", "quiet", *source, "-an", "-vf", _EVEN, *_X264, *_SAME_BYTES, *target)
        with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
            try:
                for frame, duration in _frames(content):
                    for _ in range(max(1, round(duration / step))):
                        process.stdin.write(frame.tobytes())  # type: ignore[union-attr]  # a pipe
            except BrokenPipeError:  # it has refused
                pass
            process.communicate()
        return film.read_bytes() if process.returncode == 0 and film.is_file() else None


def _webp(frames: list[tuple[Image, int]]) -> bytes:
    whole = io.BytesIO()
    frames[0][0].save(
        whole,
        "WEBP",
        save_all=True,
        append_images=[frame for frame, _ in frames[1:]],
        duration=[duration for _, duration in frames],
        loop=0,
        quality=85,
        method=4,
    )
    return whole.getvalue()
