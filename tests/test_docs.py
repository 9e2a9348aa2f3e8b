"""The documentation says what the program does."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from jinja2 import Environment

from sitegen.cli.main import main
from sitegen.config import Config
from sitegen.content.execute_options import CellOptions, PageExecution
from sitegen.errors import CODES
from sitegen.rendering.lists.groups import PageGroup
from sitegen.rendering.lists.pagination import Pager, Paginator
from sitegen.rendering.machines.enclosures import Enclosure
from sitegen.rendering.results.badges import DriftView, ProvenanceView
from sitegen.rendering.results.benchmarks import BenchmarkDevice, BenchmarkPage
from sitegen.rendering.results.history import PointView, RunView
from sitegen.rendering.results.metric_views import MetricView
from sitegen.rendering.templating.shortcode_tools import ShortcodeTools
from sitegen.rendering.templating.shortcodes import ShortcodeView
from sitegen.rendering.templating.templates import Templates
from sitegen.rendering.values import TocEntry
from sitegen.rendering.views.belongings import Belongings
from sitegen.rendering.views.listing import Listing
from sitegen.rendering.views.page_results import ShownResults
from sitegen.rendering.views.page_view import PageView
from sitegen.rendering.views.parts import ConfigView, FeedLink, MenuEntryView, ResourceView
from sitegen.rendering.views.site_view import SiteView
from sitegen.rendering.views.standing import Standing

INTERNAL = {"cell_defaults", "kernel_language"}


def test_every_error_code_has_a_paragraph(repository: Path) -> None:
    """`docs/errors.md` has a heading for each code, with the code's meaning, and no other."""
    text = (repository / "docs/errors.md").read_text("utf-8")
    documented = dict(re.findall(r"^### (SG\d{3}): (.+)$", text, flags=re.MULTILINE))
    assert documented == CODES


def test_every_option_is_documented(repository: Path) -> None:
    """`docs/cells.md` names every option of cells and of pages, as an author writes it."""
    text = (repository / "docs/cells.md").read_text("utf-8")
    names = {field.name for value in (CellOptions, PageExecution) for field in fields(value)} - INTERNAL
    written = {re.sub(r"_(s|bytes)$", "", name).replace("_", "-") for name in names}
    assert {name for name in written if f"`{name}`" not in text} == set()


def test_readme_names_no_other_distribution(repository: Path) -> None:
    """Nothing tells anybody to install the other project's package."""
    folders = ("sitegen", "docs", "README.md", ".github", "content")
    files = [
        file
        for folder in folders
        for file in (
            [repository / folder] if (repository / folder).is_file() else (repository / folder).rglob("*")
        )
        if file.is_file() and file.suffix in {".py", ".md", ".yml", ".yaml", ".toml", ".html"}
    ]
    wrong = [
        str(file)
        for file in files
        if re.search(r"pip install (-U |--upgrade )?[\"']?sitegen(?!-ml)\b", file.read_text("utf-8"))
    ]
    assert wrong == []


def test_every_command_and_flag_is_documented(repository: Path) -> None:
    """`docs/commands.md` has a heading for each command and names each flag that it takes."""
    sections = re.split(r"^## ", (repository / "docs/commands.md").read_text("utf-8"), flags=re.MULTILINE)
    by_title = {section.partition("\n")[0]: section for section in sections}
    shared = by_title["Flags that several commands share"]
    commands = _commands()

    missing = [
        f"{name} {flag}"
        for name, flags in commands.items()
        for flag in flags
        if f"`{flag}`" not in by_title[name.partition(" ")[0]] + shared
    ]

    assert {name.partition(" ")[0] for name in commands} == set(by_title) - {
        sections[0].partition("\n")[0],
        "Flags that several commands share",
    }
    parts = [name for name in commands if " " in name]
    assert [name for name in parts if f"`{name}" not in by_title[name.partition(" ")[0]]] == []
    assert missing == []


def test_no_flag_is_documented_that_does_not_exist(repository: Path) -> None:
    """Each `--flag` of `docs/commands.md` is one of a command, or of `sitegen` itself."""
    text = (repository / "docs/commands.md").read_text("utf-8")
    known = {flag for flags in _commands().values() for flag in flags} | {"--help", "--version"}

    assert set(re.findall(r"--[a-z][\w-]*", text, flags=re.IGNORECASE)) - known == set()


def _commands() -> dict[str, tuple[str, ...]]:
    """Every command, `new site` too, with its flags; those that take neither nor are help."""
    context = click.Context(main)
    found: dict[str, tuple[str, ...]] = {}
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        parts = (
            {f"{name} {part}": sub for part, sub in command.commands.items()}
            if isinstance(command, click.Group)
            else {name: command}
        )
        for title, part in parts.items():
            found[title] = tuple(
                flag
                for parameter in part.params
                if isinstance(parameter, click.Option)
                for flag in (*parameter.opts, *parameter.secondary_opts)
            )
    return found


TEMPLATE_VALUES: dict[str, tuple[type, ...]] = {
    "page": (
        *(
            PageView,
            Standing,
            Listing,
            Belongings,
            ShownResults,
            Enclosure,
            PageGroup,
            ProvenanceView,
            DriftView,
            MetricView,
            RunView,
            PointView,
        ),
        *(ResourceView, FeedLink, Paginator, Pager, TocEntry),
    ),
    "site": (SiteView, MenuEntryView, BenchmarkDevice, BenchmarkPage),
    "config": (ConfigView,),
}
NOT_FOR_TEMPLATES = {
    *("INNER", *SiteView.INNER, *PageView.INNER),
    *(
        "index",
        "ledger",
        "lists",
        "recorder",
        "settings",
        "summaries",
        "feed_texts",
        "feed_items",
    ),  # of SiteView
    *("static_file", "enclosure_problems"),  # for the build
}


@pytest.mark.parametrize("variable", TEMPLATE_VALUES)
def test_every_variable_of_templates_is_documented(repository: Path, variable: str) -> None:
    """`docs/theme.md` names each attribute of `page`, `site` and `config`, and of what they give."""
    text = (repository / "docs/theme.md").read_text("utf-8")
    section = text.partition(f"\n### {variable}\n")[2]
    section = re.split(r"^##", section, flags=re.MULTILINE)[0]
    names = {name for value in TEMPLATE_VALUES[variable] for name in vars(value) if not name.startswith("_")}
    names |= {
        field.name for value in TEMPLATE_VALUES[variable] if is_dataclass(value) for field in fields(value)
    }

    assert {name for name in names - NOT_FOR_TEMPLATES if not re.search(rf"`{name}[`(]", section)} == set()


def test_every_filter_and_function_of_templates_is_documented(repository: Path, tmp_path: Path) -> None:
    """`docs/theme.md` names what sitegen adds to Jinja, and nothing that it does not."""
    text = (repository / "docs/theme.md").read_text("utf-8")
    section = text.partition("\n## Functions and filters\n")[2].partition("\n## ")[0]
    config = Config(root=tmp_path, now=datetime(2026, 11, 20, tzinfo=UTC), base_url="/")
    ours, jinja = Templates(config).environment, Environment(autoescape=True)
    added = {*ours.filters, *ours.globals} - {*jinja.filters, *jinja.globals}

    documented = set(re.findall(r"^\| `(\w+)", section, flags=re.MULTILINE)) - {"name"}
    assert documented == added


def test_every_template_block_is_documented(repository: Path) -> None:
    """`docs/theme.md` lists the blocks of each of the theme's page templates."""
    text = (repository / "docs/theme.md").read_text("utf-8")
    folder = repository / "sitegen/theme/templates"
    blocks = {
        block
        for file in (
            *folder.glob("*.html"),
            *folder.glob("projects/*.html"),
            *folder.glob("benchmarks/*.html"),
        )
        for block in re.findall(r"{% block (\w+) %}", file.read_text("utf-8"))
    }
    assert {block for block in blocks if f"`{block}`" not in text} == set()


def test_every_shortcode_is_documented(repository: Path) -> None:
    """`docs/theme.md` lists the theme's shortcodes, and what their templates can call."""
    text = (repository / "docs/theme.md").read_text("utf-8")
    section = text.partition("\n## Shortcodes\n")[2].partition("\n## ")[0]
    files = (repository / "sitegen/theme/templates/shortcodes").glob("[!_]*.html")
    tools = {name for name in vars(ShortcodeTools) if not name.startswith("_")}
    view = {name for name in vars(ShortcodeView) if not name.startswith("_")} - {"call"}

    names = {file.stem for file in files} | tools | view
    assert {name for name in names if not re.search(rf"`{name}[`(]", section)} == set()


def test_examples_of_the_theme_page_work(
    repository: Path, write_site: Callable[[dict[str, str]], Path]
) -> None:
    """The templates that `docs/theme.md` shows do what it says of them."""
    text = (repository / "docs/theme.md").read_text("utf-8")
    page, style, setting = re.findall(
        r"^```(?:jinja|css|toml)\n(.*?)^```",
        text.partition("\n## Which template")[0],
        flags=re.MULTILINE | re.DOTALL,
    )
    root = write_site(
        {
            "sitegen.toml": '[author]\nname = "Your Name"\nemail = "you@example.org"\n' + setting,
            "content/a.md": "# A page\n\nText.\n",
            "templates/page.html": page,
            "templates/assets/mine.css": style,
        }
    )

    done = CliRunner().invoke(main, ["build", "-s", str(root), "--strict", "--no-execute"])

    html = (root / "public/a/index.html").read_text("utf-8")
    assert done.exit_code == 0
    assert 'href="mailto:you@example.org"' in html
    assert re.search(r'<link rel="stylesheet" href="/assets/mine\.[0-9a-f]{8}\.css">', html)
    assert "Skip to content" in html


def test_architecture_is_of_the_modules_that_are_there(repository: Path) -> None:
    """`docs/architecture.md` names no module that is gone, and each one that runs pages or keeps their results."""
    text = (repository / "docs/architecture.md").read_text("utf-8")
    named = set(re.findall(r"`(?:\w+/)*(\w+\.py)`", text))
    package = repository / "sitegen"
    assert named <= {file.name for file in package.rglob("*.py")}
    to_name = {
        file.name for folder in ("execution", "results") for file in (package / folder).glob("[!_]*.py")
    }
    assert to_name <= named
