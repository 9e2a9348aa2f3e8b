"""Which distribution a module belongs to, from what installers leave behind."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from sitegen.execution import distributions


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of an import path with distributions of several makes."""
    packages = {
        "plain-1.0.dist-info": (
            "Plain",
            "RECORD",
            "plain/__init__.py,,\nplain/sub/x.py,,\n../../bin/plain,,\n",
        ),
        "ns_one-1.0.dist-info": ("ns.one", "RECORD", "ns/one/__init__.py,,\n"),
        "ns_two-1.0.dist-info": ("ns-two", "RECORD", '"ns/two.cpython-311-x86_64-linux-gnu.so",,\n'),
        "old-1.0.egg-info": ("old", "top_level.txt", "old_module\n"),
        "bare-1.0.dist-info": ("bare", "INSTALLER", "apt"),
        "here-1.0.dist-info": ("here", "RECORD", "_here.pth,,\nhere.py,,\n"),
    }
    for name, (title, file, text) in packages.items():
        facts = tmp_path / name
        facts.mkdir()
        facts_file = "PKG-INFO" if name.endswith(".egg-info") else "METADATA"
        (facts / facts_file).write_text(f"Metadata-Version: 2.1\nName: {title}\nVersion: 1.0\n")
        (facts / file).write_text(text)
    (tmp_path / "here-1.0.dist-info/direct_url.json").write_text(
        '{"url": "file:///home/a%20b/project", "dir_info": {"editable": true}}'
    )
    return tmp_path


@pytest.mark.parametrize(
    ("module", "owners"),
    [
        ("plain", ("plain",)),
        ("plain.sub.x", ("plain",)),
        ("ns.one", ("ns-one",)),
        ("ns.two", ("ns-two",)),
        ("old_module", ("old",)),
        ("bare", ("bare",)),
        ("here", ()),
        ("nothing", ()),
    ],
)
def test_the_owner_of_a_module_is_found(folder: Path, module: str, owners: tuple[str, ...]) -> None:
    """By its file where one is listed, else by the name that is claimed; an editable one owns nothing."""
    assert distributions.owners(module, (str(folder),)) == owners


def test_editable_projects_are_found_with_their_folder(folder: Path) -> None:
    """As the specification of direct URLs says."""
    assert distributions.editable_projects((str(folder),)) == {"here": Path("/home/a b/project")}


def test_the_first_folder_wins_and_an_upgrade_is_seen_after_forget(folder: Path, tmp_path: Path) -> None:
    """As for imports: what a later folder has of the same name is hidden."""
    newer = tmp_path / "newer"
    shutil.copytree(folder / "plain-1.0.dist-info", newer / "plain-2.0.dist-info")
    (newer / "plain-2.0.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: plain\nVersion: 2.0\n")
    path = (str(newer), str(folder))
    first = distributions.installed_version("plain", path)
    shutil.rmtree(newer / "plain-2.0.dist-info")
    distributions.forget()
    assert (first, distributions.installed_version("plain", path)) == ("2.0", "1.0")


def test_a_version_is_found_however_it_was_installed(folder: Path) -> None:
    """From the head of a wheel's METADATA, from older forms, from an archive; the first folder counts."""
    first = folder / "first"
    facts = first / "plain-2.0.dist-info"
    facts.mkdir(parents=True)
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nVersion: 2.0\n\nVersion: of the page\n")
    archive = folder / "archive.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("zipped-4.0.dist-info/METADATA", "Name: zipped\nVersion: 4.0\n")
    path = (str(folder / "missing"), str(first), str(folder))

    versions = {
        name: distributions.installed_version(name, path) for name in ("plain", "ns-one", "old", "none")
    }

    assert versions == {"plain": "2.0", "ns-one": "1.0", "old": "1.0", "none": None}
    assert distributions.installed_version("zipped", (str(archive), *path)) == "4.0"


def test_what_a_cell_installs_is_seen(folder: Path) -> None:
    """A folder that has changed is read again, without `forget`."""
    before = distributions.installed_version("new", (str(folder),))
    (folder / "added-5.0.dist-info").mkdir()
    (folder / "added-5.0.dist-info/METADATA").write_text("Name: added\nVersion: 5.0\n")

    assert before is None
    assert distributions.installed_version("added", (str(folder),)) == "5.0"


def test_what_pip_could_not_remove_owns_nothing(folder: Path) -> None:
    """Its folder keeps the metadata of the version before, under a name that is none."""
    shutil.copytree(folder / "plain-1.0.dist-info", folder / "~lain-0.9.dist-info")

    assert distributions.owners("plain", (str(folder),)) == ("plain",)
    assert distributions.installed_version("plain", (str(folder),)) == "1.0"


def test_an_egg_on_the_import_path_owns_its_modules(folder: Path) -> None:
    """A folder of the old form that is itself on the path."""
    facts = folder / "laid-6.0-py3.11.egg" / "EGG-INFO"
    facts.mkdir(parents=True)
    (facts / "PKG-INFO").write_text("Name: laid\nVersion: 6.0\n")
    (facts / "top_level.txt").write_text("laid_module\n")
    path = (str(facts.parent), str(folder))

    assert distributions.owners("laid_module", path) == ("laid",)
    assert distributions.installed_version("laid", path) == "6.0"
    assert distributions.owners("plain", path) == ("plain",)
