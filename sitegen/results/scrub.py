"""Outputs without what only concerns the build machine; a credential is found, never stored.

Replaced: the site's absolute path, the home folder, temporary folders, the folder of an environment and what comes before its
`site-packages`, user and host name inside paths, in `user@host` and in URLs (as bare words only when longer than five
characters and no common word), memory addresses in reprs; and dropped: all but the last state of a progress bar, and
what a cell's last line says of a figure that is shown.
"""

from __future__ import annotations

import functools
import getpass
import os
import re
import socket
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from sitegen.content.executed import DisplayOutput, ErrorOutput, Output, StreamOutput
from sitegen.files import digest_bytes
from sitegen.frozen import FrozenDict, freeze, thaw
from sitegen.results.credentials import SECRET_VALUE_MIN, find_in_bytes, find_in_texts, is_secret_name
from sitegen.results.figure_reprs import without_figure_reprs
from sitegen.results.media_types import ARTIFACT_CONTENT, ARTIFACT_TYPE, DARK_TYPES, PLOTLY_SCRIPT
from sitegen.results.terminal import last_states, settled
from sitegen.values import dataclass

_COMMON_WORDS: Final = frozenset(
    re.findall(
        r"\w+",
        """
    administrator builder coder container default developer desktop docker github gitlab jovyan
    jupyter laptop localhost machine notebook nobody public python runner sandbox server student
    system tester ubuntu vagrant windows worker workspace workstation
""",
    )
)
_FOLDER_WORDS: Final = _COMMON_WORDS | {
    "app",
    "bin",
    "code",
    "data",
    "lib",
    "opt",
    "root",
    "site",
    "src",
    "test",
    "web",
    "work",
}
"""Names that folders have anyway: as a user's they are replaced only where a home folder stands."""
_SHARED_PREFIXES: Final = frozenset({"/", "/usr", "/usr/local", "/opt", "/opt/homebrew"})
"""Where an interpreter may be on anybody's machine: it says nothing."""
_TEXT_ARTIFACT_MAX: Final = 16 * 2**20
"""Bytes: a longer text file is searched as a binary one is."""

_BEFORE_PATH: Final = (
    r"(?:(?<![\w.~/-])|(?<=file://)|(?<=localhost)"
    r"|(?<=\\x[0-9a-fA-F]{2})|(?<=\\[abfnrtv0])"  # an escape in the repr of a text or of bytes
    r"|(?<=\d[mK])|(?<=\[[mK])"  # a colour
    r"|(?<=-[BILW]))"  # `-I/usr/include`
)
_ADDRESS: Final = re.compile(r"\b(at|Thread) 0x[0-9a-fA-F]{6,16}\b")
_BARE_ADDRESS: Final = re.compile(r"\b0x(?:0000)?(?:7[ef]|5[56])[0-9a-fA-F]{10}\b")
"""Of the heap or a mapping on 64-bit Linux: `hex(id(x))`."""
_CELL_FILE: Final = re.compile(r"(?<![^\s\"'<>(=])[^\s\"'<>(=]*[/\\]ipykernel_\d+[/\\]\d+\.py")
_PACKAGES: Final = re.compile(
    r"(?<![\w.~/\\:-])(?!//)(?:[A-Za-z]:)?[^\s\"'<>()\[\],;=:|*]{0,300}[/\\](site-packages|dist-packages)(?![\w-])"
)
_BINARY: Final = ("image/", "audio/", "video/", "font/", "application/pdf", "application/octet-stream")
_KEPT_AS_IS: Final = frozenset({ARTIFACT_CONTENT, PLOTLY_SCRIPT, DARK_TYPES["image/png"]})
"""Treated by itself; a file of an installed package; a picture in base64."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What must not be told of the machine that ran a page."""

    root: Path
    home: Path
    temporary: tuple[Path, ...]
    user: str
    host: str
    """Without its domain."""
    secrets: tuple[tuple[str, str], ...] = ()
    """Name and value of environment variables that hold one."""
    environments: tuple[Path, ...] = ()
    """Folders of virtual environments."""

    def with_kernel(self, executable: Path, environ: Mapping[str, str]) -> Machine:
        """The same, with the environment of a kernel's interpreter and the secrets of its kernelspec."""
        environments = self.environments
        if executable.is_absolute() and str(executable.parent.parent) not in _SHARED_PREFIXES:
            environments = tuple(dict.fromkeys((*environments, executable.parent.parent)))
        secrets = tuple(dict.fromkeys((*self.secrets, *_secrets(environ))))
        return replace(self, environments=environments, secrets=secrets)


def this_machine(root: Path, environ: Mapping[str, str] | None = None) -> Machine:
    """The facts of the machine we are on."""
    environ = os.environ if environ is None else environ
    temporary = {Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp"), Path("/private/tmp")}  # noqa: S108
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # a container may run as a number without a name
        user = ""
    return Machine(
        root=root,
        home=Path.home(),
        temporary=tuple(sorted(temporary)),
        user=user,
        host=socket.gethostname().partition(".")[0],
        secrets=_secrets(environ),
        environments=() if sys.prefix in _SHARED_PREFIXES else (Path(sys.prefix),),
    )


def clean(outputs: Iterable[Output], machine: Machine) -> tuple[Output, ...]:
    """The outputs of one cell as they may be stored and shown: streams settled and merged, reprs of figures dropped, all scrubbed."""
    return tuple(scrub(output, machine) for output in without_figure_reprs(settled(outputs)))


def scrub(output: Output, machine: Machine) -> Output:
    """The output without the machine's paths, names and addresses."""
    if isinstance(output, StreamOutput):
        return replace(output, text=scrub_text(last_states(output.text), machine))
    if isinstance(output, ErrorOutput):
        return ErrorOutput(
            name=output.name,
            value=scrub_text(output.value, machine),
            traceback=scrub_text(output.traceback, machine),
        )
    data = {
        mime: freeze(scrub_data(thaw(content), machine)) if _is_text(mime) else content
        for mime, content in output.data.items()
    }
    metadata = freeze(scrub_data(thaw(output.metadata), machine))
    return _with_scrubbed_artifact(replace(output, data=FrozenDict(data), metadata=metadata), machine)


def scrub_data(value: Any, machine: Machine) -> Any:
    """JSON with each text in it scrubbed, names of fields included."""
    return _each_string(value, lambda text: scrub_text(text, machine))


def scrub_text(text: str, machine: Machine) -> str:
    """The text without the machine's paths and names and without memory addresses."""
    if "ipykernel_" in text:
        text = _CELL_FILE.sub("<cell>", text)
    if "0x" in text:
        text = _BARE_ADDRESS.sub("0x…", _ADDRESS.sub(r"\1 0x…", text))
    for needle, pattern, replacement in _paths(machine):
        if needle in text:
            text = pattern.sub(replacement, text)
    if "-packages" in text:
        text = _PACKAGES.sub(r"\1", text)
    for needle, pattern, replacement in _names(machine):
        if needle in text:
            text = pattern.sub(replacement, text)
    for literal, replacement in _leftovers(machine):
        text = text.replace(literal, replacement)
    return text


def find_secret(output: Output, machine: Machine) -> str | None:
    """What kind of credential the output seems to hold, in words that do not repeat it."""
    found = find_in_texts(_texts(output), machine.secrets)
    if found is None and isinstance(output, DisplayOutput):
        content = output.data.get(ARTIFACT_CONTENT)
        if isinstance(content, bytes):
            text = _as_text(content)
            if text is None:
                return find_in_bytes(content, machine.secrets)
            return find_in_texts((text,), machine.secrets)
    return found


def find_path(output: Output, machine: Machine) -> str | None:
    """What an artifact that is no text tells of the machine, in words; nothing in it can be replaced."""
    content = output.data.get(ARTIFACT_CONTENT) if isinstance(output, DisplayOutput) else None
    if not isinstance(content, bytes) or _as_text(content) is not None:
        return None
    for literal, stand_in in _leftovers(machine):
        if literal.encode() in content:
            return "the path of the site's folder" if stand_in == "<site>" else "the path of the home folder"
    return None


# --- patterns --------------------------------------------------------------------------------------

_Replacement = tuple[str, re.Pattern[str], str]
"""A text without which the pattern cannot match, the pattern, and what takes its place."""


@functools.lru_cache(maxsize=8)
def _paths(machine: Machine) -> tuple[_Replacement, ...]:
    """What is replaced by what, in order: longer paths first."""
    found: list[_Replacement] = []
    for root in _spellings(machine.root):
        separator = r"(?:/|\\+|%2F)"
        found.append((root, re.compile(_BEFORE_PATH + re.escape(root) + separator + r"(?=[\w.])"), ""))
        found.append((root, _whole_path(root), "."))
    folders = [(folder, "<env>") for folder in machine.environments if folder != machine.home]
    folders += [
        (folder, "<tmp>")
        for folder in machine.temporary
        if folder not in machine.home.parents and folder != machine.home
    ]
    for folder, stand_in in (*folders, (machine.home, "~")):
        found += [(spelling, _whole_path(spelling), stand_in) for spelling in _spellings(folder)]
    return tuple(found)


@functools.lru_cache(maxsize=8)
def _names(machine: Machine) -> tuple[_Replacement, ...]:
    """User and host: together, in paths, in URLs, and as words where they are no words of a language."""
    found: list[_Replacement] = []
    user, host = re.escape(machine.user), re.escape(machine.host)
    domain = r"(?:\.[A-Za-z][\w-]*)*"
    if machine.user and machine.host:
        found.append((machine.user, re.compile(rf"(?<![\w.-]){user}@{host}{domain}(?![\w-])"), "user@host"))
    for name, escaped, stand_in in ((machine.user, user, "user"), (machine.host, host, "host")):
        if len(name) < 2:
            continue
        tail = domain if stand_in == "host" else ""
        places = rf"(?<=[/\\]home[/\\]){escaped}(?![\w-])|(?<=[/\\]Users[/\\]){escaped}(?![\w-])"
        places += rf"|(?<=\\Users\\\\){escaped}(?![\w-])|(?<=://){escaped}{tail}(?=[:/@]|$)"
        places += rf"|(?<=@){escaped}{tail}(?![\w-])" if stand_in == "host" else ""
        found.append((name, re.compile(places, re.MULTILINE), stand_in))
        if name.lower() not in _FOLDER_WORDS:
            inside = rf"((?<![\w./\\~-])(?:[A-Za-z]:)?(?:[/\\][^/\\\s\"'<>]{{1,100}}){{0,20}}?[/\\]){escaped}(?=[/\\\s\"'<>:,;)\]]|$)"
            found.append((name, re.compile(inside, re.MULTILINE), rf"\1{stand_in}"))
        if len(name) > 5 and name.lower() not in _COMMON_WORDS:
            found.append((name, re.compile(rf"(?<![A-Za-z0-9-]){escaped}{tail}(?![A-Za-z0-9-])"), stand_in))
    return tuple(found)


@functools.lru_cache(maxsize=8)
def _leftovers(machine: Machine) -> tuple[tuple[str, str], ...]:
    """Paths that are replaced wherever they are found: such that nothing else is spelt like them."""
    return tuple(
        (spelling, stand_in)
        for folder, stand_in in ((machine.root, "<site>"), (machine.home, "<home>"))
        for spelling in _spellings(folder)
        if len(folder.parts) > 2
    )


def _spellings(path: Path) -> tuple[str, ...]:
    """A folder as it may be printed: as given and resolved, escaped, in a URL; never one right at the root of the disk's tree."""
    spellings: set[str] = set()
    for text in (str(path), str(path.resolve())):
        if len(text) > 2:
            spellings |= {text, quote(text), quote(text, safe=""), text.replace("/", "\\/")}
            spellings |= {text.replace("\\", "\\\\"), text.replace("\\", "/")}
    return tuple(sorted(spellings, key=lambda text: (-len(text), text)))


def _whole_path(path: str) -> re.Pattern[str]:
    """The path where it is not the middle of another (`/tmp` in `/var/tmp`, `/tmpfiles`)."""
    return re.compile(rf"{_BEFORE_PATH}{re.escape(path)}(?![\w-]|\.\w)")


# --- outputs ---------------------------------------------------------------------------------------


def _secrets(environ: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, value)
        for name, value in sorted(environ.items())
        if is_secret_name(name) and len(value) >= SECRET_VALUE_MIN
    )


def _with_scrubbed_artifact(output: DisplayOutput, machine: Machine) -> DisplayOutput:
    """A text file that is kept is scrubbed as what is printed."""
    content, described = output.data.get(ARTIFACT_CONTENT), output.data.get(ARTIFACT_TYPE)
    if not isinstance(content, bytes) or not isinstance(described, Mapping):
        return output
    text = _as_text(content)
    scrubbed = content if text is None else scrub_text(text, machine).encode()
    if scrubbed == content:
        return output
    payload = FrozenDict({**described, "digest": digest_bytes(scrubbed), "size_bytes": len(scrubbed)})
    return replace(
        output, data=FrozenDict({**output.data, ARTIFACT_TYPE: payload, ARTIFACT_CONTENT: scrubbed})
    )


def _as_text(content: bytes) -> str | None:
    """The text that a file is; None for a binary one, and for one too long to be searched through."""
    if len(content) > _TEXT_ARTIFACT_MAX or b"\0" in content:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def _is_text(mime: str) -> bool:
    return mime == "image/svg+xml" or not (mime.startswith(_BINARY) or mime in _KEPT_AS_IS)


def _texts(output: Output) -> Iterator[str]:
    if isinstance(output, StreamOutput):
        yield output.text
    elif isinstance(output, ErrorOutput):
        yield from (output.value, output.traceback)
    else:
        for mime, content in output.data.items():
            if _is_text(mime):
                yield from _strings(thaw(content))
        yield from _strings(thaw(output.metadata))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield str(key)
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def _each_string(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {
            change(key) if isinstance(key, str) else key: _each_string(item, change)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_each_string(item, change) for item in value]
    return value
