"""What is said of settings that cannot be honoured in full, and what is not said."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from sitegen.config import Config

LoadSite = Callable[..., Config]
Warnings = Callable[[Mapping[str, str]], list[str]]


def test_other_languages_are_named_once(load_site: LoadSite, warnings_of: Warnings) -> None:
    """One warning for all of them, with the line of the first; those that are disabled are none."""
    files = {
        "hugo.toml": 'disableLanguages = ["no"]\n[languages.fr]\nweight = 2\n[languages.en]\nweight = 1\n'
        "[languages.no]\n[languages.de]\n[languages.it]\ndisabled = true\n"
    }

    assert warnings_of(files) == ["hugo.toml:2:1 SG121 only the language `en` is built; left out: `fr`, `de`"]
    config = load_site(files)
    assert (config.default_language, config.other_languages) == ("en", ("fr", "de", "it", "no"))


def test_a_language_without_words_is_told(load_site: LoadSite, warnings_of: Warnings) -> None:
    """At the line of `locale`, with the file to write; not where the site has said a word in it."""
    settings = {"sitegen.toml": 'title = "t"\nlocale = "pt-BR"\n'}

    (told,) = load_site(settings).diagnostics
    with_own = load_site(settings | {"templates/strings/pt.toml": '[page]\nskip = "Ir para o conteúdo"\n'})

    assert (told.code, told.severity) == ("SG106", "warning")
    assert told.location is not None
    assert (str(told.location.path), told.location.line) == ("sitegen.toml", 2)
    assert "templates/strings/pt.toml" in (told.hint or "")
    assert with_own.diagnostics == ()
    assert with_own.words("page.skip") == "Ir para o conteúdo"
    assert with_own.words("page.home") == "Home"


def test_variable_chooses_the_language(load_site: LoadSite) -> None:
    """Another language is built without a change of the files."""
    text = 'title = "t"\ndefaultContentLanguage = "en"\n[languages.en]\n[languages.fr]\ntitle = "f"\n'

    config = load_site({"hugo.toml": text}, environ={"SITEGEN_DEFAULTCONTENTLANGUAGE": "fr"})

    assert (config.default_language, config.title, config.language) == ("fr", "f", "fr")


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("", "en"),
        ('defaultContentLanguage = "de"', "de"),
        ('locale = "de-at"\ndefaultContentLanguage = "de"', "de-at"),
        ('languageCode = "en-us"\n[languages.fr]\nlanguageCode = "fr-ca"', "fr-ca"),
        ("[languages.fr]", "fr"),
        ('languageCode = "en-us"\n[languages.en]\n[languages.fr]', "en"),
        ('locale = "x"\n[languages.en]\nlocale = "en-gb"', "en-gb"),
    ],
)
def test_language_of_the_pages(load_site: LoadSite, text: str, tag: str) -> None:
    """The default language's own tag, else the site's where it has one language, else the key."""
    assert load_site({"hugo.toml": text + "\n"}).language == tag


def test_mounts_of_whole_folders(load_site: LoadSite, warnings_of: Warnings) -> None:
    """One folder is the content, any are static; a mount into a part is told, of another language's nothing."""
    mounts = (
        ("content/en", "content", "en"),
        ("content/fr", "content", "fr"),
        ("spec", "content/docs/spec", ""),
        ("a", "static", ""),
        ("b", "/static/", ""),
        ("fonts", "static/fonts", ""),
        ("x", "assets/x", ""),
    )
    text = "".join(
        f'[[module.mounts]]\nsource = "{source}"\ntarget = "{target}"\nlang = "{language}"\ndisableWatch = true\n'
        for source, target, language in mounts
    )
    text += '[[module.mounts]]\nsource = "n"\ntarget = "static/n"\nsites = {matrix = {languages = ["fr", "de"]}}\n'
    files = {"hugo.toml": text, "content/en/a.md": ""}

    assert warnings_of(files) == [
        "hugo.toml:13:10 SG104 the mount of `spec` at `content/docs/spec` is left out",
        "hugo.toml:28:10 SG104 the mount of `fonts` at `static/fonts` is left out",
    ]
    config = load_site(files)
    assert config.content_dir == config.root / "content/en"
    assert config.static_dirs == (config.root / "a", config.root / "b")


@pytest.mark.parametrize(
    ("text", "expected", "field", "value"),
    [
        ('baseURL = "example.org/x"', "`baseURL`: `example.org/x` is not a URL", "base_url", "example.org/x/"),
        ('baseURL = "https://e.org/?a#b"', "`baseURL`: `https://e.org/?a#b` has a query, a fragment or a space", "base_url", "https://e.org/"),
        ('ignoreFiles = ["a$", "\\\\z"]', "`ignoreFiles[1]`: `\\z` is no regular expression: bad escape \\z at position 0", "ignore_files", ("a$",)),
        ('titleCaseStyle = "weird"', "`titleCaseStyle`: `weird` is none of its values", "title_case_style", "ap"),
        ('refLinksErrorLevel = "ignore"', "`refLinksErrorLevel`: `ignore` is none of its values", "ref_links_error_level", "error"),
        ('[outputFormats.RSS]\nbaseName = "../x"', "`outputFormats.RSS.baseName`: `../x` is no name of a file", "feed_names", {}),
    ],
)  # fmt: skip
def test_what_hugo_takes_is_a_warning(
    load_site: LoadSite, text: str, expected: str, field: str, value: object
) -> None:
    """A value that Hugo reads in its own way does not end the build."""
    config = load_site({"hugo.toml": text + "\n"})

    (found,) = config.diagnostics
    assert (found.severity, found.message) == ("warning", expected)
    assert getattr(config, field) == value


def test_what_nothing_depends_on_is_not_told(warnings_of: Warnings) -> None:
    """Settings of a build, of Go templates, and those that Hugo no longer reads."""
    assert (
        warnings_of(
            {
                "hugo.toml": 'googleAnalytics = ""\ncanonifyURLs = false\nmarkup.highlight.noHl = false\ntimeout = "30s"\nlanguageName = "E"\nlayoutDir = "l"\nminify = true\npreserveTaxonomyNames = true\n'
                "pygmentsUseClasses = true\n[blackfriday]\na = 1\n[markup.blackFriday]\nb = 1\n[caches.images]\nmaxAge = -1\n"
                '[privacy.youtube]\nprivacyEnhanced = true\n[module.hugoVersion]\nmin = "0.1"\n[services.x]\ndisableInlineCSS = true\n'
                '[author]\nname = "A"\nhomepage = "h"\n[build.buildStats]\nenable = true\n',
            }
        )
        == []
    )


def test_one_mount_as_a_table(load_site: LoadSite) -> None:
    """One table stands for a list of one, as everywhere in Hugo's files; an empty one mounts nothing."""
    config = load_site(
        {"hugo.toml": '[module.mounts]\nsource = "texts"\ntarget = "content"\n', "texts/a.md": ""}
    )
    empty = load_site({"hugo.toml": "[module.mounts]\n"})

    assert config.content_dir.name == "texts"
    assert empty.content_dir.name == "content"
