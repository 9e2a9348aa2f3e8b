"""Which modules a text of Python is certain to import, in order, as far as that can be read without running it.

An import counts as certain where nothing that stands before it can keep it from being run, or change what the import does:
code that changes the environment, the import path or the filters of warnings, or that configures a library, cuts the text off.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import field
from typing import Final

from sitegen.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One `import` of a text."""

    module: str
    """Dotted; empty for `from . import x`."""
    level: int = 0
    """Dots before it."""
    names: tuple[str, ...] = ()
    """Of `from module import names`; without `*`."""
    guard: int = 0
    """The number of the block around it that catches exceptions: where one import of it fails, those after it are not run. 0: none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a text imports."""

    certain: tuple[Statement, ...] = ()
    possible: tuple[Statement, ...] = ()
    """In functions, branches and loops, or after something that may end the block."""
    is_cut: bool = False
    """Something in it can change what a later import does: none after it is certain."""


def scan_cell(source: str, *, may_raise: bool = False) -> Found:
    """The imports of a cell, with IPython's magics; a cell that does not parse has none, and cuts.

    Args:
        source: its code.
        may_raise: an exception does not end the page: only what stands before all other code is certain.
    """
    try:
        python, is_cut = _without_magics(source)
        tree = ast.parse(python)
    except (SyntaxError, ValueError, RecursionError):
        return Found(is_cut=True)
    scan = _Scan()
    if may_raise:
        scan.guarded(tree.body)
    else:
        scan.block(tree.body)
    certain, possible = tuple(scan.certain), tuple(scan.possible)
    if is_cut:  # by a magic: where it stands among the statements is not looked at
        return Found(possible=(*certain, *possible), is_cut=True)
    return Found(certain=certain, possible=possible, is_cut=scan.is_cut)


def scan_module(source: str) -> Found:
    """The imports of a module's file."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return Found(is_cut=True)
    scan = _Scan(is_main=False)
    scan.block(tree.body)
    return Found(certain=tuple(scan.certain), possible=tuple(scan.possible), is_cut=scan.is_cut)


# --- magics -------------------------------------------------------------------------------------------------

_CELL_MAGIC: Final = re.compile(r"\s*%%(\w+)[^\n]*")
_MAGIC_LINE: Final = re.compile(r"^([ \t]*)([%!?].*|[\w.]+\?\??\s*)$")
_MAGIC_VALUE: Final = re.compile(r"^([ \t]*[\w.,\[\]'\" \t]+=[ \t]*)([%!].*)$")
_OF_PYTHON: Final = frozenset(("time", "timeit", "capture", "prun"))
"""Cell magics that run the cell's Python."""
_OF_NOTHING: Final = frozenset(("html", "HTML", "javascript", "js", "latex", "markdown", "svg", "SVG"))
"""Cell magics that only show their text."""
_HARMLESS_MAGIC: Final = re.compile(
    r"%(matplotlib\s+inline|config\s+InlineBackend\.\w+\s*=.*|load_ext\s+autoreload|autoreload\b.*|precision\b.*|who\w*)\s*"
)
_TIMED: Final = re.compile(r"%(?:time|timeit|prun)\b(?:\s+-\w+(?:\s*\d+)?)*\s*(.*)")


def _without_magics(source: str) -> tuple[str, bool]:
    """The cell as Python, and whether a magic in it can change what an import does."""
    head = _CELL_MAGIC.match(source)
    if head is not None:
        body = source[head.end() :]
        if head[1] in _OF_NOTHING:
            return "", False
        if head[1] not in _OF_PYTHON:
            return "", True
        return _without_magics(body)
    try:
        ast.parse(source)
    except SyntaxError:
        pass
    else:
        return source, False
    lines, is_cut, is_continued = [], False, False
    for line in source.splitlines():
        shown = _MAGIC_LINE.match(line) or _MAGIC_VALUE.match(line)
        if is_continued:
            is_continued = line.endswith("\\")
            lines.append("")
        elif shown is None:
            lines.append(line)
        else:
            before, magic = shown[1], shown[2].rstrip()
            is_continued = magic.endswith("\\")
            timed = _TIMED.fullmatch(magic)
            if timed is not None and timed[1]:
                lines.append(before + timed[1])
                continue
            is_cut = is_cut or not _is_harmless(magic)
            lines.append(before + ("None" if before.strip() else "pass"))
    return "\n".join(lines), is_cut


def _is_harmless(magic: str) -> bool:
    if magic.startswith("?") or magic.rstrip("?") != magic:  # help
        return True
    return _HARMLESS_MAGIC.fullmatch(magic) is not None


# --- statements ---------------------------------------------------------------------------------------------

_CONFIGURES: Final = re.compile(
    r"""use|use_\w+|rc|rc_\w+|set|setp|set_\w+|set[A-Z]\w*|seterr\w*|config\w*|init\w*|enable\w*|disable\w*|register\w*
    |patch\w*|monkey\w*|switch_\w+|update\w*|options?|reset\w*|apply\w*|install\w*|activate\w*|load_dotenv|reload
    |basicConfig|captureWarnings|addsitedir|putenv|unsetenv|chdir|fchdir|setdlopenflags|setlocale|import_module""",
    re.VERBOSE,
)
"""Last names of functions of modules that set something which another import may go by (`matplotlib.use`, `np.seterr`)."""
_CHANGED_BY_ANY_USE: Final = frozenset(
    ("sys.path", "sys.modules", "sys.meta_path", "sys.path_hooks", "os.environb")
)
_READERS: Final = frozenset(("get", "copy", "items", "keys", "values"))
_FILTERS: Final = frozenset(("warnings.simplefilter", "warnings.filterwarnings"))
_RUNS_TEXT: Final = frozenset(("exec", "eval", "get_ipython", "__import__", "compile"))
_RUNS_PROGRAMS: Final = frozenset(
    ("subprocess", "pip", "conda", "IPython.get_ipython", "IPython.core.getipython")
)
_IS_MAIN: Final = "__name__ == '__main__'"


@dataclass(slots=True)
class _Scan:
    """A walk over the statements of one text."""

    is_main: bool = True
    certain: list[Statement] = field(default_factory=list)
    possible: list[Statement] = field(default_factory=list)
    is_cut: bool = False
    names: dict[str, str] = field(default_factory=dict)
    """What a name of the text stands for, where an import bound it: `plt` for `matplotlib.pyplot`."""
    guard: int = 0
    guards: int = 0

    def block(self, body: Iterable[ast.stmt], *, is_certain: bool = True) -> None:
        for statement in body:
            self._statement(statement, is_certain=is_certain)

    def guarded(self, body: Iterable[ast.stmt]) -> None:
        """A block whose exceptions are caught: after the first statement that is no import, nothing is certain."""
        outer, is_certain = self.guard, True
        self.guards += 1
        self.guard = self.guards
        for statement in body:
            is_certain = is_certain and isinstance(statement, (ast.Import, ast.ImportFrom))
            self._statement(statement, is_certain=is_certain)
        self.guard = outer

    def _statement(self, node: ast.stmt, *, is_certain: bool) -> None:
        match node:
            case ast.Import() | ast.ImportFrom():
                self._import(node, is_certain=is_certain)
                return
            case ast.Try() | ast.TryStar():
                if is_certain:
                    self.guarded(node.body)
                else:
                    self.block(node.body, is_certain=False)
                for handler in node.handlers:
                    self.block(handler.body, is_certain=False)
                self.block(node.orelse, is_certain=False)
                self.block(node.finalbody, is_certain=is_certain)
            case ast.If():
                self._branches(node, is_certain=is_certain)
            case ast.With() | ast.AsyncWith():
                self._expressions([item.context_expr for item in node.items])
                if is_certain and any(self._suppresses(item.context_expr) for item in node.items):
                    self.guarded(node.body)
                else:
                    self.block(node.body, is_certain=is_certain)
            case ast.ClassDef():
                self.block(node.body, is_certain=is_certain)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self.block(node.body, is_certain=False)
            case ast.For() | ast.AsyncFor() | ast.While():
                self.block(node.body, is_certain=False)
                self.block(node.orelse, is_certain=False)
            case ast.Match():
                for each in node.cases:
                    self.block(each.body, is_certain=False)
        self._expressions([node])

    def _import(self, node: ast.Import | ast.ImportFrom, *, is_certain: bool) -> None:
        if isinstance(node, ast.Import):
            found = [Statement(module=name.name, guard=self.guard) for name in node.names]
            for name in node.names:
                self.names[name.asname or name.name.partition(".")[0]] = (
                    name.name if name.asname else name.name.partition(".")[0]
                )
        else:
            names = tuple(name.name for name in node.names if name.name != "*")
            found = [Statement(module=node.module or "", level=node.level, names=names, guard=self.guard)]
            if node.level == 0:
                for name in node.names:
                    self.names[name.asname or name.name] = f"{node.module}.{name.name}"
        (self.certain if is_certain and not self.is_cut else self.possible).extend(found)

    def _branches(self, node: ast.If, *, is_certain: bool) -> None:
        test = ast.unparse(node.test)
        if test in ("TYPE_CHECKING", "typing.TYPE_CHECKING", "False", "0"):
            self.block(node.orelse, is_certain=is_certain)
        elif test in ("True", "1") or (test == _IS_MAIN and self.is_main):
            self.block(node.body, is_certain=is_certain)
        else:
            self.block(node.body, is_certain=False)
            self.block(node.orelse, is_certain=False)

    # --- what cuts ------------------------------------------------------------------------------

    def _expressions(self, nodes: Iterable[ast.AST]) -> None:
        if not self.is_cut:
            self.is_cut = any(self._cuts(node) for root in nodes for node in _own_nodes(root))

    def _cuts(self, node: ast.AST) -> bool:
        """Whether evaluating it can change what a later import does."""
        match node:
            case ast.Call():
                return self._call_cuts(node)
            case ast.Attribute() | ast.Name():
                name = self._dotted(node)
                if name in _CHANGED_BY_ANY_USE:
                    return True
                is_changed = not isinstance(node.ctx, ast.Load)
                # an attribute of a module: `plt.rcParams = ...`, `torch.backends.cudnn.benchmark = True`
                return is_changed and isinstance(node, ast.Attribute) and name is not None
            case ast.Assign() | ast.AnnAssign() | ast.NamedExpr():
                # under another name
                return node.value is not None and self._dotted(node.value) == "os.environ"
            case ast.Subscript():
                return not isinstance(node.ctx, ast.Load) and self._dotted(node.value) is not None
        return False

    def _call_cuts(self, node: ast.Call) -> bool:
        if isinstance(node.func, ast.Name) and node.func.id in _RUNS_TEXT and node.func.id not in self.names:
            return True
        arguments = (*node.args, *(keyword.value for keyword in node.keywords))
        if any(self._dotted(argument) == "os.environ" for argument in arguments):
            return True  # whoever has it may change it
        name = self._dotted(node.func)
        if name is None:
            return False
        if name in _FILTERS:
            return not _is_ignore(node)
        if name == "warnings.catch_warnings":
            return bool(node.keywords)
        owner, _, last = name.rpartition(".")
        if owner == "os.environ":
            return last not in _READERS
        if owner == "os" and last in ("system", "popen"):
            return True
        return (
            owner.partition(".")[0] in _RUNS_PROGRAMS
            or owner in _RUNS_PROGRAMS
            or bool(_CONFIGURES.fullmatch(last))
        )

    def _suppresses(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Call) and "suppress" in ast.unparse(node.func)

    def _dotted(self, node: ast.AST) -> str | None:
        """The full name of something that an import brought: `os.environ`; None for all else."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name) or node.id not in self.names:
            return None
        return ".".join((self.names[node.id], *reversed(parts)))


def _own_nodes(root: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a statement but for the statements in it, which are looked at by themselves."""
    yield root
    for child in ast.iter_child_nodes(root):
        if not isinstance(child, (ast.stmt, ast.ExceptHandler, ast.match_case)) or isinstance(
            root, ast.ExceptHandler
        ):
            yield from _own_nodes(child)


def _is_ignore(call: ast.Call) -> bool:
    """Whether a filter for warnings only hides some: what an import would show is refused anyway."""
    action = call.args[0] if call.args else next((k.value for k in call.keywords if k.arg == "action"), None)
    return isinstance(action, ast.Constant) and action.value == "ignore"
