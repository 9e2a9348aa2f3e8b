"""Outputs without what only concerns the build machine; a credential is found, never stored.

Replaced: the site's absolute path, the home folder, temporary folders, user and host name inside
paths, in `user@host` and in URLs (as bare words only when longer than five characters and no common word), memory addresses
in reprs, and all but the last state of a progress bar.
"""

from __future__ import annotations

import functools
import getpass
import importlib
import importlib.util
import os
import re
import socket
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from sitegen.content.document import ErrorOutput, Output, StreamOutput
from sitegen.frozen import FrozenDict, freeze, thaw

_SECRET_NAME: Final = re.compile(r"token|secret|passw(or)?d|passwd|api_?key|(^|_)keys?(_|$)", re.IGNORECASE)
_SECRET_VALUE_MIN: Final = 8
"""Characters, as the design says: shorter values are found in ordinary text."""
_DETECTORS: Final = {
    "aws": "AWSKeyDetector",
    "azure_storage_key": "AzureStorageKeyDetector",
    "basic_auth": "BasicAuthDetector",
    "discord": "DiscordBotTokenDetector",
    "github_token": "GitHubTokenDetector",
    "gitlab_token": "GitLabTokenDetector",
    "jwt": "JwtTokenDetector",
    "mailchimp": "MailchimpDetector",
    "npm": "NpmDetector",
    "openai": "OpenAIDetector",
    "private_key": "PrivateKeyDetector",
    "pypi_token": "PypiTokenDetector",
    "sendgrid": "SendGridDetector",
    "slack": "SlackDetector",
    "square_oauth": "SquareOAuthDetector",
    "stripe": "StripeDetector",
    "telegram_token": "TelegramBotTokenDetector",
    "twilio": "TwilioKeyDetector",
}
"""detect-secrets' plugins that know a form; those that guess (entropy, keywords, IP addresses) are left
out, since a table of numbers is full of them."""
_OWN_FORMS: Final = (
    ("Hugging Face token", re.compile(r"\bhf_[A-Za-z0-9]{30,}")),
    ("OpenAI key", re.compile(r"\bsk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{32,}")),
    ("Anthropic key", re.compile(r"\bsk-ant-[A-Za-z0-9_-]{24,}")),
    ("Google API key", re.compile(r"\bAIza[0-9A-Za-z_-]{35}")),
    ("GitHub token", re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22,})")),
)
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
_ADDRESS: Final = re.compile(r"\bat 0x[0-9a-fA-F]{6,16}\b")
_CELL_FILE: Final = re.compile(r"[^\s\"'<>(]*[/\\]ipykernel_\d+[/\\]\d+\.py")
_BEFORE_PATH: Final = r"(?:(?<![\w.~/-])|(?<=file://))"
_TEXT_TYPES: Final = (
    "text/",
    "image/svg+xml",
    "application/json",
    "application/javascript",
    "application/vnd.",
)
_SKIPPED_TYPES: Final = ("application/vnd.jupyter.widget-view+json", "application/vnd.sitegen.plotly-script", "application/vnd.sitegen.dark.png")
"""Ids alone; a file of an installed package, which has nothing of the machine and must stay as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What must not be told of the machine that ran a page."""

    root: Path
    home: Path
    temporary: tuple[Path, ...]
    user: str
    host: str
    secrets: tuple[tuple[str, str], ...] = ()
    """Name and value of environment variables that hold one."""


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
        secrets=tuple(
            (name, value)
            for name, value in sorted(environ.items())
            if is_secret_name(name) and len(value) >= _SECRET_VALUE_MIN
        ),
    )


def is_secret_name(name: str) -> bool:
    """Whether an environment variable's name says that its value is nobody's business."""
    return _SECRET_NAME.search(name) is not None


def scrub(output: Output, machine: Machine) -> Output:
    """The output as it may be stored and shown."""
    if isinstance(output, StreamOutput):
        return replace(output, text=scrub_text(last_states(output.text), machine))
    if isinstance(output, ErrorOutput):
        return ErrorOutput(
            name=output.name,
            value=scrub_text(output.value, machine),
            traceback=scrub_text(output.traceback, machine),
        )
    data = {
        mime: freeze(_each_string(thaw(content), lambda text: scrub_text(text, machine)))
        if _is_text(mime)
        else content
        for mime, content in output.data.items()
    }
    return replace(output, data=FrozenDict(data))


def scrub_text(text: str, machine: Machine) -> str:
    """The text without the machine's paths and names and without memory addresses."""
    for pattern, replacement in _patterns(machine):
        text = pattern.sub(replacement, text)
    return text


def find_secret(output: Output, machine: Machine) -> str | None:
    """What kind of credential the output seems to hold, in words that do not repeat it."""
    for text in _texts(output):
        for name, value in machine.secrets:
            if value in text:
                return f"the value of the environment variable `{name}`"
        for kind, pattern in _OWN_FORMS:
            if pattern.search(text):
                return f"a credential ({kind})"
        for kind, analyze in _detectors():
            if any(True for line in text.splitlines() for _ in analyze(line)):
                return f"a credential ({kind})"
    return None


def last_states(text: str) -> str:
    """What is left on a terminal when carriage returns and backspaces have done their work, line by line.

    A carriage return starts the line again; what was drawn before stays only if nothing comes after it.
    """
    if "\r" not in text and "\b" not in text:
        return text
    return "\n".join(_last_state(line) for line in text.replace("\r\n", "\n").split("\n"))


def _last_state(line: str) -> str:
    while "\b" in line:
        shorter = re.sub(r"[^\x08]\x08|^\x08+", "", line)
        if shorter == line:
            break
        line = shorter
    frames = [frame for frame in line.split("\r") if frame.strip()]
    return frames[-1] if frames else ""


@functools.lru_cache(maxsize=8)
def _patterns(machine: Machine) -> tuple[tuple[re.Pattern[str], str], ...]:
    """What is replaced by what, in order: longer paths first."""
    patterns: list[tuple[re.Pattern[str], str]] = [(_CELL_FILE, "<cell>"), (_ADDRESS, "at 0x…")]
    for root in _spellings(machine.root):
        below = re.compile(_BEFORE_PATH + re.escape(root) + r"[/\\](?=[\w.])")
        patterns += [(below, ""), (_whole_path(root), ".")]
    for folder in machine.temporary:
        if folder not in machine.home.parents and folder != machine.home:
            patterns += [(_whole_path(spelling), "<tmp>") for spelling in _spellings(folder)]
    patterns += [(_whole_path(home), "~") for home in _spellings(machine.home)]
    if machine.user and machine.host:
        both = re.compile(rf"\b{re.escape(machine.user)}@{re.escape(machine.host)}\b")
        patterns.append((both, "user@host"))
    patterns += _name_patterns(machine.user, "user") + _name_patterns(machine.host, "host")
    return tuple(patterns)


def _name_patterns(name: str, stand_in: str) -> list[tuple[re.Pattern[str], str]]:
    if len(name) < 2:
        return []
    escaped = re.escape(name)
    in_place = rf"(?<=/home/){escaped}(?![\w-])|(?<=/Users/){escaped}(?![\w-])|(?<=://){escaped}(?=[:/@]|$)"
    patterns = [(re.compile(in_place), stand_in)]
    if len(name) > 5 and name.lower() not in _COMMON_WORDS:
        patterns.append((re.compile(rf"(?<![\w-]){escaped}(?![\w-])"), stand_in))
    return patterns


def _spellings(path: Path) -> tuple[str, ...]:
    """A folder as it may be printed: as given and resolved; never a folder right at the root of the disk's tree."""
    spellings = {str(path), str(path.resolve())}
    return tuple(sorted((text for text in spellings if len(text) > 2), key=len, reverse=True))


def _whole_path(path: str) -> re.Pattern[str]:
    """The path where it is not the middle of another (`/tmp` in `/var/tmp`, `/tmpfiles`)."""
    return re.compile(rf"{_BEFORE_PATH}{re.escape(path)}(?![\w-]|\.\w)")


def _is_text(mime: str) -> bool:
    return mime.startswith(_TEXT_TYPES) and mime not in _SKIPPED_TYPES


def _texts(output: Output) -> Iterator[str]:
    if isinstance(output, StreamOutput):
        yield output.text
    elif isinstance(output, ErrorOutput):
        yield from (output.value, output.traceback)
    else:
        for mime, content in output.data.items():
            if _is_text(mime):
                yield from _strings(thaw(content))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def _each_string(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: _each_string(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [_each_string(item, change) for item in value]
    return value


@functools.cache
def _detectors() -> tuple[tuple[str, Callable[[str], Iterable[str]]], ...]:
    """detect-secrets' plugins as functions of a line; none where the `execute` extra is missing."""
    if importlib.util.find_spec("detect_secrets") is None:
        return ()
    found = []
    for module, name in _DETECTORS.items():
        plugin = getattr(importlib.import_module(f"detect_secrets.plugins.{module}"), name)()
        found.append((str(plugin.secret_type), plugin.analyze_string))
    return tuple(found)
