"""Hugo's shortcode templates that are simple enough, as Jinja ones. A Go template is only read here, never run.

Simple is what has one meaning in both: HTML with arguments, inner text, fields of the page, `if`, `with` and variables.
Everything else makes the whole template one for a person to translate.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

_ACTION: Final = re.compile(
    r"\{\{(-\s)?\s*+(/\*.*?\*/|(?>\"(?:[^\"\\\n]|\\.)*+\"|`[^`]*+`|.)*?)(\s-)?\}\}", re.DOTALL
)
"""The second group may end with blanks: to leave them out here is to look for their end at each of them."""
_TOKEN: Final = re.compile(
    r"\s*(?:(?P<text>\"(?:[^\"\\\n]|\\.)*\"|`[^`]*`)|(?P<number>-?\d+(?:\.\d+)?\b)"
    r"|(?P<field>\$?\.[A-Za-z_][\w.]*)|(?P<variable>\$\w+(?:\.[A-Za-z_][\w.]*)?|\$)"
    r"|(?P<dot>\.(?![\w]))|(?P<name>[A-Za-z_][\w.]*)|(?P<sign>:=|=|\||\(|\)|,))"
)
_RISKY: Final = re.compile(r"<(script|style)\b.*?(?:</\1|\Z)", re.IGNORECASE | re.DOTALL)
"""What holds an action that Go escapes for another language than HTML."""
_HANDLER: Final = re.compile(r"\s(?:on\w+|srcdoc)\s*=\s*(?:\"[^\"]*|'[^']*|[^\s>]*)", re.IGNORECASE)
"""A handler's text, likewise."""
_JINJA: Final = re.compile(r"\{[{%#]")

_PAGE: Final = {
    "Title": "title",
    "LinkTitle": "link_title",
    "Permalink": "permalink",
    "RelPermalink": "url",
    "Description": "description",
    "Date": "date",
    "Lastmod": "lastmod",
    "Section": "section",
    "Type": "type",
    "Kind": "kind",
}
_SITE: Final = {"Title": "title", "BaseURL": "permalink"}
_SHORTCODE: Final = {
    "Inner": "inner",
    "InnerDeindent": "inner",
    "Name": "name",
    "Ordinal": "ordinal",
    "Position": "position",
    "IsNamedParams": "is_named_params",
    "Params": "params",
}
_FILTERS: Final = {
    "markdownify": "markdownify",
    "plainify": "plain",
    "safeHTML": "safe",
    "lower": "lower",
    "strings.ToLower": "lower",
    "upper": "upper",
    "strings.ToUpper": "upper",
    "strings.TrimSpace": "trim",
    "jsonify": "jsonify",
    "len": "length",
    "int": "int",
    "string": "string",
    "safeURL": "string",
    "safeCSS": "string",
    "htmlEscape": "escape",
    "title": "title",
    "transform.Markdownify": "markdownify",
    "transform.Plainify": "plain",
}
"""Functions of one value, as filters."""
_COMPARED: Final = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_ARITHMETIC: Final = {"add": "+", "sub": "-", "mul": "*"}
_PLAIN_FORMAT: Final = re.compile(r'"(?:[^%]|%[svdq]|%%)*"')
_AS_BLOCK: Final = "display=block"
"""What stands for `dict "display" "block"`, which `RenderString` takes."""
_JOINED: Final = {"and": "and", "or": "or"}


class _NotSimpleError(Exception):
    """What the template has that is not translated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """A shortcode's template as one of ours."""

    jinja: str = ""
    """Empty where the template is not simple."""
    reason: str = ""
    """Then: what in it is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    kind: str
    """`if` or `with`."""
    dot: str | None
    """What the dot was before."""


def translate(template: str) -> Translation:
    """A Go template of a shortcode as a Jinja template with the same output."""
    if any("{{" in match[0] for risky in (_RISKY, _HANDLER) for match in risky.finditer(template)):
        return Translation(reason="a value inside a script, a style sheet or a handler")
    try:
        return Translation(jinja="".join(_Translator().pieces(template)))
    except _NotSimpleError as problem:
        return Translation(reason=str(problem))


def reads_inner(template: str) -> bool:
    """Whether a Go template uses what its shortcode encloses."""
    return any(re.search(r"\.Inner\b|\.InnerDeindent\b", match[2]) for match in _actions(template))


def parameters(template: str) -> tuple[str, ...]:
    """The arguments that a Go template asks for, as `0` or `name`, in the order of the text."""
    found: list[str] = []
    for match in _actions(template):
        asked = re.findall(r"\.Get\s+(?:\"([^\"]+)\"|`([^`]+)`|(\d+))", match[2])
        found += [name or raw or position for name, raw, position in asked]
        found += re.findall(r"\.Params\.(\w+)", match[2]) if ".Site.Params" not in match[2] else []
    return tuple(dict.fromkeys(found))


def _actions(template: str) -> Iterator[re.Match[str]]:
    """The actions in order, up to one that does not end."""
    start = template.find("{{")
    while start >= 0 and (match := _ACTION.match(template, start)) is not None:
        yield match
        start = template.find("{{", match.end())


@dataclass(slots=True)
class _Translator:
    """Translates one template: which blocks are open, what the dot is."""

    blocks: list[_Block] = field(default_factory=list)
    dot: str | None = None
    """A variable of ours; None where the dot is the shortcode."""
    names: int = 0

    def pieces(self, template: str) -> Iterator[str]:
        """The parts of the Jinja template.

        Raises:
            _NotSimpleError: something in it has no plain counterpart.
        """
        position = 0
        for match in _actions(template):
            yield _literal(template[position : match.start()])
            position = match.end()
            # `+`: no line end goes that Go keeps; templates here are read with `trim_blocks` and `lstrip_blocks`.
            opening, closing = ("-" if match[1] else "+"), ("-" if match[3] else "+")
            action = match[2].strip()
            if action.startswith("/*"):
                yield f"{{#{opening} {action[2:-2].strip().replace('#}', '# }')} {closing}#}}"
                continue
            yield self._action(action, opening, closing)
        rest = template[position:]
        if "{{" in rest:
            raise _NotSimpleError("an action that does not end")
        if self.blocks:
            raise _NotSimpleError("a block that does not end")
        yield _literal(rest)

    def _action(self, text: str, opening: str, closing: str) -> str:
        if not text:
            return ""
        word, _, rest = text.partition(" ")
        if word in ("if", "with"):
            return self._open(word, rest, opening, closing)
        if word == "else":
            return self._else(rest.strip(), opening, closing)
        if word == "end":
            if not self.blocks:
                raise _NotSimpleError("`end` without a block")
            self.dot = self.blocks.pop().dot
            return f"{{%{opening} endif {closing}%}}"
        if assigned := re.match(r"\$(\w+)\s*:?=\s*", text):
            value = self._expression(text[assigned.end() :])
            return f"{{%{opening} set {_variable(assigned[1])} = {value} {closing}%}}"
        printed = self._expression(text)
        return f"{{{{{opening.strip('+')} {printed} {closing.strip('+')}}}}}"

    def _open(self, kind: str, condition: str, opening: str, closing: str) -> str:
        self.blocks.append(_Block(kind=kind, dot=self.dot))
        if kind == "if":
            return f"{{%{opening} if {self._expression(condition)} {closing}%}}"
        named = re.match(r"\s*\$(\w+)\s*:=\s*", condition)
        value = self._expression(condition[named.end() :] if named else condition)
        self.names += 1
        name = _variable(named[1]) if named else f"value_{self.names}"
        self.dot = name
        return f"{{%{opening} set {name} = {value} %}}{{% if {name} {closing}%}}"

    def _else(self, rest: str, opening: str, closing: str) -> str:
        if not self.blocks:
            raise _NotSimpleError("`else` without a block")
        block = self.blocks[-1]
        self.dot = block.dot
        if rest.startswith("if "):
            return f"{{%{opening} elif {self._expression(rest[3:])} {closing}%}}"
        if rest:
            raise _NotSimpleError("`else with`")
        return f"{{%{opening} else {closing}%}}"

    def _expression(self, text: str) -> str:
        tokens = _tokens(text)
        value, end = self._pipeline(tokens, 0)
        if end != len(tokens):
            raise _NotSimpleError(f"`{text.strip()}`")
        return value

    def _pipeline(self, tokens: list[tuple[str, str]], position: int) -> tuple[str, int]:
        value, position = self._command(tokens, position, None)
        while position < len(tokens) and tokens[position] == ("sign", "|"):
            value, position = self._command(tokens, position + 1, value)
        return value, position

    def _command(self, tokens: list[tuple[str, str]], position: int, piped: str | None) -> tuple[str, int]:
        """A function or a value with its arguments; `piped` is the last of them."""
        if position >= len(tokens):
            raise _NotSimpleError("an empty action")
        head = tokens[position]
        position += 1
        arguments: list[str] = []
        context = False
        if head == ("sign", "("):
            first, position = self._pipeline(tokens, position)
            position = _closed(tokens, position)
            value = f"({first})"
        else:
            value = "" if head[0] in ("name", "field", "variable") else self._operand(head)
        while position < len(tokens) and tokens[position] not in (("sign", "|"), ("sign", ")")):
            token = tokens[position]
            position += 1
            if token == ("sign", "("):
                inner, position = self._pipeline(tokens, position)
                position = _closed(tokens, position)
                arguments.append(f"({inner})")
            elif token[0] == "dot" and head[1] in ("ref", "relref"):
                context = True
            else:
                arguments.append(self._operand(token))
        if piped is not None:
            arguments.append(piped)
        if value:
            if arguments:
                raise _NotSimpleError("a value with arguments")
            return value, position
        return self._call(head, arguments, has_context=context), position

    def _call(self, head: tuple[str, str], arguments: list[str], *, has_context: bool) -> str:
        name = head[1]
        method = name.lstrip("$").lstrip(".")
        if not arguments and (head[0] in ("field", "variable") or name.startswith(("site.", "page."))):
            return self._operand(head)
        if head[0] == "field" and method in ("Get", "Parent.Get") and len(arguments) == 1:
            if self.dot is not None and not name.startswith("$"):
                raise _NotSimpleError("`.Get` where the dot is another value")
            return f"parent.get({arguments[0]})" if method == "Parent.Get" else f"get({arguments[0]})"
        if method == "Page.RenderString" and len(arguments) == 2 and arguments[0] == f"({_AS_BLOCK})":
            return f"block({arguments[1]})"
        if method in ("Page.RenderString", "page.RenderString") and len(arguments) == 1:
            return f"({arguments[0]} | markdownify)"
        if head[0] == "field" and method in ("Page.Param", "Site.Param") and len(arguments) == 1:
            return f"param({arguments[0]})"
        return _function(name, arguments, has_context=has_context)

    def _operand(self, token: tuple[str, str]) -> str:
        kind, text = token
        match kind:
            case "text":
                value = text[1:-1] if text.startswith("`") else json.loads(text)
                return json.dumps(value, ensure_ascii=False)
            case "number":
                return text
            case "dot" if self.dot is not None:
                return self.dot
            case "variable" if text != "$" and "." not in text:
                return _variable(text[1:])
            case "name" if text in ("true", "false"):
                return text
            case "name" if text == "nil":
                return "none"
            case "name" if text.startswith(("site.", "page.")):
                return _chain(f"{text[0].upper()}{text[1:]}")
            case "field" if self.dot is None or text.startswith("$."):
                return _chain(text.lstrip("$").lstrip("."))
        raise _NotSimpleError(f"`{text}`")


def _function(name: str, arguments: list[str], *, has_context: bool) -> str:
    match name, arguments:
        case ("dict", ['"display"', '"block"']):
            return _AS_BLOCK
        case ("cond", [condition, first, second]):
            return f"({first} if {condition} else {second})"
        case ("in", [whole, part]):
            return f"({part} in {whole})"
        case ("add" | "sub" | "mul", [first, second]):
            return f"({first} {_ARITHMETIC[name]} {second})"
        case ("replace" | "strings.Replace", [value, old, new]):
            return f"({value} | replace({old}, {new}))"
        case ("hasPrefix" | "strings.HasPrefix", [value, start]):
            return f"({value} | string).startswith({start})"
        case ("errorf", [template, *values]) if _PLAIN_FORMAT.fullmatch(template):
            return f"fail({_formatted(template, values)})"
        case ("warnf", [_, *_]) | ("getenv" | "os.Getenv", [_]):
            return "''"  # a line in the terminal; a variable of the shell that built the site there
        case ("ref" | "relref", [target]) if has_context:
            return f"{name}({target})"
        case ("default", [default, value]):
            return f"({value} | default({default}, true))"
        case ("not", [value]):
            return f"(not {value})"
        case ("isset", ["params", key]):
            return f"({key} in params)"
        case ("index", ["params", key]):
            return f"get({key})"
        case ("relURL" | "urls.RelURL", [value]):
            return f"({_site_path(value)})"
        case ("absURL" | "urls.AbsURL", [value]):
            return f"({_site_path(value)} | absolute)"
        case ("trim" | "strings.Trim", [value, characters]):
            return f"({value} | trim({characters}))"
        case ("printf", [template, *values]) if _PLAIN_FORMAT.fullmatch(template):
            return _formatted(template, values)
        case (_, [value]) if name in _FILTERS:
            return f"({value} | {_FILTERS[name]})"
        case (_, [first, second]) if name in _COMPARED:
            return f"({first} {_COMPARED[name]} {second})"
        case (_, [_, _, *_]) if name in _JOINED:
            return f"({f' {_JOINED[name]} '.join(arguments)})"
    raise _NotSimpleError(f"`{name}`")


def _site_path(value: str) -> str:
    """A path of the site with or without its first slash; what has a scheme stays."""
    text = f"({value} | string)"
    return f'({text} if "://" in {text} else ("/" ~ {text}.lstrip("/")) | url)'


def _formatted(template: str, values: list[str]) -> str:
    plain = re.sub(r"%[vdsq]", lambda match: '\\"%s\\"' if match[0] == "%q" else "%s", template)
    return f"({plain} | format({', '.join(values)}))" if values else template


def _chain(path: str) -> str:
    """A field of the shortcode, its page, its site or its parent."""
    if path in _SHORTCODE:
        return _SHORTCODE[path]
    head, _, rest = path.partition(".")
    if head == "Params" and rest and "." not in rest:
        return f"get({json.dumps(rest)})"
    if head == "Parent" and rest in ("Name", "Ordinal"):
        return f"parent.{rest.lower()}"
    if path.startswith("Page.Site."):
        head, rest = "Site", path.removeprefix("Page.Site.")
    fields, ours = {"Page": (_PAGE, "page"), "Site": (_SITE, "site")}.get(head, ({}, ""))
    if rest in fields:
        return f"{ours}.{fields[rest]}"
    if ours and re.fullmatch(r"Params(?:\.\w+)+", rest):
        return f"{ours}.params{rest.removeprefix('Params').lower()}"
    raise _NotSimpleError(f"`.{path}`")


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    position, stripped = 0, text.rstrip()
    while position < len(stripped):
        match = _TOKEN.match(stripped, position)
        if match is None or match.lastgroup is None:
            raise _NotSimpleError(f"`{text.strip()}`")
        tokens.append((match.lastgroup, match[match.lastgroup]))
        position = match.end()
    return tokens


def _closed(tokens: list[tuple[str, str]], position: int) -> int:
    if position >= len(tokens) or tokens[position] != ("sign", ")"):
        raise _NotSimpleError("a parenthesis that does not end")
    return position + 1


def _variable(name: str) -> str:
    """A name that is none of ours: `title` of a shortcode's own is not the page's."""
    return f"its_{name}"


def _literal(text: str) -> str:
    """Text that Jinja prints as it is."""
    return _JINJA.sub(lambda match: f'{{{{ "{match[0]}" }}}}', text)
