"""What looks like a credential, in any text that a run gives."""

from __future__ import annotations

import base64
import functools
import importlib
import importlib.util
import json
import re
from collections.abc import Callable, Iterable
from typing import Final
from urllib.parse import quote

SECRET_VALUE_MIN: Final = 8
"""Characters, as the design says: shorter values are found in ordinary text."""
_SECRET_NAME: Final = re.compile(
    r"token|secret|passw(or)?d|passwd|passphrase|credential|api_?key|(^|_)keys?(_|$)", re.IGNORECASE
)
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
_NEEDED: Final = {"npm": "_authToken", "basic_auth": "://", "slack": "slack"}
"""Text without which a plugin's pattern cannot match: these scan long lines slowly."""
_PUBLIC: Final = "eyJzZXNzaW9uX2lkIjogImRlZmF1bHQifQ"
"""BokehJS's `DEFAULT_TOKEN`, the same in every copy: `{"session_id": "default"}`."""
_OWN_FORMS: Final = (
    ("Hugging Face token", ("hf_", "api_org_"), re.compile(r"\b(?:hf_|api_org_)[A-Za-z0-9]{30,}")),
    ("OpenAI key", ("sk-",), re.compile(r"\bsk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{32,}")),
    ("Anthropic key", ("sk-ant-",), re.compile(r"\bsk-ant-[A-Za-z0-9_-]{24,}")),
    ("Google API key", ("AIza",), re.compile(r"\bAIza[0-9A-Za-z_-]{35}")),
    (
        "Google OAuth token",
        ("ya29.", "GOCSPX-"),
        re.compile(r"\bya29\.[0-9A-Za-z_-]{20,}|\bGOCSPX-[0-9A-Za-z_-]{20,}"),
    ),
    (
        "GitHub token",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
        re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22,})"),
    ),
    (
        "Slack token",
        ("xox", "xapp-"),
        re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{20,}|\bxapp-\d-[A-Za-z0-9-]{20,}"),
    ),
    ("npm token", ("npm_",), re.compile(r"\bnpm_[A-Za-z0-9]{36}\b")),
    ("Docker token", ("dckr_",), re.compile(r"\bdckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}")),
    ("DigitalOcean token", ("_v1_",), re.compile(r"\bdo[opr]_v1_[a-f0-9]{64}\b")),
    ("Databricks token", ("dapi",), re.compile(r"\bdapi[a-f0-9]{32}(?:-\d)?\b")),
    ("Replicate token", ("r8_",), re.compile(r"\br8_[A-Za-z0-9]{37}\b")),
    ("Groq key", ("gsk_",), re.compile(r"\bgsk_[A-Za-z0-9]{40,}")),
    (
        "private key",
        ("PRIVATE KEY", "AGE-SECRET-KEY"),
        re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|\bAGE-SECRET-KEY-1[A-Z0-9]{50,}"),
    ),
    (
        "authorization header",
        ("uthorization",),
        re.compile(
            r"\b[Aa]uthorization['\"]?\s*[:=]\s*['\"]?(?:Bearer|Basic|token)\s+[A-Za-z0-9._~+/=-]{16,}"
        ),
    ),
    (
        "value of a variable",
        ("TOKEN", "SECRET", "API_KEY", "APIKEY", "ACCESS_KEY", "PASSWORD", "PASSWD"),
        re.compile(
            r"\b[A-Z0-9_]*(?:TOKEN|SECRET|API_?KEY|ACCESS_KEY|PASSWORD|PASSWD)(?:_[A-Z0-9]+)*['\"]?\s*[:=]\s*['\"]?"
            rf"(?!{_PUBLIC}\b)(?=[A-Za-z_/+.=-]*\d)(?=[\d_/+.=-]*[A-Za-z])[A-Za-z0-9_/+.=-]{{20,}}"
        ),
    ),
)
"""What detect-secrets does not know: kind, texts one of which each match contains (to look for them takes a hundredth of the time that
the pattern does), pattern. The last is a line of an environment: `WANDB_API_KEY=0123...`."""
_ANSI: Final = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")


def is_secret_name(name: str) -> bool:
    """Whether an environment variable's name says that its value is nobody's business."""
    return _SECRET_NAME.search(name) is not None


def find_in_texts(texts: Iterable[str], secrets: Iterable[tuple[str, str]]) -> str | None:
    """What kind of credential is in one of the texts, in words that do not repeat it; None where there is none.

    Args:
        texts: as they would be stored.
        secrets: name and value of environment variables that hold one.
    """
    known = tuple(secrets)
    for text in texts:
        plain = _ANSI.sub("", text) if "\x1b" in text else text
        for name, value in known:
            if any(form in plain or form in text for form in _forms(value)):
                return f"the value of the environment variable `{name}`"
        for kind, parts, pattern in _OWN_FORMS:
            if any(part in plain for part in parts) and pattern.search(plain):
                return f"a credential ({kind})"
        for kind, needed, analyze in _detectors():
            if needed in plain and any(True for _ in analyze(plain)):
                return f"a credential ({kind})"
    return None


def find_in_bytes(content: bytes, secrets: Iterable[tuple[str, str]]) -> str | None:
    """The same for a file that is no text: only the values of variables are looked for."""
    for name, value in secrets:
        if any(form.encode() in content for form in _forms(value)):
            return f"the value of the environment variable `{name}`"
    return None


@functools.lru_cache(maxsize=256)
def _forms(value: str) -> tuple[str, ...]:
    """How a value may be written: as it is, in JSON or a repr, in a URL, in base64."""
    encoded = base64.b64encode(value.encode()).decode().rstrip("=")
    return tuple(
        dict.fromkeys((value, json.dumps(value)[1:-1], repr(value)[1:-1], quote(value, safe=""), encoded))
    )


@functools.cache
def _detectors() -> tuple[tuple[str, str, Callable[[str], Iterable[str]]], ...]:
    """detect-secrets' plugins: kind, needed text, function of a text; none where the `execute` extra is missing."""
    if importlib.util.find_spec("detect_secrets") is None:
        return ()
    found = []
    for module, name in _DETECTORS.items():
        plugin = getattr(importlib.import_module(f"detect_secrets.plugins.{module}"), name)()
        found.append((str(plugin.secret_type), _NEEDED.get(module, ""), plugin.analyze_string))
    return tuple(found)
