"""New posts, pages and projects."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sitegen.config import Config
from sitegen.errors import SiteError
from sitegen.scaffold.content import ContentKind, new_content, place, slug_of


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """A site in Berlin."""
    return Config(
        root=tmp_path,
        content_dir=tmp_path / "content",
        now=datetime(2026, 11, 22, 10, 30, tzinfo=UTC),
        time_zone="Europe/Berlin",
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
    ],
)
def test_name_says_path_and_title(kind: ContentKind, name: str, path: str, title: str) -> None:
    """A title is slugged into the section; a path is taken as it is."""
    page = place(kind, name)

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
        place("page", name)

    assert caught.value.diagnostic.code == "SG602"


@pytest.mark.usefixtures("own_starter")
def test_post_has_toml_front_matter_with_the_sites_time(config: Config) -> None:
    """The title is escaped for its quotes, the date has the zone of the site."""
    file = new_content(config, "post", 'Why "clip" \\ epsilon')

    front_matter = tomllib.loads(file.read_text(encoding="utf-8").strip().strip("+"))
    assert file == config.content_dir / "posts/why-clip-epsilon/index.md"
    assert front_matter["title"] == 'Why "clip" \\ epsilon'
    assert front_matter["date"].isoformat() == "2026-11-22T11:30:00+01:00"


@pytest.mark.usefixtures("own_starter")
@pytest.mark.parametrize("name", ["content/notes.md", "./content/notes.md", "notes.md"])
def test_path_may_start_at_the_content_folder(config: Config, name: str) -> None:
    """A path as the shell completes it means the same file."""
    assert new_content(config, "page", name) == config.content_dir / "notes.md"


@pytest.mark.usefixtures("own_starter")
@pytest.mark.parametrize("existing", ["notes.md", "notes/index.md"])
def test_page_that_exists_is_never_overwritten(config: Config, existing: str) -> None:
    """Neither in the same form nor in the other form of the same page."""
    (config.content_dir / existing).parent.mkdir(parents=True)
    (config.content_dir / existing).write_text("mine", encoding="utf-8")

    with pytest.raises(SiteError) as caught:
        new_content(config, "page", "Notes")

    assert caught.value.diagnostic.code == "SG601"
    assert (config.content_dir / existing).read_text(encoding="utf-8") == "mine"
