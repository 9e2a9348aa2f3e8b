"""Whether a file of the store is what its name says."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from sitegen.content.document import Digest
from sitegen.files import digest_bytes
from sitegen.results.index import Row
from sitegen.results.record import SchemaError, decode, decode_acceptance

_NAME: Final = re.compile(r"(runs/(?P<key>[0-9a-f]{64})|accepted)/(?P<digest>[0-9a-f]{64})\.json")


def examine(path: str, stamp: str, content: bytes) -> Row | None:
    """What the index is to know of a file.

    A file that somebody else put there, or another version of sitegen, is known with the reason why it is not
    believed.

    Args:
        path: in the store.
        stamp: of the listing.
        content: the file's bytes.

    Returns:
        The row; None where the file is damaged: its bytes are not those that it is named by.
    """
    named = _NAME.fullmatch(path)
    if named is None:
        return Row(path=path, stamp=stamp, problem="it is not named as a record is")
    digest = Digest(named["digest"])
    if named["key"] is None:
        return _acceptance(path, stamp, content, digest)
    whole = blob_content(content, digest)
    if whole is None:
        return None
    try:
        record = decode(whole)
    except msgspec.MsgspecError as error:
        return Row(path=path, stamp=stamp, problem=_words(error))
    if record.key != named["key"] or record.inputs.key() != record.key:
        return Row(path=path, stamp=stamp, problem="its inputs do not have the key that it is filed under")
    return Row(path=path, stamp=stamp, page=record.page, key=record.key, content=whole)


def blob_content(content: bytes, digest: Digest) -> bytes | None:
    """The bytes that have the digest; None where these do not.

    Line ends that a version-control system has changed (`core.autocrlf`) are taken back.
    """
    if digest_bytes(content) == digest:
        return content
    unix = content.replace(b"\r\n", b"\n")
    return unix if unix != content and digest_bytes(unix) == digest else None


def _acceptance(path: str, stamp: str, content: bytes, record: Digest) -> Row | None:
    try:
        decode_acceptance(content, record)
    except SchemaError as error:
        return Row(path=path, stamp=stamp, problem=_words(error))
    except (ValueError, msgspec.MsgspecError):
        return None
    return Row(path=path, stamp=stamp, content=content)


def _words(error: Exception) -> str:
    return str(error).splitlines()[0]
