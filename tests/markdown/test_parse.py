"""A body becomes a Document: title, summary, words, ids, and never an exception."""

from __future__ import annotations

import gc
import pickle
from collections.abc import Callable, Iterable
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitegen.content.document import Document, Html, PageKey, Segment
from sitegen.content.execute_options import PageExecution
from sitegen.content.metadata import PageMeta
from sitegen.content.site import IndexedPage
from sitegen.errors import SourceLocation
from sitegen.frozen import FrozenDict
from sitegen.markdown.parse import empty_document, inline_html, parse_fragment

Parse = Callable[..., Document]
Show = Callable[[Iterable[Segment]], str]

EVERYTHING = """\
# A *title*

*Posted: July 1, 2024*

Text with a [link](other.md), ![image](a.png), $x^2$, `{python} m`, {{< metric "m" >}} and a note[^1].

## Part one {#one}

> [!NOTE]
> - [ ] list

```{python}
#| label: fig-a
m = 1
```

| a | b |
|---|---|
| 1 | 2 |

<!--more-->

The rest, with {{% box %}}**more**{{% /box %}}.

[^1]: A note.
"""


class Balance(HTMLParser):
    """Collects tags that do not pair."""

    void = frozenset({"br", "hr", "img", "input", "source", "mspace"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.feed(html)
        self.close()
        self.wrong += self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a tag, unless it has no content."""
        if tag not in self.void:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """MathML closes empty elements itself."""

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost tag."""
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            self.wrong.append(f"/{tag}")


def test_a_document_survives_pickling_and_hashing(parse_body: Parse) -> None:
    """Documents are cached and sent to worker processes."""
    document = parse_body(EVERYTHING, title_is_heading=True)

    copy = pickle.loads(pickle.dumps(document))

    assert copy == document
    assert hash(copy) == hash(document)


def test_the_first_heading_is_the_title_once(parse_body: Parse, show: Show) -> None:
    """Where the title comes from the H1, the body has it no more, and the `Posted:` line neither."""
    document = parse_body(EVERYTHING, title="A title", title_is_heading=True, posted_line=7)

    html = show(document.segments)

    assert show(document.title) == "A <em>title</em>"
    assert "<h1" not in html
    assert "Posted" not in html
    assert [heading.id for heading in document.headings] == ["one"]


def test_a_title_of_front_matter_is_text_with_code(parse_body: Parse, show: Show) -> None:
    """Stars in a title are stars; backticks are code; expressions come behind all cells."""
    text = "```{python}\n1\n```\n\n`{python} b`\n"

    document = parse_body(text, title="A* & `x<y`: `{python} a` of {eval}`n`", description="`{python} d`")

    assert show(document.title) == "A* &amp; <code>x&lt;y</code>: [value-1] of [value-2]"
    assert show(document.description) == "[value-3]"
    assert [(item.source, item.after_cells) for item in document.expressions] == [
        ("a", 1),
        ("n", 1),
        ("d", 1),
        ("b", 1),
    ]


def test_control_characters_of_front_matter_are_no_marks(parse_body: Parse, show: Show) -> None:
    """YAML and TOML may hold them as escapes; the marks of holes are two of them. Line ends of Windows are one sign."""
    document = parse_body("x\n", title="a \x027\x03\r\n`b` c", description="\x020\x03")

    assert show(document.title) == "a �7�\n<code>b</code> c"
    assert show(document.description) == "�0�"


def test_an_expression_in_the_heading_that_is_the_title_comes_last(parse_body: Parse) -> None:
    """It may use what the cells below it compute."""
    document = parse_body("# Got `{python} m`\n\n```{python}\nm = 1\n```\n", title_is_heading=True)

    assert [item.after_cells for item in document.expressions] == [1]


def test_features_name_what_needs_a_style(parse_body: Parse) -> None:
    """The theme loads styles by them."""
    document = parse_body(EVERYTHING)

    assert document.features == {"math", "alert", "tasks", "code", "table", "footnotes"}


# --- summaries ------------------------------------------------------------------------------------


def test_a_divider_ends_the_summary(parse_body: Parse, show: Show) -> None:
    """Without cells, ids and footnote marks, which belong to the page."""
    document = parse_body(EVERYTHING, title_is_heading=True, posted_line=7)

    summary = show(document.summary)

    assert summary.startswith("<p>Text with a")
    assert "<h2>Part one</h2>" in summary
    assert "fnref" not in summary
    assert "cell-1" not in summary
    assert "The rest" not in summary
    assert document.is_summary_truncated


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        ("One <!--more--> two.", "<p>One</p>"),
        ("- a\n- *b* <!--more--> c\n- d", "<ul>\n<li>a</li>\n<li><em>b</em></li>\n</ul>"),
        ("> a\n>\n> <!--more-->\n>\n> b", "<blockquote>\n<p>a</p>\n</blockquote>"),
        ("a\n<!--more-->\nb", "<p>a</p>"),
    ],
)
def test_a_divider_inside_a_block_leaves_the_html_balanced(
    text: str, summary: str, parse_body: Parse, show: Show
) -> None:
    """What is open at the divider is closed, innermost first."""
    document = parse_body(text)

    assert show(document.summary) == summary
    assert document.is_summary_truncated
    assert "more" not in show(document.segments)


def test_a_divider_at_the_end_truncates_nothing(parse_body: Parse) -> None:
    """There is nothing more to read."""
    assert not parse_body("All.\n\n<!--more-->\n").is_summary_truncated


def test_a_divider_in_code_is_code(parse_body: Parse, show: Show) -> None:
    """The first one that is not divides."""
    document = parse_body("`<!--more-->` a\n\n```\n<!--more-->\n```\n\nb <!--more--> c")

    assert show(document.summary).endswith("<p>b</p>")
    assert show(document.segments).endswith("<p>b</p>\n<p>c</p>\n")


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        ("one two\n\nthree four\n\nfive", "<p>one two</p>\n<p>three four</p>"),
        ("one two\n\n## x y\n\n- four\n- five\n\nsix\n\nseven", "six</p>"),
        ("- one two three\n\n- four\n\nfive", "</li>\n</ul>"),
        ("> one two three\n>\n> four\n\nfive", "<p>four</p>\n</blockquote>"),
        ("<div><p>one two three</p><p>four</p></div>\n\nfive", "</p></div>"),
        ("<div><p>one two three</p>\n\nfour\n\nfive", "<div><p>one two three</p></div>"),
        ("語\n\n語語語語\n\n語", "<p>語</p>\n<p>語語語語</p>"),
    ],
)
def test_an_automatic_summary_ends_with_a_paragraph(
    text: str, summary: str, parse_body: Parse, show: Show
) -> None:
    """The one that has the word asked for; what is open there is taken whole, or closed."""
    params = FrozenDict({"iscjklanguage": True} if text.startswith("語") else {})
    document = parse_body(text, summary_length=3, params=params)

    assert show(document.summary).endswith(summary)
    assert document.is_summary_truncated


def test_an_automatic_summary_stops_before_the_first_cell(parse_body: Parse, show: Show) -> None:
    """A list page shows no cell."""
    document = parse_body("one\n\n- two\n\n  ```{python}\n  1\n  ```\n\nthree")

    assert show(document.summary) == "<p>one</p>"
    assert document.is_summary_truncated


def test_a_short_page_is_its_own_summary(parse_body: Parse, show: Show) -> None:
    """Footnotes are not part of it, and leaving them out truncates nothing."""
    document = parse_body("one[^1]\n\n[^1]: note")

    assert show(document.summary) == "<p>one</p>"
    assert not document.is_summary_truncated


def test_a_summary_of_front_matter_is_markdown(parse_body: Parse, show: Show) -> None:
    """One paragraph comes without its tag; the divider of the body is stronger."""
    assert show(parse_body("body", summary="*s* `{python} x`").summary) == "<em>s</em> [value-1]"
    assert show(parse_body("a\n\n<!--more-->\n\nb", summary="s").summary) == "<p>a</p>"


# --- other bodies ---------------------------------------------------------------------------------


def test_an_html_body_keeps_its_html(parse_body: Parse, show: Show) -> None:
    """Links become holes and shortcodes are expanded; nothing is Markdown."""
    document = parse_body('<p>*a* <a href="b.html">b</a></p>\n{{< figure >}}', source_format="html")

    assert show(document.segments) == '<p>*a* <a href="[page b.html]">b</a></p>\n[shortcode figure]'


def test_fences_that_no_kernel_runs_are_told_once(parse_body: Parse) -> None:
    """A post in R has dozens of them: a warning for the first, with their number."""
    document = parse_body("```{r}\n1\n```\n\n```{r, echo=FALSE}\n2\n```\n\n```{julia}\n3\n```\n")

    assert [(item.location.line, item.message) for item in document.diagnostics if item.location] == [
        (5, "the kernel `python3` of this page does not run `r`: shown, not run (and 1 more on this page)"),
        (13, "the kernel `python3` of this page does not run `julia`: shown, not run"),
    ]


def test_an_empty_body_has_no_segments(parse_body: Parse) -> None:
    """Nor a summary."""
    document = parse_body("")

    assert document.segments == document.summary == ()


def test_a_page_without_a_file_has_an_empty_document(parse_body: Parse) -> None:
    """It carries the page's automatic title."""
    page = IndexedPage(
        key=PageKey("/tags"),
        kind="taxonomy",
        type="tags",
        section="tags",
        source=None,
        meta=PageMeta(),
        execution=PageExecution(),
        title="Tags & more",
        url="/tags/",
        output_path=PurePosixPath("tags/index.html"),
    )

    document = empty_document(page)

    assert document.title == (Html(text="Tags &amp; more"),)
    assert document.segments == ()


def test_a_fragment_has_no_cells_and_no_shortcodes(show: Show) -> None:
    """What a cell prints is not what an author writes."""
    text = "## Result\n\n```{python}\n1\n```\n\n{{< figure >}} [a](b c.md) [d](<e f.md>) x[^1]\n\n[^1]: n"
    place = SourceLocation(path=PurePosixPath("content/page.md"), line=9)

    fragment = parse_fragment(text, location=place, id_prefix="cell-1-", taken_ids=("result",))

    assert '<h2 id="result-1">Result</h2>' in fragment.html
    assert '<span class="mi">1</span>' in fragment.html
    assert "{{&lt; figure &gt;}}" in fragment.html
    assert '<a href="e%20f.md">d</a>' in fragment.html
    assert 'id="cell-1-fn:1"' in fragment.html
    assert [heading.id for heading in fragment.headings] == ["result-1"]


def test_a_fragments_equation_is_told_at_its_place() -> None:
    """The line of the cell, whatever line of its output."""
    place = SourceLocation(path=PurePosixPath("content/page.md"), line=9)

    (diagnostic,) = parse_fragment("a\n\n$\\nope$", location=place).diagnostics

    assert str(diagnostic.location) == "content/page.md:9"


def test_inline_markdown_has_no_paragraph() -> None:
    """For `markdownify` in templates; two paragraphs stay two."""
    assert inline_html("a *b*") == "a <em>b</em>"
    assert inline_html("a\n\nb") == "<p>a</p>\n<p>b</p>"


# --- for every text -------------------------------------------------------------------------------

MARKUP = st.lists(
    st.sampled_from(
        [
            *("# ", "## ", "> ", "- ", "1. ", "```", "```{python}\n", "~~~", "\n", "\n\n", "    ", "---\n"),
            *(
                "*",
                "**",
                "_",
                "~",
                "`",
                "`{python} x`",
                "$",
                "$$",
                r"\(",
                r"\)",
                r"\[",
                r"\]",
                "\\",
                "|",
                "|-|\n",
            ),
            *(
                "[",
                "](",
                ")",
                "![",
                "[^a]",
                "[^a]: ",
                ": ",
                "<",
                ">",
                "&",
                "'",
                '"',
                "--",
                "...",
                "<!--more-->",
            ),
            *("{{< box >}}", "{{< /box >}}", "{{% box %}}", "{{% /box %}}", "{{< figure a >}}", "{{<", ">}}"),
            *("{{</* x */>}}", "#| a: ", "#| ", "{#a .b}", "> [!NOTE]\n", "- [x] ", "www.a.org", "a@b.org"),
            *(
                "https://a.org",
                "word",
                " ",
                "\t",
                "\r\n",
                "\x02",
                "\x03",
                "sitegenhole0x",
                "é",
                "<div>",
                "<img src=a>",
            ),
        ]
    ),
    max_size=40,
).map("".join)


@settings(max_examples=150, deadline=None)
@given(text=st.one_of(MARKUP, st.text(max_size=200)), enabled=st.sampled_from([None, True, False]))
def test_no_text_makes_the_parser_fail(text: str, enabled: bool | None, parse_body: Parse) -> None:
    """Whatever is wrong is a diagnostic, with a line that the file has."""
    document = parse_body(text, enabled=enabled, title_is_heading=True)

    last_line = 5 + text.replace("\r\n", "\n").replace("\r", "\n").count("\n")
    lines = [item.location.line for item in document.diagnostics if item.location is not None]
    assert all(line is not None and 5 <= line <= last_line for line in lines)


@settings(max_examples=150, deadline=None)
@given(text=MARKUP.map(lambda text: text.replace("<", "")))
def test_html_is_balanced(text: str, parse_body: Parse, show: Show) -> None:
    """Of the body and of its summary, where the author writes no raw HTML."""
    document = parse_body(text + "\n\n<!--more-->\n\nend", title_is_heading=True)

    assert Balance(show(document.segments)).wrong == []
    assert Balance(show(document.summary)).wrong == []


def test_a_whole_page_is_valid_html(parse_body: Parse, show: Show) -> None:
    """An HTML5 parser finds nothing to complain of."""
    parser = html5lib.HTMLParser()

    parser.parseFragment(show(parse_body(EVERYTHING).segments))

    assert parser.errors == []


@pytest.mark.parametrize(
    "mark", ["[", "![", "*a ", "`a``", "$$a\n\n", "{{</*", "{{< box >}}", "> ", "<a ", "\"a 'b "]
)
def test_repeated_marks_are_parsed_in_time(mark: str, parse_body: Parse) -> None:
    """The suite's time limit is the assertion: quadratic work on 100 kB would not end."""
    document = parse_body(mark * (100_000 // len(mark)))

    assert document.path == PurePosixPath("content/page.md")


@pytest.mark.shared
@pytest.mark.parametrize("name", ["journey", "projects"])
def test_documents_of_others_parse_without_a_word(name: str, shared_dir: Path, parse_body: Parse) -> None:
    """Written for other tools, by people who did not know this one."""
    text = (shared_dir / "inputs" / f"{name}.md").read_text("utf-8")

    document = parse_body(text, title_is_heading=True)

    assert document.diagnostics == ()
    assert document.title != ()


@pytest.mark.shared
def test_a_hugo_page_of_others_parses_without_a_word(shared_dir: Path, parse_body: Parse) -> None:
    """Damaged characters, `---` rules and emphasis over line ends included."""
    text = (shared_dir / "inputs" / "systems.md").read_text("utf-8").split("+++\n", 2)[2]

    document = parse_body(text)

    assert document.diagnostics == ()
    assert len(document.headings) == 6


def test_documents_like_those_of_others_parse_without_a_word(parse_body: Parse, show: Show) -> None:
    """A README with bold lines as headings, sized images and a remote GIF with escaped blanks."""
    text = (
        "# Projects\nSome text.  \n\n**First**\n\n"
        '<img src="https://example.org/a%20b/c%20d.gif" width="800" height="800" />\n\n\n'
        'A "rule" with a [link](https://example.org/x/) & more, *\n*broken emphasis**.\n'
    )

    document = parse_body(text, title_is_heading=True)

    html = show(document.segments)
    assert document.diagnostics == ()
    assert 'width="800" height="800" />' in html
    assert "<strong>First</strong>" in html


@pytest.mark.parametrize("mark", ["> ", "- ", "1. "])
def test_what_is_nested_too_deep_is_text(mark: str, parse_body: Parse, show: Show) -> None:
    """Nothing of a text is lost, however deep its lists and quotations are."""
    html = show(parse_body(mark * 300 + "deep\n\nafter").segments)

    assert "deep" in html
    assert "<p>after</p>" in html


def test_a_heading_without_text_has_no_id(parse_body: Parse) -> None:
    """As in Hugo; one whose text is a value or a shortcode has it, for the table of contents."""
    document = parse_body('# ![](a.png)\n\n# `{python} m`\n\n# {{< metric "m" >}}\n\n# !!!\n')

    assert [heading.id for heading in document.headings] == ["heading", "heading-1", "heading-2"]


def test_nothing_of_a_parse_waits_for_the_garbage_collector(parse_body: Parse) -> None:
    """What a page needed is gone when its Document is there, so that bodies do not pile up between two collections."""
    body = "# a *b*\n\n[c](d.md) $x$ `{python} y` {{< figure >}}\n\n| a |\n|---|\n| b[^1] |\n\n```{python}\n1\n```\n\n[^1]: c\n"
    parse_body(body)  # what is made once for all pages
    gc.collect()
    gc.disable()
    try:
        document = parse_body(body)
        unreachable = gc.collect()
    finally:
        gc.enable()

    assert document.cells
    assert unreachable == 0
