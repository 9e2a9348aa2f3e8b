"""`t("page.skip")` in templates: texts of the site's language, put in where a template is compiled.

What a template says becomes its text, as if it were written there: a text without values is a constant, one with values
is cut at their places. Only a text with plural forms, or one that a template names by a variable, is looked up while a page is
rendered. Kept bytecode holds for the words that it was compiled with (`bytecode.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, NoReturn

from jinja2 import TemplateSyntaxError, nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from sitegen.config.words import UnknownWordError, Words, pieces, with_values

NAME: Final = "t"
"""What templates call it."""


def told_in(words: Words) -> Callable[..., str]:
    """`t` for what is only known while a page is rendered.

    Its text is escaped where it has values, and so are they, but for those that are HTML already; one without values is plain.
    """

    def t(key: str, **values: object) -> str:
        text = words.forms(key)
        if not isinstance(text, str):
            text = words.form(text, values.get("count", 0))
        if not values:
            return text
        return Markup(with_values(escape(text), {name: escape(value) for name, value in values.items()}))  # noqa: S704

    return t


def spoken(
    template: nodes.Template, words: Words, name: str | None, filename: str | None, *, is_escaped: bool
) -> nodes.Template:
    """The template with its texts; as it is where it has a `t` of its own.

    Args:
        template: as it was read.
        words: of the site.
        name: of the template, for messages.
        filename: where it lies, for messages.
        is_escaped: it is HTML or XML.

    Raises:
        TemplateSyntaxError: no table has a text, or it lacks a value.
    """
    used = list(
        template.find_all(_LOOKED_AT)
    )  # once: of a site's first build this is a part that can be felt
    if not any(isinstance(node, nodes.Call) and _is_call(node) for node in used) or _has_own(used):
        return template
    found: nodes.Template = _Speaker(words, name, filename, is_escaped=is_escaped).visit(template)
    return found


class _Speaker(NodeTransformer):
    """Puts texts in place of the calls that name them."""

    def __init__(self, words: Words, name: str | None, filename: str | None, *, is_escaped: bool) -> None:
        self._words = words
        self._place = (name, filename)
        self._is_escaped = is_escaped

    def visit_Output(self, node: nodes.Output) -> nodes.Output:  # noqa: N802 -- Jinja's name
        """What is printed: constants as they stand on the page, and the values between them."""
        parts: list[nodes.Expr] = []
        for child in node.nodes:
            parts += self._printed(child) if isinstance(child, nodes.Call) and _is_call(child) else [child]
        node.nodes = parts
        self.generic_visit(node)
        return node

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 -- Jinja's name
        """A text within an expression."""
        self.generic_visit(node)
        key = _key_of(node)
        if key is None:
            return node
        text = self._text(key, node)
        if text is None or node.kwargs:
            return node
        return nodes.Const(text, lineno=node.lineno)

    def _printed(self, node: nodes.Call) -> list[nodes.Expr]:
        key = _key_of(node)
        text = self._text(key, node) if key is not None else None
        if text is None:
            if key is not None and not self._is_escaped:  # what is looked up later is escaped
                self._fail(f"`{key}` has plural forms: it cannot stand in a text file", node)
            return [node]
        values = {each.key: each.value for each in node.kwargs}
        parts: list[nodes.Expr] = []
        for written, name in pieces(text):
            if written:
                parts.append(self._data(written))
            if name:
                value = values.get(name, nodes.Const(f"{{{name}}}"))
                constant = value.value if isinstance(value, nodes.Const) else None
                parts.append(self._data(constant) if isinstance(constant, str) else value)
        return parts

    def _data(self, text: str) -> nodes.TemplateData:
        return nodes.TemplateData(str(escape(text)) if self._is_escaped else text)

    def _text(self, key: str | None, node: nodes.Call) -> str | None:
        """The text; None where its form depends on a count."""
        try:
            found = self._words.forms(str(key))
        except UnknownWordError as error:
            self._fail(str(error), node)
        if isinstance(found, str):
            return found
        texts = set(found.values())
        return texts.pop() if len(texts) == 1 else None

    def _fail(self, message: str, node: nodes.Call) -> NoReturn:
        raise TemplateSyntaxError(message, node.lineno, *self._place)


def _is_call(node: nodes.Call) -> bool:
    return isinstance(node.node, nodes.Name) and node.node.name == NAME


def _key_of(node: nodes.Call) -> str | None:
    """The key, where the template says it; None for one that a variable has, and for calls of something else."""
    if not _is_call(node) or len(node.args) != 1 or node.dyn_args or node.dyn_kwargs:
        return None
    key = node.args[0]
    return key.value if isinstance(key, nodes.Const) and isinstance(key.value, str) else None


_LOOKED_AT: Final = (nodes.Call, nodes.Name, nodes.Macro, nodes.Import, nodes.FromImport)


def _has_own(used: Iterable[nodes.Node]) -> bool:
    """Whether a template gives the name to something else: a variable, a macro, an argument."""
    return any(_gives_name(node) for node in used)


def _gives_name(node: nodes.Node) -> bool:
    if isinstance(node, nodes.Name):
        return bool(node.ctx != "load" and node.name == NAME)
    if isinstance(node, nodes.Macro):
        return bool(node.name == NAME)
    if isinstance(node, nodes.Import):
        return bool(node.target == NAME)
    names = node.names if isinstance(node, nodes.FromImport) else ()
    return any(name == NAME or (isinstance(name, tuple) and name[1] == NAME) for name in names)
