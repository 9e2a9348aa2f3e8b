"""The citations of a page: keys looked up in its bibliographies, links in the text, and the list of references."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape, unescape
from pathlib import PurePosixPath
from typing import Final, Literal
from urllib.parse import quote

from sitegen.config import Config
from sitegen.config.words import Words
from sitegen.content.bibliographies import bibliographies_of, cited_entry
from sitegen.content.bibliography import Entry
from sitegen.content.bibliography_problems import lacks
from sitegen.content.cited import keys_of, near_keys, uncited_keys
from sitegen.content.document import CitationHole, Heading, Html
from sitegen.content.front_places import place_in_settings, place_of_keys
from sitegen.content.index import IndexedPage, SiteIndex
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.markdown.citations import HERE, citations_of, fill_open
from sitegen.markdown.inline import encoded
from sitegen.rendering.literature.citation_styles import CLOSE, OPEN, Cluster, Formatted, formatted
from sitegen.rendering.recorder import Recorder

_MARK: Final = re.compile("\x02@([0-9]+)\x03")
_LINK: Final = re.compile(f"([{chr(OPEN)}-{chr(OPEN + 0xFF)}])(.*?){CLOSE}", re.DOTALL)
_ID: Final = re.compile(r'\sid="[^"]*"')
_ADDRESS: Final = re.compile(r"(?<![\w\"'=>/])https?://[^\s<>\"]*[^\s<>\".,;:)\]]")


class Citations:
    """Collects the citations of one page while it is composed; `settle` makes links of them all."""

    def __init__(self, place: IndexedPage, index: SiteIndex, config: Config, recorder: Recorder) -> None:
        self._place = place
        self._index = index
        self._config = config
        self._recorder = recorder
        self._holes: list[CitationHole] = []
        self._numbers: dict[CitationHole, int] = {}
        self._by_text: dict[str, int] = {}
        """The number of the first that is written so."""
        self._html: dict[int, str] = {}
        """Number of a citation to its HTML, once it is settled."""
        self.diagnostics: list[Diagnostic] = []
        self.headings: tuple[Heading, ...] = ()
        """That of the list, where the page has none for it."""

    def mark(self, hole: CitationHole) -> str:
        """What stands for a citation until all are known."""
        number = self._numbers.get(hole)
        if number is None:
            number = self._numbers[hole] = len(self._holes)
            self._holes.append(hole)
            self._by_text.setdefault(hole.written, number)
        return f"\x02@{number}\x03"

    def marked(self, html: str, location: SourceLocation) -> str:
        """HTML of a caption or a shortcode with marks in place of its open citations."""

        def mark(match: re.Match[str]) -> str:
            written = unescape(match[1])
            items = citations_of(written.removeprefix("[").removesuffix("]"))
            if items is None:
                return escape(written)
            is_in_text = not written.startswith("[")
            return self.mark(
                CitationHole(items=items, is_in_text=is_in_text, written=written, location=location)
            )

        return fill_open(html, mark)

    def settle(self, content: str) -> str:
        """The page's content with links and its list of references.

        Args:
            content: with a mark for each citation, in the order in which a reader meets them.
        """
        order = list(dict.fromkeys(int(number) for number in _MARK.findall(content)))
        clusters = {number: self._cluster(self._holes[number]) for number in order}
        found = {number: cluster for number, cluster in clusters.items() if isinstance(cluster, Cluster)}
        self._html |= {number: html for number, html in clusters.items() if isinstance(html, str)}
        uncited = self._uncited()
        if not found and not uncited:
            return self.filled(content).replace(HERE, "")
        made = self._formatted(tuple(found.values()), uncited)
        backs: dict[str, list[str]] = {}
        for (number, cluster), html in zip(found.items(), made.citations, strict=True):
            self._html[number] = _with_links(html, cluster, f"cite-{number + 1}", backs)
        seen: set[int] = set()

        def fill(match: re.Match[str]) -> str:
            number = int(match[1])
            html = self._html[number]
            if number in seen:
                return _ID.sub("", html)
            seen.add(number)
            return html

        entries = {entry.key: entry for cluster in found.values() for entry in cluster.entries}
        entries |= {entry.key: entry for entry in uncited}
        self.diagnostics += [lacks(entry, ["title"]) for entry in entries.values() if not entry.title]
        content = _MARK.sub(fill, content)
        if HERE not in content and ' id="references"' not in content:
            self.headings = (
                Heading(
                    level=2,
                    id="references",
                    title=(Html(text=escape(self._config.words("text.references"), quote=False)),),
                ),
            )
        return _with_list(content, made, entries, backs, self._config.words)

    def filled(self, html: str) -> str:
        """Other HTML of the page, a summary or a heading, with the same links, without their ids."""
        if "\x02@" not in html:
            return html
        return _MARK.sub(lambda match: _ID.sub("", self._html.get(int(match[1]), "")), html)

    def text(self, written: str) -> str | None:
        """What a citation of the page's Markdown shows, as text; None for what is none."""
        number = self._by_text.get(written)
        html = None if number is None else self._html.get(number)
        return None if html is None else unescape(re.sub(r"<[^>]*>", "", html))

    # --- look-up

    def _cluster(self, hole: CitationHole) -> Cluster | str:
        """The citation with its entries; the HTML of a message, or the text as written, where it has none."""
        entries: list[Entry] = []
        for item in hole.items:
            entry = self._entry(item.key)
            if entry is not None:
                entries.append(entry)
            elif hole.is_in_text:
                return escape(hole.written, quote=False)
            else:
                return self._missing(item.key, hole.location)
        return Cluster(hole=hole, entries=tuple(entries))

    def _entry(self, key: str) -> Entry | None:
        self._recorder.read("citation", self._place.key, key)
        return cited_entry(self._index, self._place.key, key)

    def _missing(self, key: str, location: SourceLocation) -> str:
        books = bibliographies_of(self._index, self._place.key)
        message = f"no bibliography of this page has the key `{key}`"
        if not books:
            message = f"`{key}` is cited, but this page has no bibliography"
        self.diagnostics.append(
            Diagnostic(
                code="SG230",
                severity="error",
                message=message,
                location=location,
                hint=near_keys(self._index, self._place.key, key),
            )
        )
        return f'<span class="build-error" role="alert">SG230: {escape(message, quote=False)}</span>'

    def _uncited(self) -> list[Entry]:
        keys = uncited_keys(self._place)
        if "*" in keys:
            self._recorder.read("citation", self._place.key, "*")
            return list(keys_of(self._index, self._place.key).values())
        found: list[Entry] = []
        for key in keys:
            entry = self._entry(key)
            if entry is not None:
                found.append(entry)
            else:
                self._missing(key, self._place_of("nocite", key))
        return found

    def _place_of(self, name: str, text: str) -> SourceLocation:
        source, meta = self._place.source, self._place.meta
        if source is None:
            return SourceLocation(path=PurePosixPath())
        return place_of_keys(source, (name,), meta.lines, meta.nested, text)

    # --- styles

    def _formatted(self, clusters: Sequence[Cluster], uncited: Sequence[Entry]) -> Formatted:
        params = self._place.meta.params
        name = str(params.get("csl") or self._config.csl)
        plain: Literal["author-year", "numeric"] = (
            "numeric"
            if str(params.get("citations") or self._config.citations) == "numeric"
            else "author-year"
        )
        if not name:
            return formatted(clusters, uncited, plain, self._config.words)
        from sitegen.rendering.literature import csl

        file = csl.style_file(name, self._config.root)
        if file is not None:
            self._recorder.read("file", str(self._config.relative_to_root(file)))
        if not csl.is_installed():
            self._report_style(
                f"the citation style `{name}` needs the extra `cite`",
                "pip install 'sitegen-ml[cite]'; until then the page has our plain style",
                name,
            )
            return formatted(clusters, uncited, plain, self._config.words)
        if not csl.speaks(self._config.language):
            message = f"citation styles have no words in `{self._config.language}`, and use English ones"
            self._report_style(
                message, "leave `csl` out for a plain style with the words of `templates/strings/`", name
            )
        try:
            return csl.in_csl_style(clusters, uncited, name, self._config.root, self._config.words)
        except csl.StyleError as error:
            self._report_style(str(error), error.hint, name, severity="error")
            return formatted(clusters, uncited, plain, self._config.words)

    def _report_style(
        self, message: str, hint: str, name: str, severity: Literal["error", "warning"] = "warning"
    ) -> None:
        """Tells of a style where it is named: in the front matter, else in the settings, once for all pages."""
        is_own = self._place.source is not None and bool(self._place.meta.params.get("csl"))
        location = self._place_of("csl", name) if is_own else place_in_settings(self._config, "csl", name)
        self.diagnostics.append(
            Diagnostic(code="SG231", severity=severity, message=message, location=location, hint=hint)
        )


def _with_links(html: str, cluster: Cluster, identifier: str, backs: dict[str, list[str]]) -> str:
    """A citation with the link of each of its items; `backs` is told where each work is cited."""

    def link(match: re.Match[str]) -> str:
        number = ord(match[1]) - OPEN
        key = cluster.entries[number].key
        own = identifier if number == 0 else f"{identifier}-{number + 1}"
        backs.setdefault(key, []).append(own)
        return f'<a class="citation" id="{own}" href="#{_address(key)}" role="doc-biblioref">{match[2]}</a>'

    return _LINK.sub(link, html)


def _address(key: str) -> str:
    return f"ref-{quote(key, safe=':/.+-_~$&')}".replace("&", "&amp;")


def _with_list(
    content: str,
    made: Formatted,
    entries: dict[str, Entry],
    backs: dict[str, list[str]],
    words: Words,
) -> str:
    """The content with the references: where the author wants them, else at its end under a heading."""
    tag = "ol" if made.is_numbered else "ul"
    items = "".join(
        f'<li id="ref-{escape(key)}">{_with_addresses(html, entries[key])}{_links(entries[key], html)}{_ways_back(backs.get(key, ()), words)}</li>\n'
        for key, html in made.references
    )
    listed = f'<{tag} class="reference-list">\n{items}</{tag}>\n'
    title = escape(words("text.references"))
    if HERE in content:
        before, _, after = content.partition(HERE)
        section = (
            f'<section class="references" role="doc-bibliography" aria-label="{title}">\n{listed}</section>\n'
        )
        return f"{before}{section}{after.replace(HERE, '')}"
    heading = "" if ' id="references"' in content else ' id="references"'
    return (
        f'{content}<section class="references" role="doc-bibliography" aria-label="{title}">\n'
        f"<h2{heading}>{title}</h2>\n{listed}</section>\n"
    )


def _with_addresses(html: str, entry: Entry) -> str:
    """A reference whose addresses are links, and its DOI where it stands alone."""
    made = _ADDRESS.sub(lambda match: f'<a href="{encoded(unescape(match[0]))}">{match[0]}</a>', html)
    doi = escape(entry.doi, quote=False)
    if doi and doi in made and f"/{doi}" not in made:
        return made.replace(doi, f'<a href="{escape(entry.doi_url)}">{doi}</a>', 1)
    return made


def _links(entry: Entry, html: str) -> str:
    """The ways to the work that its reference does not name yet."""
    doi, arxiv = entry.doi, entry.arxiv
    found: list[tuple[str, str]] = []
    if doi and doi not in unescape(html):
        found.append((entry.doi_url, f"doi:{doi}"))
    if arxiv and f"/{arxiv}" not in html:
        found.append((f"https://arxiv.org/abs/{arxiv}", f"arXiv:{arxiv}"))
    url = entry.text("url")
    is_known = any(part and part in url for part in (doi, arxiv))
    if url and not is_known and escape(url) not in html and url not in html and url.startswith("http"):
        found.append((url, url.partition("://")[2].removeprefix("www.").partition("/")[0]))
    return "".join(
        f' <a href="{encoded(address)}">{escape(text, quote=False)}</a>' for address, text in found
    )


def _ways_back(places: Sequence[str], words: Words) -> str:
    """A link to each citation."""
    return "".join(
        f' <a class="reference-back" href="#{place}" role="doc-backlink" '
        f'aria-label="{escape(words("text.back_to", number=number) if len(places) > 1 else words("text.back"))}">\N{LEFTWARDS ARROW WITH HOOK}\N{VARIATION SELECTOR-15}</a>'
        for number, place in enumerate(places, 1)
    )
