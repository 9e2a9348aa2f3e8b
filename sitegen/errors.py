"""What an author is told when something is wrong, and the exceptions that carry it.

    SiteError                  somebody other than us can act on it; holds one Diagnostic
    ├── ConfigError            whoever configures the site
    ├── ContentError           the author of a page: front matter, Markdown, shortcodes
    ├── ExecutionError         the author of a cell, or whoever set up the kernel
    ├── TemplateError          the author of a template
    └── PublishError           whoever owns the output folder

Everything else is a bug and keeps its traceback. Pure code returns diagnostics beside its value
(a field `diagnostics`) and goes on where it can; it raises where it cannot.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from heapq import nsmallest
from pathlib import PurePosixPath
from typing import Final, Literal

from sitegen.values import dataclass

Severity = Literal["error", "warning", "info"]

_COMPARED: Final = 100
"""Names that one is compared with letter by letter, 20 µs each: a site of 10,000 pages may have 10,000 broken references."""

CODES: Final[dict[str, str]] = {
    # 1xx: configuration, front matter, the tree of pages
    "SG101": "a configuration file cannot be read",
    "SG102": "unknown configuration key",
    "SG103": "a configuration value has the wrong type or form",
    "SG104": "a Hugo setting that sitegen does not honour",
    "SG105": "the site's folder or a folder it names is missing",
    "SG106": "the theme has no words in the site's language",
    "SG107": "a notebook cannot be read",
    "SG110": "front matter cannot be read",
    "SG111": "a front-matter value has the wrong type",
    "SG112": "a date cannot be read",
    "SG113": "a front-matter key is given twice",
    "SG114": "a file is not UTF-8 text",
    "SG115": "two pages have one URL",
    "SG116": "unknown permalink token",
    "SG117": "a `url` or an alias cannot be used",
    "SG118": "a data file cannot be read",
    "SG121": "languages that are not built",
    "SG125": "files in a format that sitegen does not read",
    "SG126": "a menu entry that has no place",
    "SG127": "dates of git are not known",
    "SG128": "a CV cannot be read",
    "SG131": "an entry of a bibliography cannot be read",
    "SG132": "two entries of a bibliography have one key",
    "SG133": "a bibliography is missing",
    "SG134": "an entry of a bibliography lacks what is shown of it",
    # 2xx: Markdown, shortcodes, cell options
    "SG201": "shortcode syntax",
    "SG202": "unknown shortcode",
    "SG203": "a shortcode failed",
    "SG204": "a reference to a page that does not exist",
    "SG205": "an embedded cell that does not exist",
    "SG206": "a shortcode is not translated yet",
    "SG210": "unknown cell option",
    "SG211": "a cell option has a value it cannot have",
    "SG212": "a label stands twice on a page",
    "SG213": "no kernel runs the language of a cell",
    "SG214": "a cell option that this version does not honour yet",
    "SG215": "unknown key under `execute`",
    "SG216": "the kernel that a notebook names is not installed",
    "SG220": "an equation cannot be typeset",
    "SG221": "attributes of a fence or heading cannot be read",
    "SG222": "a cross-reference to nothing",
    "SG223": "raw HTML is left out",
    "SG224": "a `:::` without its other half",
    "SG225": "a class or kind of box that means nothing",
    "SG226": "a footnote that is not shown as one",
    "SG227": "an attribute or option without effect",
    "SG228": "a label that gives no number",
    "SG229": "marks in code and the list below do not fit",
    "SG230": "a citation of no entry",
    "SG231": "a citation style cannot be used",
    "SG232": "a citation that is not closed",
    # 3xx: execution and results
    "SG301": "a cell raised an exception",
    "SG302": "a cell or page ran out of time",
    "SG303": "the kernel died",
    "SG304": "the kernel could not be started",
    "SG305": "an inline expression failed",
    "SG306": "a page shows results of older code",
    "SG307": "a page with cells has no results",
    "SG308": "execution is not installed",
    "SG309": "a record cannot be read",
    "SG310": "an output holds a secret",
    "SG311": "a metric is reported twice",
    "SG312": "unknown metric",
    "SG313": "a page shows results of another device",
    "SG314": "a record cannot be written",
    "SG315": "a metric does not meet what its page expects",
    "SG316": "a metric has drifted",
    "SG317": "what a run read is not fully known",
    "SG318": "an installed version is not the lock file's",
    "SG319": "a smoke run would be published as a full one",
    "SG320": "an artifact cannot be kept",
    "SG321": "the results store was mended",
    "SG322": "a report of a cell cannot be read",
    "SG323": "a file that a run wrote is not published",
    "SG324": "a CUDA device that torch does not see",
    "SG325": "a page used more memory than it may",
    "SG326": "outputs of a cell were cut",
    "SG327": "a page asks for more CUDA devices than there are",
    "SG328": "kernels are no longer forked from a warm process",
    # 4xx: templates and rendering
    "SG401": "a template failed",
    "SG402": "no template for a page",
    "SG403": "a resource is missing",
    "SG404": "an output has no form that a page can show",
    "SG405": "a file that goes with a post is missing",
    "SG406": "a page stands in for a static file",
    "SG407": "a picture cannot be read",
    "SG408": "a picture of another site could not be fetched",
    "SG409": "the font of social cards lacks letters",
    "SG410": "the search page has no index",
    "SG411": "a drawing is not published as it is",
    "SG412": "the search index could not be made",
    "SG413": "a diagram cannot be drawn as it is written",
    "SG414": "diagrams are not drawn by the build",
    "SG415": "a page is over its budget",
    "SG416": "a diagram is shown as code",
    "SG417": "front matter asks for what is not there",
    "SG418": "a photograph or film is published with what it tells",
    # 5xx: publishing
    "SG501": "the site cannot be published",
    "SG502": "two outputs have one path",
    "SG503": "the output folder changed while the site was built",
    "SG511": "what the last build has left is damaged",
    "SG512": "a process of the build was killed",
    # 6xx: commands
    "SG601": "a file to be created exists",
    "SG602": "a new page's name cannot be a file's",
    # 7xx: what `sitegen check` finds
    "SG701": "a link leads nowhere, or a file is not there",
    "SG702": "a link names a part that its page does not have",
    "SG703": "a link leads to a redirect",
    "SG704": "a link leads out of the site's base path",
    "SG705": "a link to another site is broken",
    "SG706": "a link to another site could not be checked",
    "SG707": "a link to another site has moved",
    "SG708": "an id stands twice on a page",
    "SG709": "a picture has no alternative text",
    "SG710": "headings skip a level",
    "SG711": "a link or button has no name",
    "SG712": "text was read in a wrong encoding",
    "SG713": "a page is not published",
    "SG714": "a file that nothing names",
    "SG715": "front matter does not fit the site's schema",
    "SG716": "a number is typed that a metric has",
    "SG717": "a setting of `[check]` cannot be used",
    "SG718": "something could not be checked",
    "SG719": "a published photograph says where it was taken",
    "SG720": "a colour is hard to read",
    # 8xx: imports
    "SG801": "no site of that generator",
    "SG802": "the source of an import is missing",
    "SG803": "the target of an import holds files",
    "SG804": "source and target of an import lie in each other",
    "SG805": "an imported site cannot be written",
}
"""Every code with its meaning; `docs/errors.md` has a paragraph for each (a test compares)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLocation:
    """A place in a file that somebody wrote."""

    path: PurePosixPath
    """Relative to the site's root; absolute only where the file lies outside it."""
    line: int | None = None
    """From 1."""
    column: int | None = None
    """From 1, in characters."""
    cell: int | None = None
    """In a notebook: the cell, from 1 among all of its cells; `line` then counts from the cell's first."""

    def __str__(self) -> str:
        if self.cell is not None:
            place = "" if self.line is None else f":line {self.line}"
            return f"{self.path}:cell {self.cell}{place}"
        parts = [str(self.path), self.line, self.column]
        return ":".join(str(part) for part in parts if part is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One thing that is wrong, in words for the person who can mend it."""

    code: str
    """A key of `CODES`."""
    severity: Severity
    message: str
    """Lower case, no full stop; things and values in backticks."""
    location: SourceLocation | None = None
    hint: str | None = None
    """An action."""
    related: tuple[SourceLocation, ...] = ()
    details: str | None = None
    """Several lines shown as they are below the excerpt: the author's frames of a traceback."""

    def as_error(self) -> Diagnostic:
        """The same with severity `error`: what `--strict` makes of a warning."""
        return replace(self, severity="error")


class SiteError(Exception):
    """An error that somebody other than us can act on."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic)  # args make it picklable across process borders
        self.diagnostic = diagnostic

    def __str__(self) -> str:
        where = f"{self.diagnostic.location}: " if self.diagnostic.location else ""
        return f"{where}{self.diagnostic.severity} {self.diagnostic.code}: {self.diagnostic.message}"


class ConfigError(SiteError):
    """The configuration is wrong: no build can start."""


class ContentError(SiteError):
    """A page's front matter, Markdown or shortcode is wrong."""


class ExecutionError(SiteError):
    """A cell failed, or its kernel."""


class TemplateError(SiteError):
    """A template is missing or failed."""


class PublishError(SiteError):
    """The output folder cannot be brought up to date."""


def near_match(name: str, known: Iterable[str]) -> str | None:
    """The known name that a misspelt one most likely means."""
    from difflib import get_close_matches  # here: only a mistake needs it

    matches = get_close_matches(name, _likeliest(name, list(known)), n=1, cutoff=0.6)
    return matches[0] if matches else None


def _likeliest(name: str, known: list[str]) -> list[str]:
    """At most `_COMPARED` of the names: with the same beginning or end, of about the same length."""
    if len(known) <= _COMPARED:
        return known
    alike = [each for each in known if each[:2] == name[:2] or each[-3:] == name[-3:]]
    return nsmallest(_COMPARED, alike, key=lambda each: (abs(len(each) - len(name)), each))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint for an unknown name: the near match, else the list of what is known."""
    names = sorted(known)
    match = near_match(name, names)
    if match is not None:
        return f"did you mean `{match}`?"
    return "known: " + ", ".join(f"`{known_name}`" for known_name in names)
