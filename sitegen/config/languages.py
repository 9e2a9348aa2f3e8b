"""The language that is built: which it is, and its settings laid over the site's.

Hugo builds every configured language; here a site has one. What is set for the others is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from sitegen.config.tree import Leaf, Table, as_data, laid_over
from sitegen.errors import Diagnostic, did_you_mean
from sitegen.values import dataclass

_OF_THE_LANGUAGE: Final = frozenset(
    {"weight", "disabled", "label", "languagename", "direction", "languagedirection"}
)
"""Keys of a language that say something of itself."""
_ROOT_ONLY: Final = frozenset(
    {"uglyurls", "languages", "defaultcontentlanguage", *(f"staticdir{number}" for number in range(11))}
)
"""Keys that Hugo does not read in a language."""
_DEEP: Final = frozenset({"params", "sitemap"})
"""Tables of a language that lie over the site's key by key; others stand in its place, but with `_merge = "deep"`."""
_LOCALES: Final = ("locale", "languagecode", "language")


@dataclass(frozen=True, slots=True, kw_only=True)
class Languages:
    """The settings with one language settled."""

    tree: Table
    """The root's settings, the default language's over them."""
    default: str
    """The key of the language that is built: `en` where nothing is configured, as in Hugo."""
    others: tuple[str, ...]
    """Keys of the languages that are configured beside it, sorted as Hugo sorts them."""
    in_subdir: bool
    tag: str
    """What the language is called where no `locale` says it."""
    diagnostics: tuple[Diagnostic, ...]


def settle_languages(root: Table) -> Languages:
    """Find the default language and lay its settings over the site's."""
    table = root.entries.get("languages")
    configured = table.entries if isinstance(table, Table) else {}
    languages = {key: entry for key, entry in configured.items() if isinstance(entry, Table)}
    problems = [_no_table(key, entry) for key, entry in configured.items() if isinstance(entry, Leaf)]
    wanted = _text(root, "defaultcontentlanguage").lower()
    ordered = _in_order(languages)
    enabled = [key for key in ordered if not _is_disabled(key, root)]
    if languages and wanted and wanted not in languages:
        problems.append(_not_there(wanted, root, languages))
    default = wanted or ("en" if "en" in enabled or not enabled else enabled[0])
    own = languages.get(default)
    others = tuple(key for key in ordered if key != default)
    left_out = [key for key in others if key in enabled]
    if left_out:
        problems.append(_left_out(default, left_out, languages))
    is_named = bool(wanted or languages)
    # Hugo's "multihost": then no URL names a language
    has_own_hosts = any(_text(language, "baseurl") for language in languages.values())
    own_tag = next((_text(own, key) for key in _LOCALES if own and _text(own, key)), "")
    tree = _over(root, own) if own else root
    if len(languages) > 1 and not own_tag:
        tree = _without_locale(tree)  # the site's is that of none of them
    return Languages(
        tree=tree,
        default=default,
        others=others,
        in_subdir=_truth(root, "defaultcontentlanguageinsubdir") and not has_own_hosts,
        tag=default if is_named else "en",
        diagnostics=tuple(problems),
    )


def _over(root: Table, language: Table) -> Table:
    entries = dict(root.entries)
    for name, value in language.entries.items():
        below = entries.get(name)
        if (
            name in _OF_THE_LANGUAGE
            or name in _ROOT_ONLY
            or (isinstance(value, Leaf) and value.value is None)
        ):
            continue
        if isinstance(value, Leaf) and below is not None and below.origin.is_own > value.origin.is_own:
            continue  # `sitegen.toml` lies over all of Hugo's files
        if isinstance(value, Table) and isinstance(below, Table):
            is_deep = (value.merge or ("deep" if name in _DEEP else "")) == "deep"
            value = laid_over(below, value) if is_deep else value
        entries[name] = _in_front(value, language.origin.written)
    return replace(root, entries=entries)


def _without_locale(root: Table) -> Table:
    entries = {
        name: entry for name, entry in root.entries.items() if name not in _LOCALES or entry.origin.is_own
    }
    return replace(root, entries=entries)


def _in_front(value: Leaf | Table, language: str) -> Leaf | Table:
    """A language's value beats an older name of the same setting at the root; messages name the language."""
    written = f"languages.{language}.{value.origin.written}"
    return replace(value, origin=replace(value.origin, written=written, is_of_language=True))


def _in_order(languages: Mapping[str, Table]) -> list[str]:
    """Keys in Hugo's order: by weight, those without one last; then by key."""

    def place(key: str) -> tuple[bool, float, str]:
        try:
            weight = float(_text(languages[key], "weight") or 0)
        except ValueError:
            weight = 0.0
        return (weight == 0, weight, key)

    return sorted(languages, key=place)


def _is_disabled(key: str, root: Table) -> bool:
    disabled = root.entries.get("disablelanguages")
    names = as_data(disabled) if disabled is not None else ()
    if isinstance(names, str):
        names = names.replace(",", " ").split()
    listed = [str(name).lower() for name in names] if isinstance(names, (list, tuple)) else []
    language = root.find(("languages", key))
    return key in listed or (isinstance(language, Table) and _truth(language, "disabled"))


def _text(table: Table, name: str) -> str:
    entry = table.entries.get(name)
    return str(entry.value) if isinstance(entry, Leaf) and isinstance(entry.value, (str, int, float)) else ""


def _truth(table: Table, name: str) -> bool:
    return _text(table, name).lower() in {"true", "1", "t"}


def _no_table(key: str, entry: Leaf) -> Diagnostic:
    return Diagnostic(
        code="SG103",
        severity="error",
        message=f"`languages.{entry.origin.written or key}` must be a table",
        location=entry.origin.locate(value=True),
        hint=f"write `[languages.{key}]` and its settings below it",
    )


def _not_there(wanted: str, root: Table, languages: Mapping[str, Table]) -> Diagnostic:
    entry = root.entries["defaultcontentlanguage"]
    return Diagnostic(
        code="SG103",
        severity="error",
        message=f"`{entry.origin.written}` names `{wanted}`, which is no key below `languages`",
        location=entry.origin.locate(value=True),
        hint=did_you_mean(wanted, languages),
    )


def _left_out(default: str, others: list[str], languages: Mapping[str, Table]) -> Diagnostic:
    named = ", ".join(f"`{key}`" for key in others)
    return Diagnostic(
        code="SG121",
        severity="warning",
        message=f"only the language `{default}` is built; left out: {named}",
        location=languages[others[0]].origin.locate(),
        hint=f"`SITEGEN_DEFAULTCONTENTLANGUAGE={others[0]}` builds another; give it an output folder of its own",
    )
