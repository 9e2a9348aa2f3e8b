"""What a changed site has made again: all that comes out different, and little more."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from sitegen.config import Config, load_config
from sitegen.content.document import Digest, Document, PageKey
from sitegen.content.executed import CellRun, ExecutedDocument, LabelledCell, Metric, Provenance, StreamOutput
from sitegen.content.index import IndexedPage, SiteIndex
from sitegen.content.site import build_index
from sitegen.content.sources import discover
from sitegen.files import digest_file
from sitegen.frozen import FrozenDict
from sitegen.markdown.parse import empty_document, parse
from sitegen.rendering.composing.page import compose
from sitegen.rendering.incremental.dependencies import PAGE, SITE, Changes
from sitegen.rendering.incremental.facts import World, asset_digests, place_identity, template_digests
from sitegen.rendering.lists.related import related_pages
from sitegen.rendering.page_files import render
from sitegen.rendering.recorder import RECORDED_SETTINGS, RawFact, Reads
from sitegen.rendering.site import gather
from sitegen.rendering.templating.shortcodes import TemplateShortcodes
from sitegen.rendering.templating.templates import Templates
from sitegen.rendering.values import Page
from sitegen.rendering.views.belongings import Belongings
from sitegen.rendering.views.listing import Listing
from sitegen.rendering.views.page_results import ShownResults
from sitegen.rendering.views.page_view import PageView
from sitegen.rendering.views.site_view import SiteView
from sitegen.rendering.views.standing import Standing
from sitegen.results.ledger import Ledger, LedgerEntry


@dataclass(frozen=True)
class MadeFile:
    """A published file."""

    content: bytes
    owner: PageKey
    part: str
    reads: frozenset[RawFact]


class Built:
    """One clean build, with what each page and file read."""

    def __init__(self, root: Path) -> None:
        config = load_config(root, environ={}, now=datetime(2026, 11, 20, tzinfo=UTC))
        self.config: Config = replace(config, state_dir=root.parent / "state")
        self.index: SiteIndex = build_index(discover(self.config), self.config)
        self.reads = Reads()
        self._templates = Templates(self.config, self.reads)
        shortcodes = TemplateShortcodes(self._templates, self.index, self.config)
        self.template_digests = template_digests(self.config)
        self.asset_digests = asset_digests(self._templates.assets)
        self.on_disk = {
            file.relative_to(root).as_posix(): digest_file(file) for file in root.rglob("*") if file.is_file()
        }
        self.composing: dict[PageKey, frozenset[RawFact]] = {}
        documents: dict[PageKey, Document] = {}
        for key, place in self.index.pages.items():
            with self.reads.collected() as noted:
                documents[key] = (
                    parse(place.source, self.index, shortcodes, self.config)
                    if place.source
                    else empty_document(place)
                )
            self.composing[key] = frozenset(noted)
        results = json.loads((root / "results.json").read_text())
        executed = {key: _executed(document, results) for key, document in documents.items()}
        self.ledger = _ledger(executed.values())
        self.pages: dict[PageKey, Page] = {}
        for key in documents:
            with self.reads.collected() as noted:
                self.pages[key] = compose(
                    executed[key], self.index, self.ledger, shortcodes, self.config, self.reads
                )
            self.composing[key] |= noted
        self.summaries = {key: page.summary for key, page in self.pages.items()}
        self.site = gather(self.index, self.ledger, self.summaries)
        self.files: dict[str, MadeFile] = {}
        for key, page in self.pages.items():
            for file in self.render(page):
                content = file.content if file.content is not None else Path(str(file.file)).read_bytes()
                self.files[str(file.path)] = MadeFile(content, key, file.part, file.reads)

    def render(self, page: Page, **asked: Any) -> Any:
        """The files of a page."""
        return render(
            page, self.site, self._templates, lambda key: self.pages[key].content, self.config, **asked
        )

    def world(self, *, is_composed: bool) -> World:
        """What composing, or rendering, could ask."""
        return World(
            self.index,
            self.config,
            summaries=self.summaries if is_composed else None,
            ledger=self.ledger,
            templates=self.template_digests,
            assets=self.asset_digests,
            file_digest=self.on_disk.get,
        )


def _executed(document: Document, results: Mapping[str, Any]) -> ExecutedDocument:
    """The page with results that a test can change."""
    if not document.cells:
        return ExecutedDocument(document=document)
    cell = document.cells[0]
    run = CellRun(
        cell=cell.id,
        status="ok",
        outputs=(StreamOutput(name="stdout", text=results["printed"]),),
        source_digest=Digest("1" * 64),
    )
    return ExecutedDocument(
        document=document,
        runs=FrozenDict({cell.id: run}),
        metrics=(Metric(name="score", value=results["score"], cell=cell.id),),
        state="cached",
        provenance=Provenance(
            record=Digest("2" * 64),
            key=Digest("3" * 64),
            started=datetime(2026, 11, 19, tzinfo=UTC),
            seconds=2.0,
            device="cpu",
            device_class="cpu",
            seed=7,
            profile="full",
            commit="a1b2c3d4e5f6",
            is_dirty=False,
            environment=FrozenDict({"python": "3.11.9"}),
        ),
    )


def _ledger(executed: Any) -> Ledger:
    runs = [each for each in executed if each.state is not None]
    return Ledger(
        entries=FrozenDict(
            {
                (run.document.page, metric.name): LedgerEntry(
                    page=run.document.page, metric=metric, state=run.state, provenance=run.provenance
                )
                for run in runs
                for metric in run.metrics
            }
        ),
        states=FrozenDict({run.document.page: run.state for run in runs}),
        page_cells=FrozenDict(
            {
                run.document.page: tuple(
                    LabelledCell(cell=cell, run=run.runs.get(cell.id)) for cell in run.document.cells
                )
                for run in runs
            }
        ),
        shown=FrozenDict({run.document.page: run.provenance for run in runs}),
        runs=FrozenDict({run.document.page: (run.provenance,) for run in runs}),
    )


@dataclass(frozen=True)
class Comparison:
    """Two builds, by what they gave and by what was read."""

    old: Built
    new: Built

    @cached_property
    def moved(self) -> set[PageKey]:
        """Pages whose place differs, new ones and those that are gone."""
        old, new = self.old.index.pages, self.new.index.pages
        return {key for key in old.keys() | new.keys() if _identity(old.get(key)) != _identity(new.get(key))}

    @cached_property
    def other_pages(self) -> set[PageKey]:
        """Pages that were composed to something else."""
        old, new = self.old.pages, self.new.pages
        return {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}

    @cached_property
    def recomposed(self) -> set[PageKey]:
        """Pages that the next build would compose again."""
        edited = {
            key
            for key in self.old.pages.keys() | self.new.pages.keys()
            if _source(self.old, key) != _source(self.new, key)
        }
        reading = {
            key for key, reads in self.old.composing.items() if self._differing(reads, *self._composing)
        }
        return edited | self.moved | reading

    @cached_property
    def other_files(self) -> set[str]:
        """Paths of files whose bytes differ, new ones and those that are gone."""
        old, new = self.old.files, self.new.files
        return {
            path for path in old.keys() | new.keys() if _content(old.get(path)) != _content(new.get(path))
        }

    @cached_property
    def rendered(self) -> set[str]:
        """Paths of files that the next build would make again."""
        whole = self.moved | self.other_pages
        parts = {
            (file.owner, file.part)
            for file in self.old.files.values()
            if self._differing(file.reads, *self._rendering)
        }
        families = {(owner, part.partition("/")[0]) for owner, part in parts}
        return {
            path
            for built in (self.old, self.new)
            for path, file in built.files.items()
            if file.owner in whole
            or (file.owner, file.part) in parts
            or (path not in self.old.files and (file.owner, file.part.partition("/")[0]) in families)
        }

    @cached_property
    def unexpected(self) -> set[RawFact]:
        """Facts that differ although `Changes` says that they cannot."""
        told = self.changes
        stages = (
            (self.old.composing.values(), *self._composing),
            ([file.reads for file in self.old.files.values()], *self._rendering),
        )
        found: set[RawFact] = set()
        for groups, old, new in stages:
            narrowed = new.narrowed(old, told)
            facts = frozenset[RawFact]().union(*groups)
            found |= {fact for fact in self._differing(facts, old, new) if not narrowed.may_differ(*fact)}
        return found

    @cached_property
    def changes(self) -> Changes:
        """What a build would know before it looks at facts."""
        old, new = self.old, self.new
        disk = {
            path
            for path in old.on_disk.keys() | new.on_disk.keys()
            if old.on_disk.get(path) != new.on_disk.get(path)
        }
        return Changes(
            places=frozenset(self.moved),
            summaries=frozenset(
                key
                for key in old.summaries.keys() | new.summaries.keys()
                if old.summaries.get(key) != new.summaries.get(key)
            ),
            results=frozenset(() if old.ledger == new.ledger else old.ledger.states),
            is_structure=_structure(old.index) != _structure(new.index),
            is_addresses=_addresses(old.index) != _addresses(new.index),
            settings=frozenset(
                name for name in RECORDED_SETTINGS if getattr(old.config, name) != getattr(new.config, name)
            ),
            data=frozenset(
                name
                for name in old.index.data.keys() | new.index.data.keys()
                if old.index.data.get(name) != new.index.data.get(name)
            ),
            templates=old.template_digests != new.template_digests,
            assets=old.asset_digests != new.asset_digests,
            static=frozenset(path.removeprefix("static/") for path in disk if path.startswith("static/")),
            files=frozenset(disk),
        )

    @cached_property
    def _composing(self) -> tuple[World, World]:
        return self.old.world(is_composed=False), self.new.world(is_composed=False)

    @cached_property
    def _rendering(self) -> tuple[World, World]:
        return self.old.world(is_composed=True), self.new.world(is_composed=True)

    def _differing(self, facts: frozenset[RawFact], old: World, new: World) -> set[RawFact]:
        return {fact for fact in facts if self._differs(fact, old, new)}

    def _differs(self, fact: RawFact, old: World, new: World) -> bool:
        known = self._known.get((fact, id(old)))
        if known is None:
            known = self._known[fact, id(old)] = old.value(fact) != new.value(fact)
        return known

    @cached_property
    def _known(self) -> dict[tuple[RawFact, int], bool]:
        return {}


def _identity(place: IndexedPage | None) -> object:
    return None if place is None else place_identity(place)


def _source(built: Built, key: PageKey) -> object:
    place = built.index.pages.get(key)
    return None if place is None else (place.source.digest if place.source is not None else "")


def _content(file: MadeFile | None) -> bytes | None:
    return None if file is None else file.content


def _structure(index: SiteIndex) -> tuple[object, ...]:
    return (
        tuple((key, bool(place.url), place.kind, place.parent) for key, place in index.pages.items()),
        *(index.children, index.regular, index.page_terms, index.neighbours, index.menus, index.by_source),
    )


def _addresses(index: SiteIndex) -> tuple[object, ...]:
    return index.static_files, {
        key: (place.url, place.output_path, tuple(each.name for each in place.resources))
        for key, place in index.pages.items()
    }


@pytest.fixture(scope="module")
def root(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of `tests/sites/facts`, in which everything is asked for by something."""
    return Path(shutil.copytree(repository / "tests/sites/facts", tmp_path_factory.mktemp("facts") / "site"))


@pytest.fixture(scope="module")
def before(root: Path) -> Built:
    """The site as it is, built once for all."""
    return Built(root)


@pytest.fixture
def changed(root: Path, before: Built) -> Iterator[Callable[..., Comparison]]:
    """Builds the site with one file otherwise, and puts it back: `changed("data/other.yaml", "x: 2")`.

    With two texts the first is replaced by the second; with none the file is removed.
    """
    kept: dict[Path, bytes | None] = {}

    def change(name: str, *texts: str) -> Comparison:
        file = root / name
        kept[file] = file.read_bytes() if file.exists() else None
        file.parent.mkdir(parents=True, exist_ok=True)
        if not texts:
            file.unlink()
        elif len(texts) == 1:
            file.write_text(texts[0], encoding="utf-8")
        else:
            text = file.read_text(encoding="utf-8")
            assert texts[0] in text
            file.write_text(text.replace(texts[0], texts[1]), encoding="utf-8")
        return Comparison(before, Built(root))

    yield change
    for file, content in kept.items():
        if content is None:
            file.unlink()
        else:
            file.write_bytes(content)


P1 = "content/posts/p1.md"
TITLE = "title = 'One'"
CONFIG = "sitegen.toml"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="99" height="5"></svg>'
EDITS = [
    *[
        (P1, TITLE, f"{TITLE}\n{line}")
        for line in (
            "lastmod = 2026-02-01",
            "weight = 3",
            "categories = ['c']",
            "summary = 'Short.'",
            "draft = true",
            "slug = 'uno'",
            "url = '/elsewhere/'",
            "aliases = ['/old/one']",
            "image = '/logo.svg'",
            "audio = '/talk.mp3'",
            "audio = '/missing.mp3'",
            "menus = 'main'",
            "type = 'peek'",
            "layout = 'archives'",
            "linkTitle = '1'",
            "link = 'https://example.com/paper'",
            "canonical = 'https://example.com/one'",
            "keywords = ['k']",
            "outputs = ['html']",
            "expiryDate = 2026-06-01",
            "publishDate = 2027-01-01",
            "publishDate = 2026-03-01",
            "toc = false",
            "anything = 1",
            "sitemap = { disable = true }",
            "build = { list = 'never' }",
            "build = { render = 'never' }",
            "math = true",
        )
    ],
    (P1, TITLE, "title = 'Uno'"),
    (P1, TITLE, ""),
    (P1, "date = 2026-01-01", "date = 2026-05-05"),
    (P1, "date = 2026-01-01", ""),
    (P1, "['a', 'b']", "['a', 'new']"),
    (P1, "'First.'", "'Prime.'"),
    (P1, "hero = 'x'", "hero = 'y'"),
    (P1, "Text of one", "Other words"),
    (P1, "Text of one", "## A heading\n\nText of one"),
    (P1,),
    ("content/posts/new.md", "+++\ntitle = 'New'\ndate = 2026-01-07\ntags = ['a']\n+++\nFresh.\n"),
    ("content/posts/gone.md", "+++\ntitle = 'Back'\n+++\n"),
    ("content/posts/draft.md", "draft = true", ""),
    ("content/posts/p2.md", "## A part", "## Another part"),
    ("content/posts/p3.md", "words", "other words"),
    ("content/posts/p4.md", "No title", "Still none"),
    ("content/posts/p5/plot.svg", SVG),
    ("content/posts/p5/extra.svg", SVG),
    ("content/posts/_index.md", "All posts", "Posts"),
    ("content/posts/_index.md", "posts'\n", "posts'\npagerSize = 3\n"),
    ("content/projects/_index.md", "Projects", "Works"),
    ("content/projects/deep/under.md", "Deep.", "Deeper."),
    ("content/projects/deep/under.md",),
    ("content/_index.md", "Welcome.", "Hello."),
    ("content/_index.md", "'Home'", "'Start'"),
    ("content/tags/a/_index.md", "+++\ntitle = 'The letter A'\n+++\n"),
    ("content/tags/b/_index.md", "letter B", "second letter"),
    ("content/other/_index.md", "+++\ntitle = 'Another section'\n+++\n"),
    ("content/bench.md", "benchmarks", "page"),
    ("results.json", '{"score": 2.5, "printed": "done"}'),
    ("results.json", '{"score": 1.5, "printed": "done again"}'),
    ("data/talks.toml", "A talk", "Another talk"),
    ("data/other.yaml", "x: 1", "x: 2"),
    ("data/other.yaml",),
    ("data/x.yaml", "y: 1\n"),
    ("static/logo.svg", SVG),
    ("static/logo.svg",),
    ("static/talk.mp3", "a longer sound"),
    ("static/missing.txt", "new"),
    ("static/plain.txt", "other text"),
    ("static/posts/p1/index.html", "hidden by the page"),
    ("static/404.html", "ours"),
    ("static/robots.txt", "ours"),
    ("assets/plan.svg", SVG),
    ("assets/plan.svg",),
    ("static/plan.svg", SVG),
    ("templates/assets/mine.css", "a { color: blue }\n"),
    ("templates/assets/site.css", "a { color: blue }\n"),
    ("templates/shortcodes/card.html", "talks[0]", "talks | length, site.data.talks.talks[0]"),
    ("templates/shortcodes/Quote.html", "<q>", "<q class='x'>"),
    ("templates/shortcodes/Quote.html", "</q>\n", "</q>"),
    ("templates/shortcodes/quote.html", "<q>Lower {{ inner }}</q>\n"),
    ("templates/shortcodes/figure.html", "a figure\n"),
    ("templates/partials/inner.html", "[{{ name }}", "[[{{ name }}"),
    ("templates/partials/footer.html", "<footer>Ours</footer>\n"),
    (
        "templates/partials/macros.html",
        "{% macro icon(name) %}i{% endmacro %}{% macro mark(a, b='') %}m{% endmacro %}",
    ),
    ("templates/posts/page.html", "{% extends 'page.html' %}{% block page_end %}A post.{% endblock %}"),
    ("templates/maybe.html", "now it is there"),
    ("templates/feeds/atom.xml", "<feed>{{ page.title }}</feed>"),
    ("templates/robots.txt", "ours"),
    (CONFIG, 'title = "A site"', 'title = "My site"'),
    (CONFIG, "What it is about.", "What else it is about."),
    (CONFIG, '"Your Name"', '"Another Name"'),
    (CONFIG, '"Somebody"', '"Nobody"'),
    (CONFIG, '"hello"', '"good day"'),
    (CONFIG, "you/site", "you/other"),
    (CONFIG, "/you", "/them"),
    (CONFIG, '"Elsewhere"', '"Over there"'),
    (CONFIG, "[params]", "[params]\nfavicon = '/logo.svg'"),
]


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: " ".join(map(repr, edit)))
def test_what_comes_out_different_is_made_again(
    changed: Callable[..., Comparison], edit: tuple[str, ...]
) -> None:
    """After one edit, a page or file that a clean build makes otherwise has read something that differs."""
    found = changed(*edit)

    assert found.other_pages - found.recomposed == set()
    assert found.other_files - found.rendered == set()
    assert found.unexpected == set()


@pytest.mark.parametrize(
    ("edit", "paths"),
    [
        ((P1, "hero = 'x'", "hero = 'y'"), {"peek/index.html", "posts/p1/index.html"}),
        (("data/other.yaml", "x: 1", "x: 2"), {"peek/index.html"}),
        (("templates/robots.txt", "ours"), {"robots.txt"}),
        ((P1, TITLE, f"{TITLE}\nimage = '/logo.svg'"), {"posts/p1/index.html"}),
        (("static/plain.txt", "other text"), {"plain.txt", "logo.svg", "talk.mp3"}),
    ],
)
def test_what_shows_nothing_of_an_edit_is_left_alone(
    changed: Callable[..., Comparison], edit: tuple[str, ...], paths: set[str]
) -> None:
    """Only what asked for the field that was edited is made again."""
    found = changed(*edit)

    assert {path for path in found.rendered if not path.endswith((".xml", ".json"))} == paths


def test_a_title_marks_what_shows_it(changed: Callable[..., Comparison]) -> None:
    """Pages that neither list nor name the post keep their files."""
    found = changed(P1, TITLE, "title = 'Uno'")

    kept = found.old.files.keys() - found.rendered
    assert kept >= {"posts/page/2/index.html", "categories/c/index.html", "404.html"}
    assert len(found.rendered) <= len(found.other_files) + 3


def test_every_field_that_is_noted_has_its_dependencies(before: Built) -> None:
    """The table has a line for each recorded property of the views, and for each fact of the site that was read."""
    facts = frozenset[RawFact]().union(
        *before.composing.values(), *(file.reads for file in before.files.values())
    )
    noted = {
        subject: {_name(fact[2]) for fact in facts if fact[0] == subject} for subject in ("page", "site")
    }
    of_page = {
        name for view in (PageView, Standing, Listing, Belongings, ShownResults) for name in _properties(view)
    }

    assert (noted["page"] | of_page) - PAGE.keys() == set()
    assert (noted["site"] | _properties(SiteView)) - SITE.keys() == set()


def test_a_pager_is_made_alone(before: Built) -> None:
    """The parts that are wanted are rendered, and no other; what each read is its own."""
    posts = before.pages[PageKey("/posts")]

    (file,) = before.render(posts, wanted=lambda part: part == "html/2", known_pagers=3)

    assert (str(file.path), file.part) == ("posts/page/2/index.html", "html/2")
    assert file.reads == before.files["posts/page/2/index.html"].reads
    assert ("pager", "/posts", "2,0") in file.reads
    assert ("pager", "/posts", "1,0") not in file.reads


def test_pagers_that_were_not_there_are_made_with_the_first(before: Built) -> None:
    """Where the first is made again, so are those that the last build did not have."""
    posts = before.pages[PageKey("/posts")]

    files = before.render(posts, wanted=lambda part: part == "html", known_pagers=2)

    assert {file.part for file in files} == {"html", "html/3"}


def test_one_page_asks_for_what_it_shows(before: Built) -> None:
    """Rendering a post of a site of many looks up the places that its template shows, whatever the site's size."""
    asked: set[PageKey] = set()
    places = before.index.pages

    class Asked(Mapping[PageKey, IndexedPage]):
        def __getitem__(self, key: PageKey) -> IndexedPage:
            asked.add(key)
            return places[key]

        def __contains__(self, key: object) -> bool:
            return key in places

        def __iter__(self) -> Iterator[PageKey]:
            return iter(places)

        def __len__(self) -> int:
            return len(places)

    index = replace(before.index, pages=Asked())
    related = related_pages(before.index, before.config, before.summaries)
    site = replace(before.site, index=index, related=related)
    templates = Templates(before.config)

    assert tuple(render(before.pages[PageKey("/posts/p5")], site, templates, lambda _: "", before.config))
    assert asked <= {
        *("/", "/posts", "/posts/p5", "/posts/p4", "/posts/p3", "/posts/p2", "/posts/p1", "/posts/run"),
        "/projects",
    }


def test_a_fact_that_cannot_be_asked_for_raises_nothing(before: Built) -> None:
    """A page that is gone, a method that is none: a value all the same, equal to itself."""
    world = before.world(is_composed=True)
    odd = (
        ("page", "/nope", "title"),
        ("page", "/", "nothing"),
        ("setting", "", "nothing"),
        ("data", "no", ""),
    )

    assert [world.value(fact) == before.world(is_composed=True).value(fact) for fact in odd] == [True] * 4


def test_the_time_of_the_build_is_never_what_it_was(before: Built) -> None:
    """What prints `site.build_date` is made again with every build."""
    fact = ("site", "", "build_date")

    assert before.world(is_composed=True).value(fact) != before.world(is_composed=True).value(fact)


def _properties(view: type) -> set[str]:
    """The names of its recorded properties: those that note something themselves."""
    return {
        name
        for name, value in vars(view).items()
        if isinstance(value, property) and value.fget is not None and value.fget.__name__ == "get"
    }


def _name(field: str) -> str:
    return field.partition(".")[0].partition("(")[0]


@pytest.mark.parametrize(
    "text", ["{{ site.settings.title }}", "{{ site.index.regular }}", "{{ page._place.title }}"]
)
def test_a_template_that_reaches_behind_a_view_is_always_made_again(before: Built, text: str) -> None:
    """What is not for templates is not recorded, so they can never be known to be as they were."""
    reads = Reads()
    templates = Templates(before.config, reads)
    site = templates.site_view(before.site, lambda _: "")

    with reads.collected() as noted:
        templates.environment.from_string(text).render(site=site, page=site.view(PageKey("/posts")))

    assert ("site", "", "build_date") in noted
