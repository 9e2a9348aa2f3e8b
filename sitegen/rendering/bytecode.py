"""Compiled templates, kept in `.sitegen/cache/templates/` so that the next build need not compile them."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import Final

import jinja2
from jinja2 import BytecodeCache, nodes
from jinja2.bccache import Bucket
from jinja2.compiler import CodeGenerator, Frame

from sitegen import __version__
from sitegen.files import digest_bytes, write_atomic

_COMPILED_UNDER: Final = (
    Path(__file__),
    Path(__file__).with_name("environment.py"),
    Path(__file__).with_name("filters.py"),
)
"""What says how templates are compiled: in a checkout it changes without a new version of ours."""
_DIGEST_LENGTH: Final = 64


class PlainCodeGenerator(CodeGenerator):
    """Calls no filter while it compiles, as Jinja's own does for `{{ "/posts/" | url }}`.

    So the code depends on the template alone, and holds under another configuration.
    """

    def _output_child_to_const(
        self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo
    ) -> str:
        if not isinstance(node, nodes.TemplateData):
            raise nodes.Impossible
        return super()._output_child_to_const(node, frame, finalize)


class KeptBytecode(BytecodeCache):
    """Jinja's cache of compiled templates.

    A file holds one template, and is named by a digest of: the versions of Python, Jinja and sitegen, the files of ours
    that say how templates are compiled, the template's name and its path. It has the code's digest, the digest of the
    template's text (Jinja's checksum) and the code; so an edited template takes the place of its last version.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        versions = (sys.version, jinja2.__version__, __version__)
        sources = (digest_bytes(path.read_bytes()) for path in _COMPILED_UNDER)
        self._compiler = "\n".join((*versions, *sources))

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """The name of a template's file."""
        return digest_bytes("\n".join((self._compiler, name, filename or "")).encode())

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take the code that is kept; where there is none, or none of this text, the template is compiled."""
        with contextlib.suppress(OSError):
            kept = (self._folder / bucket.key).read_bytes()
            digest, code = kept[:_DIGEST_LENGTH], kept[_DIGEST_LENGTH:]
            if digest_bytes(code).encode() == digest:  # a file cut off by a full disk is read by nobody
                bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code; where the folder cannot be written, the next build compiles again."""
        code = bucket.bytecode_to_string()
        with contextlib.suppress(OSError):
            write_atomic(self._folder / bucket.key, digest_bytes(code).encode() + code)
