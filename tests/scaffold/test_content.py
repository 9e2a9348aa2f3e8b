"""New posts, pages and projects."""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sitegen.build.build import build
from sitegen.build.result import BuildOptions
from sitegen.config import Config, load_config
from sitegen.config.values import Author
from sitegen.errors import SiteError
from sitegen.execution.backends import LocalBackend
from sitegen.results.store import open_store
from sitegen.scaffold.content import new_content, place, slug_of
from sitegen.scaffold.kinds import KINDS


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """A site in Berlin."""
    return Config(
        root=tmp_path,
        content_dir=tmp_path / "content",
        now=datetime(2026, 11, 22, 10, 30, tzinfo=UTC),
        time_zone="Europe/Berlin",
        notebooks_dir=tmp_path / "notebooks",
        author=Author(name="Ada"),
    )


@pytest.mark.parametrize(
    ("kind", "name", "path", "title"),
    [
        ("post", "PPO from scratch", "posts/ppo-from-scratch/index.md", "PPO from scratch"),
        ("post", "posts/ppo.md", "posts/ppo.md", "Ppo"),
        ("post", "posts/deep-dives/ppo", "posts/deep-dives/ppo/index.md", "Ppo"),
        ("post", "TCP/IP in five minutes", "posts/tcp-ip-in-five-minutes/index.md", "TCP/IP in five minutes"),
        ("page", "About me", "about-me.md", "About me"),
        ("page", "about/index.md", "about/index.md", "About"),
        ("page", "docs/_index.md", "docs/_index.md", "Docs"),
        ("talk", "A talk", "talks/a-talk/index.md", "A talk"),
        ("slides", "A deck", "talks/a-deck/index.md", "A deck"),
        ("news", "It is out", "news/it-is-out.md", "It is out"),
        ("project", "Tiny GPT", "projects/tiny-gpt/index.md", "Tiny GPT"),
        ("notebook", "Some seeds", "some-seeds.ipynb", "Some seeds"),
        ("notebook", "posts/seeds.ipynb", "posts/seeds.ipynb", "Seeds"),
        ("notebook", "posts/seeds", "posts/seeds.ipynb", "Seeds"),
    ],
)
def test_name_says_path_and_title(kind: str, name: str, path: str, title: str) -> None:
    """A title is slugged into the section; a path is taken as it is."""
    page = place(KINDS[kind], name)

    assert (page.path.as_posix(), page.title) == (path, title)


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("What's new in Größe & Co.?", "whats-new-in-große-co"),
        ("  Attention — is all you need!  ", "attention-is-all-you-need"),
        ("café", "cafe"),
        ("強化学習", "強化学習"),
        ("がんばる 한국어", "がんばる-한국어"),
        ("C++ / CUDA_graphs", "c-cuda-graphs"),
        ("!!!", ""),
    ],
)
def test_slug_has_words_and_hyphens(title: str, slug: str) -> None:
    """Letters and digits of every script stay; accents on Latin letters go."""
    assert slug_of(title) == slug


@pytest.mark.parametrize("name", ["!!!", "../outside.md", "posts/../../x.md", "/"])
def test_name_that_is_no_path_is_refused(name: str) -> None:
    """Nothing is ever written outside the content folder."""
    with pytest.raises(SiteError) as caught:
        place(KINDS["page"], name)

    assert caught.value.diagnostic.code == "SG602"


@pytest.mark.usefixtures("own_starter")
def test_post_has_toml_front_matter_with_the_sites_time(config: Config) -> None:
    """The title is escaped for its quotes, the date has the zone of the site."""
    (file,) = new_content(config, KINDS["post"], 'Why "clip" \\ epsilon')

    front_matter = tomllib.loads(file.read_text(encoding="utf-8").strip().strip("+"))
    assert file == config.content_dir / "posts/why-clip-epsilon/index.md"
    assert front_matter["title"] == 'Why "clip" \\ epsilon'
    assert front_matter["date"].isoformat() == "2026-11-22T11:30:00+01:00"


@pytest.mark.usefixtures("own_starter")
@pytest.mark.parametrize("name", ["content/notes.md", "./content/notes.md", "notes.md"])
def test_path_may_start_at_the_content_folder(config: Config, name: str) -> None:
    """A path as the shell completes it means the same file."""
    assert new_content(config, KINDS["page"], name) == (config.content_dir / "notes.md",)


@pytest.mark.usefixtures("own_starter")
@pytest.mark.parametrize("existing", ["notes.md", "notes/index.md"])
def test_page_that_exists_is_never_overwritten(config: Config, existing: str) -> None:
    """Neither in the same form nor in the other form of the same page."""
    (config.content_dir / existing).parent.mkdir(parents=True)
    (config.content_dir / existing).write_text("mine", encoding="utf-8")

    with pytest.raises(SiteError) as caught:
        new_content(config, KINDS["page"], "Notes")

    assert caught.value.diagnostic.code == "SG601"
    assert (config.content_dir / existing).read_text(encoding="utf-8") == "mine"


def test_what_a_site_has_once_needs_no_name(config: Config) -> None:
    """It goes to its own place, with what it shows; a title is its title."""
    files = new_content(config, KINDS["cv"], None)
    titled = new_content(config, KINDS["archive"], 'All "posts"')

    assert [str(file.relative_to(config.content_dir)) for file in files] == ["cv/index.md", "cv/resume.json"]
    assert json.loads(files[1].read_text("utf-8"))["basics"]["name"] == "Ada"
    front_matter = tomllib.loads(titled[0].read_text("utf-8").strip().strip("+"))
    assert (front_matter["title"], front_matter["layout"]) == ('All "posts"', "archives")


def test_nothing_is_written_where_a_file_beside_the_page_exists(config: Config) -> None:
    """All of them or none; the same page spelt otherwise counts, too."""
    (config.content_dir / "cv").mkdir(parents=True)
    (config.content_dir / "cv/resume.json").write_text("mine")
    (config.content_dir / "publications.md").write_text("mine")

    for kind in ("cv", "publications"):
        with pytest.raises(SiteError) as caught:
            new_content(config, KINDS[kind], None)
        assert caught.value.diagnostic.code == "SG601"

    assert not (config.content_dir / "cv/index.md").exists()
    assert not (config.content_dir / "publications").exists()


def test_a_notebook_is_one(config: Config) -> None:
    """JSON whose first heading is the title, in the folder of notebooks unless a path says otherwise."""
    (file,) = new_content(config, KINDS["notebook"], 'A "seed"')

    assert file == config.root / "notebooks/a-seed.ipynb"
    cells = json.loads(file.read_text("utf-8"))["cells"]
    assert "".join(cells[0]["source"]).splitlines()[0] == '# A "seed"'


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("seeds.ipynb", "notebooks/seeds.ipynb"),
        ("notebooks/seeds.ipynb", "notebooks/seeds.ipynb"),
        ("notebooks/old/seeds", "notebooks/old/seeds.ipynb"),
        ("content/seeds.ipynb", "content/seeds.ipynb"),
        ("./content/posts/seeds.ipynb", "content/posts/seeds.ipynb"),
        ("posts/seeds.ipynb", "content/posts/seeds.ipynb"),
    ],
)
def test_a_path_says_the_folder_of_a_notebook(config: Config, name: str, path: str) -> None:
    """One that begins with neither folder is below `content/`, as of all kinds."""
    assert new_content(config, KINDS["notebook"], name) == (config.root / path,)


def test_a_page_of_content_is_no_twin_of_a_notebook(config: Config) -> None:
    """They have other addresses: `/seeds/` and `/notebooks/seeds/`."""
    (config.content_dir / "seeds").mkdir(parents=True)
    (config.content_dir / "seeds/index.md").write_text("mine")

    assert new_content(config, KINDS["notebook"], "Seeds") == (config.root / "notebooks/seeds.ipynb",)


def test_a_title_may_look_like_a_placeholder(config: Config) -> None:
    """It is written as it is given."""
    (file,) = new_content(config, KINDS["post"], "What {{ date }} is")

    assert 'title = "What {{ date }} is"' in file.read_text("utf-8")


def test_every_kind_builds_without_a_word(config: Config) -> None:
    """All kinds in one site, drafts too: what they are written with is what the theme reads."""
    for kind in KINDS.values():
        if kind.name != "notebook":  # its cell has not run
            new_content(config, kind, None if kind.path else f"My {kind.name}")
    (config.root / "sitegen.toml").write_text(
        'title = "Site"\n[taxonomies]\ntag = "tags"\nseries = "series"\n'
    )
    loaded = load_config(config.root, environ={}, overrides={"build_drafts": True})

    result = build(loaded, BuildOptions(), backend=LocalBackend(loaded), store=open_store(loaded))

    assert [each for each in result.diagnostics if each.code != "SG410"] == []
    assert {
        "cv/index.html",
        "publications/index.html",
        "archive/index.html",
        "talks/my-slides/index.html",
    } <= {
        path.relative_to(loaded.root / "public").as_posix()
        for path in (loaded.root / "public").rglob("*.html")
    }
