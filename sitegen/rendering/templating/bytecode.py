"""Compiled templates, kept in `.sitegen/cache/templates/` so that the next build need not compile them."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Iterable
from keyword import iskeyword
from pathlib import Path
from typing import Any, Final, NoReturn

import jinja2
from jinja2 import BytecodeCache, Environment, nodes
from jinja2.bccache import Bucket
from jinja2.compiler import CodeGenerator, Frame
from jinja2.idtracking import VAR_LOAD_RESOLVE

from sitegen import __version__
from sitegen.config.words import ENGLISH, Words, words_digest
from sitegen.errors import near_match
from sitegen.files import digest_bytes, write_atomic
from sitegen.rendering.templating.overriding import OVERRIDES, overrides_of

_COMPILED_UNDER: Final = (
    Path(__file__),
    Path(__file__).with_name("environment.py"),
    Path(__file__).with_name("filters.py"),
    Path(__file__).with_name("template_calls.py"),
    Path(__file__).with_name("spoken.py"),
    Path(__file__).with_name("minify.py"),
    Path(__file__).with_name("overriding.py"),
)
"""What says how templates are compiled: in a checkout it changes without a new version of ours."""
_DIGEST_LENGTH: Final = 64
_MISSING: Final = re.compile(r"No (filter|test) named '([^']*)'\.")
"""What Jinja says of a name that is not there."""


class PlainCodeGenerator(CodeGenerator):
    """Writes Jinja's code, but for what its own does in more calls than it takes.

    It calls no filter while it compiles, as Jinja's does for `{{ "/posts/" | url }}`: so the code depends on the
    template alone, and holds under another configuration. What it saves is measured at 1,000 posts, of their rendering:
    a fifth of the CPU.
    """

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802 -- Jinja's name
        """As Jinja's, what the template takes from the one that includes it, and what it does with the one that it extends."""
        super().visit_Template(node, frame)
        self.writeline(f"free_names = {free_names(node, self)!r}")
        overrides = overrides_of(node)
        if overrides is not None:
            self.writeline(f"{OVERRIDES} = {tuple(overrides)!r}")

    def fail(self, msg: str, lineno: int) -> NoReturn:
        """As Jinja's; of a filter or test that there is not, with the near name."""
        missing = _MISSING.fullmatch(msg)
        if missing is not None:
            kind, name = missing.groups()
            table = self.environment.filters if kind == "filter" else self.environment.tests
            near = near_match(name, table)
            msg = f"there is no {kind} `{name}`" + (f"; did you mean `{near}`?" if near else "")
        super().fail(msg, lineno)

    def _output_child_to_const(
        self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo
    ) -> str:
        if not isinstance(node, nodes.TemplateData):
            raise nodes.Impossible
        return super()._output_child_to_const(node, frame, finalize)

    def _output_child_pre(
        self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo
    ) -> None:
        if _is_escaped(frame):
            self.write("environment.shown(")
        else:
            super()._output_child_pre(node, frame, finalize)

    def _output_child_post(
        self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo
    ) -> None:
        if _is_escaped(frame):
            self.write(")")
        else:
            super()._output_child_post(node, frame, finalize)

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802 -- Jinja's name
        """`page.title` without a call of the environment's method, unless the name may lie behind a view."""
        hidden: frozenset[str] = vars(self.environment)["hidden"]
        if node.attr in hidden:
            super().visit_Getattr(node, frame)
            return
        owner, value = self.temporary_identifier(), self.temporary_identifier()
        self.write(f"({value} if ({value} := getattr(({owner} := ")
        self.visit(node.node, frame)
        self.write(
            f"), {node.attr!r}, missing)) is not missing else environment.getattr({owner}, {node.attr!r}))"
        )

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802 -- Jinja's name
        """A call of what takes nothing but its arguments, without a look at each call for what it takes."""
        if (
            forward_caller
            or node.dyn_args
            or node.dyn_kwargs
            or any(iskeyword(each.key) for each in node.kwargs)
        ):
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.write("environment.called(")
        self.visit(node.node, frame)
        loop_vars = "_loop_vars" if frame.loop_frame else "None"
        block_vars = "_block_vars" if frame.block_frame else "None"
        self.write(f", context, {loop_vars}, {block_vars})(")
        for number, argument in enumerate((*node.args, *node.kwargs)):
            self.write(", " if number else "")
            self.visit(argument, frame)
        self.write(")")

    def visit_Block(self, node: nodes.Block, frame: Frame) -> None:  # noqa: N802 -- Jinja's name
        """A plain block's text at once, not piece by piece through the generators of all templates around it."""
        if (frame.toplevel and self.extends_so_far) or node.scoped or node.required:
            super().visit_Block(node, frame)
            return
        self.newline(node)
        self.simple_write(f"concat(context.blocks[{node.name!r}][0]({self.get_context_ref()}))", frame, node)

    def visit_Include(self, node: nodes.Include, frame: Frame) -> None:  # noqa: N802 -- Jinja's name
        """The same for an included template."""
        name = node.template.value if isinstance(node.template, nodes.Const) else None
        if not isinstance(name, str) or node.ignore_missing or not node.with_context:
            super().visit_Include(node, frame)
            return
        self.newline(node)
        arguments = f"{name!r}, {self.name!r}, context, {self.dump_local_context(frame)}"
        self.simple_write(f"environment.included({arguments})", frame)


class _FreeNames(CodeGenerator):
    """Writes nothing: notes the names that compiling a template looks up in the context."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.found: set[str] = set()

    def write(self, x: str) -> None:
        """Nothing."""

    def enter_frame(self, frame: Frame) -> None:
        """As Jinja's; what is looked up there is noted."""
        super().enter_frame(frame)
        self.found.update(name for action, name in frame.symbols.loads.values() if action == VAR_LOAD_RESOLVE)


def free_names(template: nodes.Template, generator: CodeGenerator) -> tuple[str, ...] | None:
    """The names by which a template takes something from the one that includes it, those of global functions too.

    None where it can take more than by name: it includes others, has blocks, or changes a value that it was given.
    """
    if any(isinstance(node, _TAKES_MORE) for node in template.find_all(nodes.Node)):
        return None
    if any(_sees_context(node, generator.environment) for node in template.find_all(nodes.Node)):
        return None
    names = _FreeNames(generator.environment, generator.name, generator.filename)
    names.visit(template)
    return tuple(sorted(names.found))


_TAKES_MORE: Final = (
    nodes.Extends,
    nodes.Block,
    nodes.Include,
    nodes.NSRef,
    nodes.ContextReference,
    nodes.DerivedContextReference,
)


def _sees_context(node: nodes.Node, environment: Environment) -> bool:
    """Whether it may look up any name: an import with the context, `self`, a filter or test that asks for the context.

    Jinja's own filters that ask for it (`map`, `select`) look nothing up there.
    """
    match node:
        case nodes.Import() | nodes.FromImport():
            return node.with_context
        case nodes.Name():
            return node.name == "self"
        case nodes.Filter() | nodes.Test():
            table = environment.filters if isinstance(node, nodes.Filter) else environment.tests
            called = table.get(node.name)
            return hasattr(called, "jinja_pass_arg") and getattr(called, "__module__", "") != "jinja2.filters"
        case _:
            return False


def _is_escaped(frame: Frame) -> bool:
    return bool(frame.eval_ctx.autoescape) and not frame.eval_ctx.volatile


class KeptBytecode(BytecodeCache):
    """Jinja's cache of compiled templates.

    A file holds one template, and is named by a digest of: the versions of Python, Jinja and sitegen, the files of ours
    that say how templates are compiled, the site's language, the names behind views, the template's name and its path. It has the code's digest, the digest of the
    template's text and of the words of that language (Jinja's checksum) and the code; so an edited template takes the place of its last version.
    """

    def __init__(self, folder: Path, words: Words = ENGLISH, hidden: Iterable[str] = ()) -> None:
        """A folder of them.

        Args:
            folder: made when something is kept.
            words: what the compiled templates say.
            hidden: the environment's, which the code depends on.
        """
        self._folder = folder
        self._words = words_digest(words)
        versions = (sys.version, jinja2.__version__, __version__, words.language, *sorted(hidden))
        sources = (digest_bytes(path.read_bytes()) for path in _COMPILED_UNDER)
        self._compiler = "\n".join((*versions, *sources))

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """The name of a template's file."""
        return digest_bytes("\n".join((self._compiler, name, filename or "")).encode())

    def get_source_checksum(self, source: str) -> str:
        """As Jinja's, of the text and what it may say."""
        return digest_bytes(f"{self._words}\n{source}".encode())

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
