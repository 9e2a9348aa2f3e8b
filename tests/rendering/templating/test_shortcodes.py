"""Shortcodes: the built-in ones as Hugo's, a site's own, and what their errors say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from sitegen.config import Config
from sitegen.content.document import PageKey, ShortcodeCall
from sitegen.content.index import IndexedPage, SiteIndex
from sitegen.content.shortcodes import BUILT_IN
from sitegen.content.sources import Resource
from sitegen.errors import ContentError, SourceLocation
from sitegen.frozen import FrozenDict
from sitegen.rendering.templating.shortcodes import TemplateShortcodes
from sitegen.rendering.templating.templates import Templates

PAGE = PageKey("/posts/a")
HERE = SourceLocation(path=PurePosixPath("content/posts/a.md"), line=7, column=3)
Expand = Callable[[ShortcodeCall], str]


def call(name: str, *positional: object, **fields: Any) -> ShortcodeCall:
    """A call at a fixed place; keyword arguments in `named`."""
    named = FrozenDict(fields.pop("named", {}))
    return ShortcodeCall(name=name, location=HERE, ordinal=0, positional=positional, named=named, **fields)


@pytest.fixture
def index(
    make_place: Callable[..., IndexedPage],
    make_index: Callable[..., SiteIndex],
    make_resource: Callable[[str, bytes], Resource],
) -> SiteIndex:
    """A page with a picture and a parameter, and a second page."""
    picture = make_resource("cat.png", b"")
    params = {"params": FrozenDict({"colour": "red", "table": FrozenDict({"deep": 3})})}
    return make_index(
        make_place("/", "home"), make_place(PAGE, resources=(picture,), meta=params), make_place("/posts/b")
    )


@pytest.fixture
def shortcodes(config: Config, index: SiteIndex) -> Callable[[], TemplateShortcodes]:
    """Makes the shortcodes once a test has written its templates."""
    return lambda: TemplateShortcodes(Templates(config), index, config)


@pytest.fixture
def expand(shortcodes: Callable[[], TemplateShortcodes]) -> Expand:
    """Expands a call on the page."""
    return lambda shortcode: shortcodes()(shortcode, PAGE).text


def failure(expand: Expand, shortcode: ShortcodeCall) -> ContentError:
    """The error of a call."""
    with pytest.raises(ContentError) as caught:
        expand(shortcode)
    return caught.value


@pytest.mark.parametrize(
    ("shortcode", "html"),
    [
        (
            call("figure", named={"src": "cat.png", "caption": "A *cat*", "title": "Cat", "class": "wide"}),
            (
                '<figure class="wide"><img src="/blog/posts/a/cat.png" alt="A cat">'
                "<figcaption><h4>Cat</h4><p>A <em>cat</em></p></figcaption></figure>"
            ),
        ),
        (
            call(
                "figure",
                named={"src": "cat.png", "caption": "A cat", "attr": "by me", "attrlink": "https://x.y/"},
            ),
            (
                '<figure><img src="/blog/posts/a/cat.png" alt="A cat">'
                '<figcaption><p>A cat <a href="https://x.y/">by me</a></p></figcaption></figure>'
            ),
        ),
        (
            call("figure", named={"src": "https://x.y/z.png", "link": "b.md", "alt": "Z"}),
            '<figure><a href="/blog/posts/b/"><img src="https://x.y/z.png" alt="Z"></a></figure>',
        ),
        (call("param", "colour"), "red"),
        (call("param", "table.deep"), "3"),
        (call("ref", "b.md#part"), "https://example.org/blog/posts/b/#part"),
        (call("relref", "b"), "/blog/posts/b/"),
        (call("relref", "#here"), "#here"),
        (call("ref", "#here"), "#here"),
        (call("relref", "b.md?q=1#part"), "/blog/posts/b/#part"),
        (call("relref", named={"path": "b", "outputFormat": "rss"}), "/blog/posts/b/index.xml"),
        (call("comment", inner=("hidden",)), ""),
        (
            call("details", inner=("*in* [b](b.md)",), named={"summary": "More", "open": True}),
            '<details open><summary>More</summary><p><em>in</em> <a href="/blog/posts/b/">b</a></p></details>',
        ),
        (
            call("gist", "somebody", "abc123"),
            '<p class="embed embed-gist"><a href="https://gist.github.com/somebody/abc123">Gist somebody/abc123</a></p>',
        ),
        (
            call("tweet", named={"user": "somebody", "id": 12}),
            '<p class="embed embed-x"><a href="https://x.com/somebody/status/12">Post by @somebody on X</a></p>',
        ),
        (
            call("x", 12),
            '<p class="embed embed-x"><a href="https://x.com/i/status/12">Post on X</a></p>',
        ),
        (
            call("instagram", "abc"),
            '<p class="embed embed-instagram"><a href="https://www.instagram.com/p/abc/">Post on Instagram</a></p>',
        ),
    ],
)
def test_built_in_shortcodes(expand: Expand, shortcode: ShortcodeCall, html: str) -> None:
    """Each gives Hugo's HTML, or a plain link where Hugo would load a script from elsewhere."""
    assert expand(shortcode).replace("\n", "") == html


@pytest.mark.parametrize("name", ["youtube", "vimeo", "x", "instagram", "gist"])
def test_what_is_elsewhere_needs_no_script_on_the_page(expand: Expand, name: str) -> None:
    """A frame or a link: nothing of another site runs in the page itself."""
    html = expand(call(name, "abc", "def"))

    assert "<script" not in html
    assert "<iframe" in html or "<a href" in html


def test_highlight_takes_hugo_options(expand: Expand) -> None:
    """The code is taken out of its indentation; lines are numbered and marked."""
    html = expand(
        call("highlight", "python", "linenos=inline,hl_lines=1 3-4,linenostart=8", inner=("\n  a\n  b\n",))
    )

    assert 'class="language-python"' in html
    assert '<span class="ln">8' in html
    assert html.count("line hl") == 1


def test_highlight_in_a_sentence(expand: Expand) -> None:
    """`hl_inline` gives one code element."""
    html = expand(call("highlight", "python", "hl_inline=true", inner=("x = 1",)))

    assert html.startswith('<code class="code-inline language-python">')
    assert "<pre" not in html


def test_a_code_with_tildes_stays_in_its_block(expand: Expand) -> None:
    """Whatever the code holds, it is code."""
    html = expand(call("highlight", "text", inner=("~~~\n# no heading\n~~~~\n",)))

    assert "<h1" not in html
    assert "~~~~" in html


@pytest.mark.parametrize(
    ("is_enhanced", "host"), [(False, "www.youtube.com"), (True, "www.youtube-nocookie.com")]
)
def test_videos_come_from_the_host_that_is_configured(
    config: Config, index: SiteIndex, is_enhanced: bool, host: str
) -> None:
    """`privacy.youtube.privacyEnhanced`, as in Hugo."""
    private = replace(config, youtube_privacy_enhanced=is_enhanced)

    html = TemplateShortcodes(Templates(private), index, private)(call("youtube", "abc"), PAGE).text

    assert f'src="https://{host}/embed/abc?' in html


@pytest.mark.parametrize("is_markdown", [False, True])
def test_a_reference_to_no_page_may_be_a_warning(config: Config, index: SiteIndex, is_markdown: bool) -> None:
    """Then the site's own URL for it is used, and the place is told."""
    lenient = replace(config, ref_links_error_level="warning", ref_links_not_found_url="/gone/")
    shortcodes = TemplateShortcodes(Templates(lenient), index, lenient)

    expansion = shortcodes(call("relref", "nope.md", is_markdown=is_markdown), PAGE)

    assert expansion.text.strip() == "/gone/"
    assert [(found.severity, found.location) for found in expansion.diagnostics] == [("warning", HERE)]


def test_a_stub_of_an_import_says_that_it_is_one(
    shortcodes: Callable[[], TemplateShortcodes], write_template: Callable[[str, str], None]
) -> None:
    """The message stands on the page with the inner text behind it, and the call is an error."""
    write_template("shortcodes/box.html", "{{ untranslated() }}{% if inner %}{{ inner }}{% endif %}")

    expansion = shortcodes()(call("box", inner=("text",)), PAGE)

    assert expansion.text.endswith("the shortcode `box` is not translated yet</span>text")
    assert [(found.code, found.location) for found in expansion.diagnostics] == [("SG206", HERE)]


@pytest.mark.parametrize("name", ["Figure", "PARAM"])
def test_the_case_of_a_name_does_not_count(shortcodes: Callable[[], TemplateShortcodes], name: str) -> None:
    """As in Hugo; the template sees the name as it was written."""
    made = shortcodes()

    assert made.uses_inner(name) is False
    assert made.uses_inner(f"{name}/") is None


def test_a_qr_code_is_published_once(shortcodes: Callable[[], TemplateShortcodes]) -> None:
    """Two calls for one text are one picture, below the folder that they name; its 25 modules stand in a margin of 4."""
    made = shortcodes()
    named = {"text": "https://example.org", "scale": 2, "targetDir": "codes", "alt": "Here"}

    first, second = (made(call("qr", named=named), PAGE) for _ in range(2))

    ((path, picture),) = first.files.items()
    assert first == second
    assert isinstance(picture, bytes)
    assert picture.startswith(b"\x89PNG")
    assert path.parts[0] == "codes"
    assert first.text.strip() == f'<img src="/blog/{path}" width="66" height="66" alt="Here">'


def test_a_picture_of_assets_is_published(
    config: Config, shortcodes: Callable[[], TemplateShortcodes]
) -> None:
    """As in Hugo, `figure` finds it where neither the bundle nor the site has a file of that name."""
    (config.root / "assets/img").mkdir(parents=True)
    (config.root / "assets/img/a.png").write_bytes(b"png")
    file = config.root / "assets/img/a.png"

    expansion = shortcodes()(call("figure", named={"src": "img/a.png"}), PAGE)

    assert '<img src="/blog/img/a.png">' in expansion.text
    assert expansion.files == {PurePosixPath("img/a.png"): file}


def test_a_site_s_own_shortcode_sees_its_call(
    expand: Expand, write_template: Callable[[str, str], None]
) -> None:
    """A template of the site stands before the theme's and reads arguments, inner text, page and parent."""
    write_template("shortcodes/outer.html", "<ul>{{ inner }}</ul>")
    write_template(
        "shortcodes/item.html",
        "<li>{{ ordinal }} {{ name }} {{ get('a') }} {{ get('b', 'none') }} {{ page.title }} {{ parent.name }} "
        "{{ parent.get(0) }} {{ is_named }} {{ position }} {{ params.a }}</li>",
    )
    nested = replace(call("item", named={"a": "<1>"}), ordinal=2)

    html = expand(call("outer", "x", inner=("\n", nested)))

    assert html == (
        "<ul>\n<li>2 item &lt;1&gt; none A outer x True content/posts/a.md:7:3 &lt;1&gt;</li></ul>"
    )


def test_whether_inner_is_read_is_in_the_template(
    shortcodes: Callable[[], TemplateShortcodes], write_template: Callable[[str, str], None]
) -> None:
    """The parser asks it to know which shortcodes are closed."""
    write_template("shortcodes/box.html", "{% if inner %}{{ inner }}{% endif %}")
    write_template("shortcodes/line.html", "{{ get(0) }} {# inner #}")

    made = shortcodes()

    names = ["box", "line", "highlight", "figure", "comment", "metric", "nope"]
    assert [made.uses_inner(name) for name in names] == [True, False, True, False, True, False, None]


def test_an_unknown_shortcode_names_the_near_match(expand: Expand) -> None:
    """The message is at the call and says what to do."""
    found = failure(expand, call("figre")).diagnostic

    assert (found.code, found.location, found.hint) == ("SG202", HERE, "did you mean `figure`?")


def test_a_misspelt_argument_is_told(
    shortcodes: Callable[[], TemplateShortcodes], write_template: Callable[[str, str], None]
) -> None:
    """One near a name that the template asks for; others, and those of a template that hands its arguments on, are free."""
    write_template("shortcodes/free.html", "{{ params }}{{ get('caption') }}")
    expanded = shortcodes()
    src = {"src": "cat.png"}

    told = expanded(call("figure", named={**src, "captoin": "A cat", "zoom": "x"}), PAGE).diagnostics

    assert [(each.code, each.severity, each.location) for each in told] == [("SG227", "warning", HERE)]
    assert told[0].message == "`figure` does not ask for `captoin`, so it has no effect"
    assert told[0].hint == "did you mean `caption`?"
    assert expanded(call("figure", named={**src, "caption": "A cat"}), PAGE).diagnostics == ()
    assert expanded(call("free", named={"captoin": "A cat"}), PAGE).diagnostics == ()


def test_a_template_that_fails_names_its_line(
    expand: Expand, write_template: Callable[[str, str], None]
) -> None:
    """The call's place is the location, the template's line is related."""
    write_template("shortcodes/bad.html", "fine\n{{ 1 // get(0) }}\n")

    found = failure(expand, call("bad", 0)).diagnostic

    assert (found.code, found.location) == ("SG203", HERE)
    assert [str(place) for place in found.related] == ["templates/shortcodes/bad.html:2"]
    assert "ZeroDivisionError" in found.message


@pytest.mark.parametrize(
    ("page", "hint"),
    [(PAGE, "did you mean `colour`?"), (PageKey("/posts/b"), "set `color` in the front matter")],
)
def test_missing_parameter_is_hinted(
    shortcodes: Callable[[], TemplateShortcodes], page: PageKey, hint: str
) -> None:
    """The near match, or what to do where neither the page nor the site has any parameter."""
    with pytest.raises(ContentError) as caught:
        shortcodes()(call("param", "color"), page)

    assert caught.value.diagnostic.hint == hint


@pytest.mark.parametrize(
    ("shortcode", "code", "message"),
    [
        (call("figure"), "SG203", "`figure` needs `src`"),
        (call("param", "nope"), "SG203", "no parameter `nope` in the page or the site"),
        (call("ref", "nope.md"), "SG204", "`ref` names a page that does not exist: `nope.md`"),
        (call("metric", "a"), "SG203", "`metric` is known only after the run"),
        (call("qr"), "SG203", "`qr` needs a text"),
        (call("qr", named={"text": "a", "level": "best"}), "SG203", "`best` is no level of `qr`"),
        (
            call("qr", named={"text": "a", "scale": 1}),
            "SG203",
            "`scale` of `qr` must be a whole number from 2 to 100",
        ),
        (
            call("qr", named={"text": "a" * 3000}),
            "SG203",
            "`qr`: 3000 bytes are too much for a QR code of level `medium`",
        ),
        (call("ref", named={"path": "b", "outputFormat": "pdf"}), "SG203", "no output format `pdf`"),
    ],
)
def test_wrong_calls_are_told(expand: Expand, shortcode: ShortcodeCall, code: str, message: str) -> None:
    """What a call lacks is said in words."""
    found = failure(expand, shortcode).diagnostic

    assert (found.code, found.message) == (code, message)


def test_the_built_in_names_are_those_that_there_are(shortcodes: Callable[[], TemplateShortcodes]) -> None:
    """Each name can be called without a template of the site, and the theme has no other."""
    folder = Path(str(files("sitegen"))) / "theme/templates/shortcodes"
    of_theme = {file.relative_to(folder).with_suffix("").as_posix() for file in folder.rglob("[!_]*.html")}

    assert {name for name in BUILT_IN if shortcodes().uses_inner(name) is None} == set()
    assert of_theme <= BUILT_IN
