"""Pictures through whole builds: what is published, and what an edit makes again."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from sitegen.build.build import build
from sitegen.build.result import BuildOptions, BuildResult
from sitegen.config import load_config
from sitegen.execution.backends import LocalBackend
from sitegen.execution.policy import ExecutionPolicy
from sitegen.rendering.pictures import variants
from sitegen.rendering.pictures.variants import Variants, Wanted
from sitegen.rendering.processed import ProcessedFiles
from sitegen.results.store import open_store

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CONFIG = 'baseURL = "https://example.org/"\ntitle = "Photos"\n[images]\nformats = ["webp"]\nwidths = [200]\n'
POST = """+++
title = 'A'
date = 2026-01-01
image = 'a.jpg'
+++

![A](a.jpg)

[as it is](raw.jpg){download=raw.jpg} ![B](b.svg)

[larger](linked.jpg)
"""


def _photo(width: int, height: int, turned: int = 0) -> bytes:
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 30.0, 0.0), 3: "E", 4: (13.0, 20.0, 0.0)})
    red = Image.linear_gradient("L").resize((width, height))
    picture = Image.merge("RGB", (red, Image.radial_gradient("L").resize((width, height)), red.rotate(180)))
    out = io.BytesIO()
    picture.rotate(turned).save(out, "JPEG", quality=95, exif=exif)
    return out.getvalue()


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A page of a project with a photograph, one to keep, and a drawing."""
    root = tmp_path / "site"
    page = root / "content/projects/a"
    page.mkdir(parents=True)
    (root / "sitegen.toml").write_text(CONFIG)
    (root / "content/projects/_index.md").write_text("+++\ntitle = 'Projects'\n+++\n")
    (page / "index.md").write_text(POST)
    (page / "a.jpg").write_bytes(_photo(600, 400))
    (page / "raw.jpg").write_bytes(_photo(300, 200))
    (page / "linked.jpg").write_bytes(_photo(310, 210))
    (page / "b.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"><script>1</script><g/></svg>')
    return root


def _build(root: Path, output: Path, state: Path) -> BuildResult:
    config = load_config(root, environ={}, now=NOW, overrides={"publish_dir": output, "state_dir": state})
    options = BuildOptions(policy=ExecutionPolicy(allowed=False))
    return build(config, options, backend=LocalBackend(config), store=open_store(config))


def _files(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.mark.parametrize("base_url", ["https://example.org/", "https://example.org/blog/"])
def test_a_site_that_opens_from_a_folder_has_the_forms(site: Path, tmp_path: Path, base_url: str) -> None:
    """Relative links lead to them: each form that a page names is published."""
    (site / "sitegen.toml").write_text(CONFIG.replace("https://example.org/", base_url, 1))
    config = load_config(
        site,
        environ={},
        now=NOW,
        overrides={
            "publish_dir": tmp_path / "public",
            "state_dir": tmp_path / "state",
            "relative_urls": True,
        },
    )
    options = BuildOptions(policy=ExecutionPolicy(allowed=False))
    build(config, options, backend=LocalBackend(config), store=open_store(config))

    page = tmp_path / "public/projects/a"
    named = re.findall(r"[^ \"]+\.webp", (page / "index.html").read_text())
    assert named
    assert all((page / name).is_file() for name in named)


def test_what_is_published_has_no_place(site: Path, tmp_path: Path) -> None:
    """Neither the forms nor the original, nor one that is linked, unless it is to be downloaded. Drawings run nothing."""
    result = _build(site, tmp_path / "public", tmp_path / "state")
    files = _files(tmp_path / "public")

    page = "projects/a/"
    assert {name for name in files if name.endswith(".webp")}
    assert not Image.open(io.BytesIO(files[f"{page}a.jpg"])).getexif().get_ifd(0x8825)
    assert not Image.open(io.BytesIO(files[f"{page}linked.jpg"])).getexif().get_ifd(0x8825)
    assert files[f"{page}raw.jpg"] == (site / f"content/{page}raw.jpg").read_bytes()
    assert b"script" not in files[f"{page}b.svg"]
    assert [each.code for each in result.diagnostics if each.code == "SG411"]
    for path, content in files.items():
        if path.endswith(".html"):
            assert content.count(b"/images/") == sum(
                content.count(name.encode()) for name in files if name.startswith("images/")
            )


def test_a_card_has_forms_of_its_picture(site: Path, tmp_path: Path) -> None:
    """The list publishes what it shows."""
    _build(site, tmp_path / "public", tmp_path / "state")

    html = (tmp_path / "public/projects/index.html").read_text("utf-8")
    assert '<picture><source type="image/webp" srcset="/images/a.' in html
    assert 'fetchpriority="high"' in html


@pytest.mark.parametrize(
    "edit",
    [
        lambda root: (root / "content/projects/a/a.jpg").write_bytes(_photo(600, 400, turned=90)),
        lambda root: (root / "content/projects/a/a.jpg").write_bytes(_photo(400, 600)),
        lambda root: (root / "content/projects/a/a.jpg").write_bytes(_photo(600, 400)[:9000]),
        lambda root: (root / "content/projects/a/a.jpg").unlink(),
        lambda root: (root / "content/projects/a/index.md").write_text(
            POST.replace("{download=raw.jpg}", "")
        ),
        lambda root: (root / "content/projects/a/index.md").write_text(
            POST.replace("(a.jpg)", "(a.jpg){.column-page}")
        ),
        lambda root: (root / "sitegen.toml").write_text(CONFIG.replace("200", "300")),
        lambda root: (root / "sitegen.toml").write_text(CONFIG + 'metadata = "keep"\n'),
    ],
    ids=["edited", "other size", "damaged", "removed", "no link", "column", "widths", "metadata"],
)
def test_an_edit_leaves_what_a_clean_build_gives(
    site: Path, tmp_path: Path, edit: Callable[[Path], object]
) -> None:
    """Byte for byte: forms of what has gone are gone too."""
    _build(site, tmp_path / "public", tmp_path / "state")
    before = _files(tmp_path / "public")

    edit(site)
    _build(site, tmp_path / "public", tmp_path / "state")
    _build(site, tmp_path / "clean", tmp_path / "other")

    assert _files(tmp_path / "public") == _files(tmp_path / "clean")
    assert _files(tmp_path / "public") != before


def test_nothing_is_made_again_where_nothing_changed(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor where only the text has: forms are kept."""
    _build(site, tmp_path / "public", tmp_path / "state")
    monkeypatch.setattr("sitegen.rendering.pictures.variants._made", None)

    _build(site, tmp_path / "public", tmp_path / "state")
    (site / "content/projects/a/index.md").write_text(POST + "\nMore.\n")
    _build(site, tmp_path / "public", tmp_path / "state")

    assert "More." in (tmp_path / "public/projects/a/index.html").read_text("utf-8")


def _gif() -> bytes:
    frames = [Image.new("RGB", (160, 120), colour) for colour in ("white", "red")]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=200)
    return out.getvalue() + bytes(5000)


@pytest.fixture
def gallery(site: Path) -> Path:
    """Several pages of photographs, one damaged, one that moves, and lists of cards over two pagers."""
    (site / "sitegen.toml").write_text(CONFIG + "[pagination]\npagerSize = 2\n")
    for number in range(3):
        page = site / f"content/projects/p{number}"
        page.mkdir()
        names = ("one.jpg", "two.jpg", "three.jpg")
        for place, name in enumerate(names):
            (page / name).write_bytes(_photo(400 + 40 * number, 300 + 10 * place))
        shown = "\n\n".join(f"![{name}]({name})" for name in names)
        (page / "index.md").write_text(
            f"+++\ntitle = 'P{number}'\ndate = 2026-02-0{number + 1}\nimage = 'one.jpg'\n+++\n\n{shown}\n"
        )
    page = site / "content/projects/p0"
    (page / "two.jpg").write_bytes(_photo(500, 300)[:9000])
    (page / "film.gif").write_bytes(_gif())
    with (page / "index.md").open("a") as text:
        text.write("\n![A film](film.gif)\n")
    return site


def test_the_forms_of_a_site_are_made_by_all_processes(
    gallery: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also those of one page; each is made once, and the site is what one process makes, byte for byte."""
    monkeypatch.setattr("sitegen.build.workers.cpus", lambda: 1)
    alone = _build(gallery, tmp_path / "alone", tmp_path / "first")
    makers = tmp_path / "makers"
    made = variants._made

    def noting(content: bytes, digest: str, wanted: Wanted, kept: ProcessedFiles) -> Variants:
        with makers.open("a") as file:
            file.write(f"{os.getpid()} {digest} {wanted.widths}\n")
        return made(content, digest, wanted, kept)

    monkeypatch.setattr(variants, "_made", noting)
    monkeypatch.setattr("sitegen.build.workers.cpus", lambda: 2)
    monkeypatch.setattr("sitegen.build.workers._start_method", lambda: "fork")
    shared = _build(gallery, tmp_path / "shared", tmp_path / "second")

    assert _files(tmp_path / "shared") == _files(tmp_path / "alone")
    assert any(name.startswith("images/film") for name in _files(tmp_path / "shared"))
    assert shared.diagnostics == alone.diagnostics
    assert [each.code for each in shared.diagnostics].count("SG407") == 1
    lines = [line.split(" ", 1) for line in makers.read_text().splitlines()]
    good = [what for process, what in lines if process != str(os.getpid())]
    assert len(good) == len(set(good)) > 8
    assert (
        len([what for process, what in lines if process == str(os.getpid())]) == 1
    )  # the damaged one, to be told


def test_a_picture_that_was_added_is_made_in_a_build_that_follows(gallery: Path, tmp_path: Path) -> None:
    """On the second pager of a list and in a text: what was put off is as in a clean build."""
    _build(gallery, tmp_path / "public", tmp_path / "state")

    (gallery / "content/projects/a/a.jpg").write_bytes(_photo(640, 480))
    (gallery / "content/projects/p1/two.jpg").write_bytes(_photo(640, 420))
    _build(gallery, tmp_path / "public", tmp_path / "state")
    _build(gallery, tmp_path / "clean", tmp_path / "other")

    assert _files(tmp_path / "public") == _files(tmp_path / "clean")


def test_what_cannot_be_taken_out_is_told_at_its_line(site: Path, tmp_path: Path) -> None:
    """And told again where the line has moved and nothing else has changed; not where all is meant to be public."""
    page = site / "content/projects/a"
    exif = Image.Exif()
    exif[0x010F] = "A camera"
    Image.new("RGB", (9, 9)).save(page / "scan.tif", exif=exif)
    (page / "index.md").write_text(POST + "\n[A scan](scan.tif)\n")

    def told(state: str) -> list[tuple[str, int | None]]:
        result = _build(site, tmp_path / "public", tmp_path / state)
        found = [each for each in result.diagnostics if each.code == "SG418"]
        return [(str(each.location.path), each.location.line) for each in found if each.location is not None]

    line = POST.count("\n") + 2
    first = told("state")
    (page / "index.md").write_text(POST + "\n\n[A scan](scan.tif)\n")
    second = told("state")
    (site / "sitegen.toml").write_text(CONFIG + 'metadata = "keep"\n')

    assert first == [("content/projects/a/index.md", line)]
    assert second == [("content/projects/a/index.md", line + 1)]
    assert told("state") == []


def test_films_and_drawings_of_a_bundle_are_bare(site: Path, tmp_path: Path) -> None:
    """By the same rule as photographs, and silently."""
    page = site / "content/projects/a"
    place = b"\x00\x00\x00\x14\xa9xyz+52.5+013.4/"
    film = b"\x00\x00\x00\x10ftypqt  " + bytes(4)
    film += b"\x00\x00\x00\x24moov" + b"\x00\x00\x00\x1cudta" + place
    (page / "film.mov").write_bytes(film)
    (page / "c.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"><metadata>Jane</metadata><g/></svg>')

    result = _build(site, tmp_path / "public", tmp_path / "state")
    files = _files(tmp_path / "public")

    assert b"+52.5" not in files["projects/a/film.mov"]
    assert len(files["projects/a/film.mov"]) == len(film)
    assert b"Jane" not in files["projects/a/c.svg"]
    assert not [each for each in result.diagnostics if each.code in ("SG418",) or "c.svg" in each.message]


def test_a_static_file_with_a_place_is_told(site: Path, tmp_path: Path) -> None:
    """It is a copy; also in a build that follows, until the file says nothing or all is meant to be public."""
    (site / "static").mkdir()
    (site / "static/me.jpg").write_bytes(_photo(30, 20))

    def told() -> list[str]:
        found = _build(site, tmp_path / "public", tmp_path / "state").diagnostics
        return [str(each.location.path) for each in found if each.code == "SG719" and each.location]

    first, published = told(), (tmp_path / "public/me.jpg").read_bytes()
    second = told()
    (site / "sitegen.toml").write_text(CONFIG + 'metadata = "keep"\n')
    kept = told()
    (site / "sitegen.toml").write_text(CONFIG)
    (site / "static/me.jpg").write_bytes(_gif())

    assert (first, second, kept, told()) == (["static/me.jpg"], ["static/me.jpg"], [], [])
    assert published == _photo(30, 20)
