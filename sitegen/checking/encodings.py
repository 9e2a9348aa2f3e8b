"""The site's text files: damaged characters in them, told with their repair, and the repair itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sitegen.checking.mojibake import Damage, find_mojibake, repaired
from sitegen.checking.places import SearchedText, site_texts
from sitegen.checking.prose import MarkdownText, read_markdown
from sitegen.config import Config
from sitegen.content.index import SiteIndex
from sitegen.content.sources import Source
from sitegen.errors import Diagnostic
from sitegen.files import write_atomic

_SHOWN: Final = 40
"""Characters of a damaged place and of its repair in a message."""
_MOST_OF_A_FILE: Final = 25
"""Places of one file that are told one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DamagedFile:
    """A file with damaged characters."""

    file: Path
    text: SearchedText
    in_prose: tuple[Damage, ...]
    in_code: tuple[Damage, ...]
    """In fences and inline code, in notebooks and scripts: repaired only where that is asked for."""


def damaged_files(index: SiteIndex, config: Config) -> Iterator[DamagedFile]:
    """Content, configuration, templates and data with certain damage; a file that is not UTF-8 has another error."""
    for source in index.all_sources:
        found = _examine(source.file, config, source)
        if found is not None:
            yield found
    for file in site_texts(config):
        found = _examine(file, config, None)
        if found is not None:
            yield found


def describe_damage(damaged: DamagedFile) -> Iterator[Diagnostic]:
    """One warning for each place, up to a number that can be read."""
    places = sorted([*damaged.in_prose, *damaged.in_code], key=lambda damage: damage.start)
    code = {damage.start for damage in damaged.in_code}
    for number, damage in enumerate(places[:_MOST_OF_A_FILE], start=1):
        more = len(places) - _MOST_OF_A_FILE
        others = f"; {more} more in this file" if number == _MOST_OF_A_FILE and more > 0 else ""
        is_code = damage.start in code
        yield Diagnostic(
            code="SG712",
            severity="info" if is_code else "warning",
            message=f"{_words(damage)}, UTF-8 that was read as {damage.code_page}{others}",
            location=damaged.text.location(damage.start),
            hint="it stands in code: `sitegen check --fix --fix-code` repairs it"
            if is_code
            else "`sitegen check --fix` repairs it",
        )


def repair_file(damaged: DamagedFile, *, is_code_too: bool) -> tuple[str, ...]:
    """Repair a file in place, whole or not at all; all other bytes stay.

    Returns:
        What was changed, a line each; nothing where nothing was.

    Raises:
        OSError: it cannot be written.
    """
    damages = damaged.in_prose + (damaged.in_code if is_code_too else ())
    damages = tuple(sorted(damages, key=lambda damage: damage.start))
    if not damages:
        return ()
    file = damaged.file.resolve()  # a link stays a link
    mode = file.stat().st_mode
    write_atomic(file, repaired(damaged.text.text, damages).encode("utf-8"))
    file.chmod(mode)
    return tuple(f"{damaged.text.location(damage.start)}: {_words(damage)}" for damage in damages)


def _examine(file: Path, config: Config, source: Source | None) -> DamagedFile | None:
    data = file.read_bytes()
    if data.isascii():
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    damages = find_mojibake(text)
    if not damages:
        return None
    markdown = _markdown(data, source)
    in_code = {damage.start for damage in damages if _is_code(damage, source, markdown)}
    return DamagedFile(
        file=file,
        text=SearchedText(config.relative_to_root(file), text),
        in_prose=tuple(damage for damage in damages if damage.start not in in_code),
        in_code=tuple(damage for damage in damages if damage.start in in_code),
    )


def _markdown(data: bytes, source: Source | None) -> MarkdownText | None:
    return read_markdown(data, source) if source is not None and source.format == "markdown" else None


def _is_code(damage: Damage, source: Source | None, markdown: MarkdownText | None) -> bool:
    if markdown is not None:
        return markdown.is_code(damage.start)
    return source is not None and source.format in ("notebook", "percent")


def _words(damage: Damage) -> str:
    if not damage.repair:
        return f"`{damage.text}` is a byte order mark"
    written = "".join(each if each.isprintable() else f"\\x{ord(each):02x}" for each in damage.text)
    return f"`{_short(written)}` was `{_short(damage.repair)}`"


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
