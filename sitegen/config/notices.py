"""What is to be said of settings that are read and cannot be honoured in full, or name what is not there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from sitegen.config.layers import Entry
from sitegen.config.theme_params import wrong_params
from sitegen.config.words import SHIPPED, Words
from sitegen.errors import Diagnostic

_FORMATS: Final = ("html", "rss", "atom", "jsonfeed")


def notices(
    root: Path, entries: Iterable[Entry], values: Mapping[str, Any], *, language: str
) -> Iterator[Diagnostic]:
    """Warnings and errors about values that are well formed.

    Args:
        root: of the site.
        entries: every setting as it is written.
        values: the settings' typed values, by the name of their field.
        language: the key of the language that is built.
    """
    by_name = {entry.name: entry for entry in entries}
    if "module.mounts" in by_name and "mounts" in values:
        yield from _partial_mounts(by_name["module.mounts"], values["mounts"], language)
    if "outputs" in by_name:
        yield from _unknown_formats(by_name["outputs"])
    if "params" in by_name:
        yield from wrong_params(by_name["params"])
    if "contentdir" in by_name:
        yield from _missing_content(root, by_name["contentdir"], values.get("content_dir"))


def missing_words(words: Words, entries: Iterable[Entry]) -> Iterator[Diagnostic]:
    """A warning where neither the theme nor the site has words in the site's language: the theme speaks English then.

    Args:
        words: of the site.
        entries: every setting as it is written.
    """
    if words.base in SHIPPED or words.own:
        return
    written = next((entry for entry in entries if entry.name == "locale"), None)
    yield Diagnostic(
        code="SG106",
        severity="warning",
        message=f"the theme has no words in `{words.language}`: what it says itself is English",
        location=written.locate() if written is not None else None,
        hint=f"say them in `templates/strings/{words.base}.toml`, as many as you like; "
        '`[page]` and `skip = "..."` is the first, and the English table has them all: docs, "Languages"',
    )


def _partial_mounts(entry: Entry, mounts: Iterable[Mapping[str, str]], language: str) -> Iterator[Diagnostic]:
    """A warning for each mount into a part of the content, the data or the static files: only whole ones are read."""
    seen: set[str] = set()
    for position, mount in enumerate(mounts):
        target = mount["target"].strip("/")
        is_ours = language in (mount["lang"] or language).split(",")
        if not is_ours or not re.match(r"(content|data|static)(/|$)", target):
            continue
        is_read = target == "static" or ("/" not in target and target not in seen)
        seen.add(target)
        if not is_read:
            yield Diagnostic(
                code="SG104",
                severity="warning",
                message=f"the mount of `{mount['source']}` at `{target}` is left out",
                location=entry.locate((position, "target")),
                hint="sitegen mounts one folder at `content` and at `data`, any at `static`; copy the files there",
            )


def _unknown_formats(outputs: Entry) -> Iterator[Diagnostic]:
    """A warning for each output format that sitegen does not have, once."""
    seen = set(_FORMATS)
    for kind, formats in outputs.value.items() if isinstance(outputs.value, dict) else ():
        listed = formats if isinstance(formats, (list, tuple)) else [formats]
        for position, name in enumerate(listed):
            if not isinstance(name, str) or name.lower() in seen:
                continue
            seen.add(name.lower())
            yield Diagnostic(
                code="SG104",
                severity="warning",
                message=f"sitegen has no output format `{name}`",
                location=outputs.locate((str(kind), position) if listed is formats else (str(kind),)),
                hint="formats: " + ", ".join(f"`{known}`" for known in _FORMATS),
            )


def _missing_content(root: Path, named: Entry, folder: object) -> Iterator[Diagnostic]:
    if isinstance(folder, str) and not (root / folder).is_dir():
        yield Diagnostic(
            code="SG105",
            severity="error",
            message=f"the folder `{folder}` that `{named.title}` names does not exist",
            location=named.locate(),
            hint="make the folder, or name another",
        )
