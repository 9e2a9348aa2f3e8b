"""An include of Jekyll as a template of a shortcode, where it is simple enough: HTML, arguments, conditions."""

from __future__ import annotations

import re
from typing import Final

_PART: Final = re.compile(
    r"\{%(?P<tag>(?:(?!%\}).){0,1000})%\}|\{\{(?P<output>(?:(?!\}\}).){0,1000})\}\}", re.DOTALL
)
_LARGEST: Final = 20_000
"""Characters of an include: what is longer is no small piece of HTML."""
_VARIABLE: Final = re.compile(r"include\.([\w-]+)")
_WORD: Final = re.compile(
    r"""(?P<text>"[^"]*"|'[^']*')|(?P<variable>[A-Za-z_][\w.-]*)|(?P<number>-?\d+(?:\.\d+)?)|(?P<sign>==|!=|>=|<=|<|>)"""
)
_FILTERS: Final = {
    "escape": "",
    "xml_escape": "",
    "strip": "| trim",
    "downcase": "| lower",
    "upcase": "| upper",
    "capitalize": "| capitalize",
    "url_encode": "| urlencode",
    "uri_escape": "",
    "strip_html": "| plain",
    "markdownify": "| markdownify",
    "size": "| length",
    "strip_newlines": '| replace("\\n", "")',
}
"""Liquid's filters as Jinja's and ours; what is empty has nothing to do here."""
_WORDS: Final = {
    "and": "and",
    "or": "or",
    "true": "true",
    "false": "false",
    "nil": "none",
    "blank": '""',
    "empty": '""',
}


class _NotSimpleError(Exception):
    """The include needs a person."""


def translated(include: str) -> str | None:
    """The include as a Jinja template of a shortcode; None where it does what only Liquid can.

    Understood are HTML, `{{ include.a }}` with simple filters, `site.baseurl`, and `if`, `unless`, `elsif`, `else` over them.
    """
    if len(include) > _LARGEST:
        return None
    parts: list[str] = []
    position = 0
    names: set[str] = set()
    try:
        for match in _PART.finditer(include):
            parts.append(_html(include[position : match.start()]))
            position = match.end()
            if match["output"] is not None:
                parts.append(
                    _output(
                        match["output"].strip("-").strip(), is_attribute=_is_inside_tag(parts), names=names
                    )
                )
            else:
                parts.append(_tag(match["tag"].strip("-").strip(), names))
        parts.append(_html(include[position:]))
    except _NotSimpleError:
        return None
    return "".join(parts)


def stub(name: str, text: str | None) -> str:
    """A template that shows what it was called with, and keeps the include's text for whoever writes it."""
    kept = (text or "").replace("#}", "# }")
    note = (
        f'{{# Stands for Jekyll\'s include `{name}`: to be written anew, with `get("name")` for an argument.'
    )
    shown = (
        "{% if is_named %}{% for name, value in params.items() %}\n"
        "<p><b>{{ name }}</b>: {{ value }}</p>\n"
        "{% endfor %}{% endif %}\n"
    )
    return f"{note}\n\n{kept}\n#}}\n{shown}"


def _html(text: str) -> str:
    if "{%" in text or "{{" in text or "{#" in text:
        raise _NotSimpleError(text)
    return text


def _is_inside_tag(parts: list[str]) -> bool:
    """Whether what comes next stands in an HTML tag: an attribute's value, which is escaped."""
    before = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", "".join(parts[-40:]), flags=re.DOTALL)
    return before.rfind("<") > before.rfind(">")


def _output(expression: str, *, is_attribute: bool, names: set[str]) -> str:
    value, *filters = _split_filters(expression)
    if value in ("site.baseurl", "site.url"):
        return ""
    made, is_url = _filtered(_value(value, names), filters, names)
    if is_url:
        return f"{{{{ resolve({made}) }}}}"
    return f"{{{{ {made} }}}}" if is_attribute or "markdownify" in made else f"{{{{ ({made}) | safe }}}}"


def _filtered(value: str, filters: list[str], names: set[str]) -> tuple[str, bool]:
    """A value with its filters; with whether it is an address of the site."""
    is_url = False
    for written in filters:
        name, _, argument = written.partition(":")
        name, argument = name.strip(), argument.strip()
        if name in ("relative_url", "absolute_url") or (
            name == "prepend" and argument in ("site.baseurl", "site.url")
        ):
            is_url = True
        elif name == "default" and argument:
            value = f"({value} or {_value(argument.split(',')[0].strip(), names)})"
        elif name in ("append", "prepend") and argument:
            other = _value(argument, names)
            value = f"({value} ~ {other})" if name == "append" else f"({other} ~ {value})"
        elif name in _FILTERS and not argument:
            value = f"{value} {_FILTERS[name]}".strip()
        else:
            raise _NotSimpleError(written)
    return value, is_url


def _tag(tag: str, names: set[str]) -> str:
    name, _, rest = tag.partition(" ")
    if name in ("if", "elsif"):
        return f"{{% {'if' if name == 'if' else 'elif'} {_condition(rest, names)} %}}"
    if name == "unless":
        return f"{{% if not ({_condition(rest, names)}) %}}"
    if name in ("else", "endif", "endunless"):
        return f"{{% {'endif' if name == 'endunless' else name} %}}"
    if name == "assign":
        target, _, value = rest.partition("=")
        target = target.strip()
        if not re.fullmatch(r"[A-Za-z_]\w*", target):
            raise _NotSimpleError(tag)
        first, *filters = _split_filters(value.strip())
        made, is_url = _filtered(_value(first, names), filters, names)
        names.add(target)
        return f"{{% set {target} = {f'resolve({made})' if is_url else made} %}}"
    raise _NotSimpleError(tag)


def _condition(text: str, names: set[str]) -> str:
    made: list[str] = []
    position = 0
    for match in _WORD.finditer(text):
        if text[position : match.start()].strip():
            raise _NotSimpleError(text)
        position = match.end()
        word = match[0]
        made.append(_WORDS[word] if word in _WORDS else word if match["sign"] else _value(word, names))
    if text[position:].strip() or not made:
        raise _NotSimpleError(text)
    return " ".join(made)


def _value(text: str, names: set[str]) -> str:
    variable = _VARIABLE.fullmatch(text)
    if variable is not None:
        return f'get("{variable[1]}")'
    if text == "site.title":
        return "site.title"
    if text == "page.title":
        return "page.title"
    if re.fullmatch(r"-?\d+(\.\d+)?", text) or text in names:
        return text
    if re.fullmatch(r"\"[^\"\\]*\"|'[^'\\]*'", text):
        return f'"{text[1:-1]}"' if '"' not in text[1:-1] else text
    if text in _WORDS and text not in ("and", "or"):
        return _WORDS[text]
    raise _NotSimpleError(text)


def _split_filters(expression: str) -> list[str]:
    """`a | b: "c|d"` at the bars that are not in quotes."""
    found = re.findall(r"""(?:"[^"]*"|'[^']*'|[^|"'])+""", expression)
    if not found:
        raise _NotSimpleError(expression)
    return [part.strip() for part in found]
