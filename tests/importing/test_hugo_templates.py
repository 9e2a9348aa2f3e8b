"""Go templates of shortcodes in Jinja: what is simple means the same, beside the real Hugo; what is not is left alone."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment

from sitegen.cli.main import main
from sitegen.importing.hugo_templates import parameters, reads_inner, translate

SIMPLE: Mapping[str, tuple[str, str]] = {
    "plain": ("<b>bold</b>", "{{< plain >}}"),
    "first": ("<i>{{ .Get 0 }}</i>", '{{< first "a <b> & c" >}}'),
    "named": ('<i class="{{ .Get "class" }}">{{ .Get "text" }}</i>', '{{< named class="x y" text="t" >}}'),
    "absent": (
        '<i>{{ .Get "none" }}|{{ with .Get "none" }}yes{{ else }}no{{ end }}</i>',
        '{{< absent a="1" >}}',
    ),
    "inner": ("<div>{{ .Inner }}</div>", "{{< inner >}}<u>raw</u> *in*{{< /inner >}}"),
    "marked": ("<div>{{ .Inner | markdownify }}</div>", "{{< marked >}}*in* `x`{{< /marked >}}"),
    "rendered": ("<div>{{ .Inner | .Page.RenderString }}</div>", "{{< rendered >}}*in*{{< /rendered >}}"),
    "blocks": (
        '<div>{{ .Page.RenderString (dict "display" "block") .Inner }}</div>',
        "{{< blocks >}}\none\n\n- two\n{{< /blocks >}}",
    ),
    "notice": (
        (
            '{{ $kind := .Get 0 | default "info" }}<aside class="notice {{ $kind }}">'
            '{{- if eq $kind "warning" }}<b>!</b>{{ else if eq $kind "tip" }}<b>?</b>{{ else }}<b>i</b>{{ end -}}'
            " {{ .Inner | safeHTML }}</aside>"
        ),
        '{{< notice warning >}}a{{< /notice >}} {{< notice >}}b{{< /notice >}} {{< notice "tip" >}}c{{< /notice >}}',
    ),
    "with-dot": (
        '{{- with .Get "link" -}}<a href="{{ . }}">{{ $.Get "text" }}</a>{{- end -}}',
        '{{< with-dot link="https://example.org/?a=1" text="T" >}}',
    ),
    "functions": (
        (
            '{{ printf "%s-%d" (.Get 0) .Ordinal }} {{ upper (.Get 0) }} {{ .Get 1 | lower }} {{ trim (.Get 1) "B" }} {{ add 1 2 }}'
            ' {{ cond (gt 2 1) "yes" "no" }} {{ replace (.Get 0) "a" "o" }}'
        ),
        "{{< functions aha Bob >}}",
    ),
    "logic": (
        (
            '{{ if and (.Get "a") (not (.Get "b")) }}1{{ end }}{{ if or (.Get "b") (.Get "a") }}2{{ end }}'
            '{{ if isset .Params "a" }}3{{ end }}{{ if .IsNamedParams }}4{{ end }}{{ if ne (.Get "a") 5 }}5{{ end }}'
        ),
        "{{< logic a=5 >}}",
    ),
    "fields": (
        "{{ .Page.Title }} {{ .Page.RelPermalink }} {{ .Site.Title }} {{ site.Params.colour }} {{ .Page.Params.key }} {{ .Name }}",
        "{{< fields >}}",
    ),
    "outer": ("<ul>{{ .Inner }}</ul>", '{{< outer x >}}{{< item "1" >}}{{< item "2" >}}{{< /outer >}}'),
    "item": ("<li>{{ .Get 0 }} {{ .Parent.Name }} {{ .Parent.Get 0 }} {{ .Ordinal }}</li>", ""),
    "commented": ("{{/* what it is {# not ours #} */}}<b>{{- /* and */ -}} x</b>", "{{< commented >}}"),
    "braces": ("<style>a{#b}</style><b>{{ `{{ raw }}` }}</b>", "{{< braces >}}"),
    "numbered": ("{{ $n := 3 }}{{ if lt $n 4 }}less{{ end }}{{ $n = 5 }} {{ $n }}", "{{< numbered >}}"),
    "reference": (
        '<a href="{{ relref . (.Get 0) }}">{{ index .Params 1 }}</a>',
        '{{< reference "b.md" "B" >}}',
    ),
    "addressed": (
        '<a href="{{ .Get 0 | relURL }}">{{ absURL (.Get 1) }}</a>{{ "https://example.com/x" | relURL }}',
        '{{< addressed "/a/b.png" "c/d.png" >}}',
    ),
    "alerted": (
        (
            '{{ $color := .Get "color" | default "primary" -}}\n<div class="alert alert-{{ $color }}">\n'
            '{{ with .Get "title" -}}\n  <h4>\n    {{- . | safeHTML -}}\n  </h4>\n{{ end -}}\n'
            "{{/* the blank line ends the HTML block */}}\n{{ .Inner }}\n</div>\n"
        ),
        '{{% alerted title="A <i>title</i>" %}}\n*Markdown* with a list:\n\n- one\n{{% /alerted %}}',
    ),
    "lined": (
        "<div>\n{{ if .Get 0 }}\n*one*\n{{ end }}\n{{/* a line */}}\n*two*\n</div>\n",
        "{{% lined 1 %}}\n*Markdown* behind a line end\n\n{{% lined %}}\n*again*",
    ),
    "warned": (
        '{{ if .Get "summary" }}{{ else }}{{ warnf "no summary: %s" .Position }}{{ end }}<b>{{ .Get "summary" }}</b>',
        '{{< warned summary="x" >}}{{< warned >}}',
    ),
    "asked": (
        '{{ if eq (getenv "HUGO_NOT_THERE") "true" }}{{ .Page.RelPermalink }}{{ else }}{{ .Page.Permalink }}{{ end }}',
        "{{< asked >}}",
    ),
    "sized": ('<img src="/a.png" style="width: {{ .Get "width" }}px">', "{{< sized width=12 >}}"),
}
"""Name to Go template and calls."""


def _normal(html: str) -> str:
    text = re.sub(r"\s*(</?[^<>]+>)\s*", r"\1", re.sub(r"\s+", " ", html)).strip()
    for entity, character in (("&#34;", '"'), ("&#39;", "'"), ("&quot;", '"'), ("&#x27;", "'")):
        text = text.replace(entity, character)
    return text


def _files() -> dict[str, str]:
    text = "".join(f'<hr data-case="{name}">\n\n{calls}\n\n' for name, (_, calls) in SIMPLE.items())
    return {
        "hugo.toml": (
            "baseURL = 'https://example.org/'\ntitle = 'Site'\n[params]\ncolour = 'red'\n"
            "[markup.goldmark.renderer]\nunsafe = true\n"
        ),
        "content/a.md": f"---\ntitle: A page\nkey: value\n---\n{text}",
        "content/b.md": "---\ntitle: B\n---\n",
        "layouts/page.html": "<main>{{ .Content }}</main>",
        "layouts/home.html": "",
        **{f"layouts/_shortcodes/{name}.html": template for name, (template, _) in SIMPLE.items()},
    }


def test_simple_templates_give_what_hugo_gives(
    tmp_path: Path, write_files: Callable[[Path, Mapping[str, str | bytes]], Path]
) -> None:
    """Imported and built, each call has the HTML of the Go template."""
    hugo = shutil.which("hugo", path=str(Path(sys.executable).parent)) or shutil.which("hugo")
    if hugo is None:
        pytest.skip("hugo is not installed (it is part of the `dev` extra)")
    source = write_files(tmp_path / "old", _files())
    subprocess.run([hugo, "--quiet", "-d", "../hugo"], cwd=source, check=True, capture_output=True)
    imported = CliRunner().invoke(main, ["import", "hugo", str(source), str(tmp_path / "new")])
    assert imported.exit_code == 0, imported.output
    # Only the page's body is compared: a template of one line shows it.
    (tmp_path / "new/templates/page.html").write_text("<main>{{ page.content }}</main>", encoding="utf-8")
    built = CliRunner().invoke(main, ["build", "-s", str(tmp_path / "new"), "--no-execute"])
    assert built.exit_code == 0, built.output

    pages = (tmp_path / "hugo/a/index.html", tmp_path / "new/public/a/index.html")
    hugos, ours = (page.read_text(encoding="utf-8").split("<hr data-case=") for page in pages)

    different = [
        (_normal(our), _normal(hugos_own))
        for our, hugos_own in zip(ours, hugos, strict=True)
        if _normal(our) != _normal(hugos_own)
    ]
    assert different == []


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{{ range .Params }}{{ . }}{{ end }}", "`range`"),
        ('{{ partial "x.html" . }}', "`.`"),
        ("<script>let a = {{ .Get 0 }}</script>", "a value inside a script, a style sheet or a handler"),
        ('<a onclick="f({{ .Get 0 }})">', "a value inside a script, a style sheet or a handler"),
        ('{{ with .Page.Resources.Get "a" }}{{ .Title }}{{ end }}', "`.Page.Resources.Get`"),
        ('{{ .Page.Date.Format "2006" }}', "`.Page.Date.Format`"),
        ("{{ if .Inner }}x", "a block that does not end"),
        ("{{ end }}", "`end` without a block"),
        ('{{ with .Get "a" }}{{ .Get "b" }}{{ end }}', "`.Get` where the dot is another value"),
        ("{{ .Get (", "an action that does not end"),
        ("{{ with 1 }}{{ else with 2 }}{{ end }}", "`else with`"),
        ("{{ (1 }}", "a parenthesis that does not end"),
        ("{{ 1 2 }}", "a value with arguments"),
    ],
)
def test_what_is_not_simple_is_said(template: str, reason: str) -> None:
    """The reason names the first thing that has no plain counterpart."""
    assert translate(template).jinja == ""
    assert translate(template).reason == reason


PIECES = (
    *(
        "{{",
        "}}",
        "{{-",
        "-}}",
        " ",
        ".Get",
        ".Inner",
        "0",
        '"a"',
        '"',
        "`",
        "(",
        ")",
        "|",
        "if",
        "with",
        "else",
        "end",
    ),
    *(
        "$x",
        ":=",
        "=",
        "{{/*",
        "*/}}",
        "{#",
        "#}",
        "{%",
        "<script>",
        "</script>",
        "\n",
        "text",
        ".",
        "printf",
        "'%s'",
    ),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30))
def test_any_text_is_translated_to_a_template_that_can_be_read_or_not_at_all(pieces: list[str]) -> None:
    """Whatever somebody's template holds, what is written is Jinja."""
    template = "".join(pieces)

    translation = translate(template)

    parameters(template)
    reads_inner(template)
    assert translation.reason or not template or Environment().parse(translation.jinja)


@pytest.mark.parametrize(
    ("piece", "reason"),
    [
        ('{{ "', "an action that does not end"),
        ("{{ `", "an action that does not end"),
        ('{{ "a" ', "an action that does not end"),
        ("{{", "an action that does not end"),
        ("<script>", ""),
        ("<b onclick=", ""),
        ('{{ .Get "a" }}', ""),
    ],
)
def test_a_long_template_comes_to_an_end(piece: str, reason: str) -> None:
    """Of 20,000 pieces that do not end, the first ends the reading; none is searched for through the rest."""
    assert translate(piece * 20_000).reason == reason


def test_a_stub_knows_arguments_and_whether_it_encloses() -> None:
    """As the Go template asks for them."""
    template = '{{ .Get "b" }}{{ with .Get 0 }}{{ . }}{{ end }}{{ .Params.c }}{{ .Get "b" }}{{ range .Inner }}{{ end }}'

    assert parameters(template) == ("b", "0", "c")
    assert reads_inner(template)
    assert not reads_inner("{{ .InnerX }} .Inner")


@pytest.mark.parametrize("text", ["{{ .Get" + "\t" * 200_000 + "% }}", "{{" + "\t" * 200_000])
def test_blanks_in_an_action_are_read_once(text: str) -> None:
    """However many there are: not from each of them to the end again."""
    assert translate(text).jinja == ""
