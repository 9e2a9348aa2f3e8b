"""A `.bib` file as values: plain text, people in their parts, and what is wrong in it by line."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sitegen.content.bib_files import read_bibliography
from sitegen.content.bibliography import Bibliography, Name, place_of_field

Read = Callable[[str], Bibliography]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Gives the bibliography of a text."""

    def made(text: str) -> Bibliography:
        file = tmp_path / "refs.bib"
        file.write_text(text, "utf-8")
        return read_bibliography(file, tmp_path)

    return made


def _told(found: Bibliography) -> list[tuple[str, str, int | None]]:
    return [
        (each.code, each.severity, each.location.line if each.location else None)
        for each in found.diagnostics
    ]


def test_an_entry_is_plain_text(read: Read) -> None:
    """Accents are letters, braces that keep capitals are gone, dashes and quotes are typeset."""
    found = read(
        r"""@article{Key1,
          title = {{BERT} and {\'E}tudes: a ``case'' of 100% \& $O(n)$},
          journal = "Caf{\'e} -- {\LaTeX}", pages = {1--10}, Year = 2017
        }"""
    )

    entry = found.entries["Key1"]
    assert entry.kind == "article"
    assert entry.title == "BERT and Études: a “case” of 100% & O(n)"
    assert entry.venue == "Café – LaTeX"
    assert entry.fields["pages"] == "1–10"
    assert entry.year == 2017
    assert found.diagnostics == ()


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Ada Lovelace", Name(given="Ada", family="Lovelace")),
        ("Lovelace, Ada", Name(given="Ada", family="Lovelace")),
        ('A{\\"a}ron van den Oord', Name(given="Aäron", particle="van den", family="Oord")),
        ("van den Oord, Aaron", Name(given="Aaron", particle="van den", family="Oord")),
        ("King, Jr., Martin Luther", Name(given="Martin Luther", family="King", suffix="Jr.")),
        ("{OpenAI}", Name(literal="OpenAI")),
        ("{Barnes and Noble}", Name(literal="Barnes and Noble")),
        ("Puigdom{\\`e}nech Badia, Adri{\\`a}", Name(given="Adrià", family="Puigdomènech Badia")),
        ("Goulão, Manuel", Name(given="Manuel", family="Goulão")),
    ],
)
def test_a_name_has_its_parts(read: Read, written: str, name: Name) -> None:
    """In both orders, with particles and suffixes; what stands in braces is a group."""
    found = read("@misc{a, author = {" + written + "}}")

    assert found.entries["a"].authors == (name,)


def test_others_are_no_author(read: Read) -> None:
    """`and others` says only that there are more."""
    entry = read("@misc{a, author = {Lovelace, Ada and others}}").entries["a"]

    assert [name.text for name in entry.authors] == ["Ada Lovelace"]
    assert entry.has_more_authors


def test_a_name_is_written_in_two_ways() -> None:
    """For readers, and for lists that are sorted."""
    name = Name(given="Aaron", particle="van den", family="Oord", suffix="Jr.")

    assert name.text == "Aaron van den Oord, Jr."
    assert name.sort_text == "Oord, Jr., Aaron van den"


def test_a_broken_entry_loses_nothing_else(read: Read) -> None:
    """It is an error with the line that it begins on; what stands before and after it is there."""
    found = read("@misc{a, title={A}}\n\n@misc{b,\n title={no end\n\n@misc{c, title={C}}\n")

    assert list(found.entries) == ["a", "c"]
    assert _told(found) == [("SG131", "error", 3)]
    assert "@misc{b" in found.diagnostics[0].message


def test_a_key_that_stands_twice_is_told(read: Read) -> None:
    """The first entry counts; where both are the same, it is only a warning."""
    found = read("@misc{a, title={A}}\n@misc{a, title={B}}\n@misc{a, title={A}}\n")

    assert found.entries["a"].title == "A"
    assert _told(found) == [("SG132", "error", 2), ("SG132", "warning", 3)]


def test_a_field_that_stands_twice_is_told(read: Read) -> None:
    """The first counts, as in BibTeX."""
    found = read("@misc{a,\n title={A},\n title={B}}")

    assert found.entries["a"].title == "A"
    assert _told(found) == [("SG131", "warning", 1)]


def test_macros_are_replaced(read: Read) -> None:
    """Own ones, months, and joined parts; one that is not defined is told with its line."""
    found = read(
        '@string{jmlr = "Journal of " # {Learning}}\n'
        "@article{a, journal = jmlr # { 23}, month = feb, year = 2022}\n"
        "@article{b,\n journal = nowhere}\n"
    )

    assert found.entries["a"].venue == "Journal of Learning 23"
    assert found.entries["a"].date == (2022, 2)
    assert found.entries["b"].venue == "nowhere"
    assert _told(found) == [("SG131", "warning", 4)]


def test_a_macro_may_be_set_anew(read: Read) -> None:
    """As files that were put together do; it holds from there on for all entries, and is no error."""
    found = read('@string{x = "One"}\n@string{x = "Two"}\n@misc{a, note = x}\n')

    assert found.entries["a"].fields["note"] == "Two"
    assert found.diagnostics == ()


def test_a_cross_reference_gives_what_is_missing(read: Read) -> None:
    """The title of the proceedings is the paper's `booktitle`; a reference to nothing is told."""
    found = read(
        "@inproceedings{a, title={A}, crossref={all}}\n"
        "@inproceedings{b, title={B}, crossref={none}}\n"
        "@proceedings{all, title={The Proceedings}, year={2020}}\n"
    )

    assert (found.entries["a"].title, found.entries["a"].venue) == ("A", "The Proceedings")
    assert found.entries["a"].year == 2020
    assert _told(found) == [("SG131", "warning", 2)]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("eprint={1707.06347}, archiveprefix={arXiv}", "1707.06347"),
        ("eprint={1707.06347v2}", "1707.06347"),
        ("arxiv={https://arxiv.org/abs/1707.06347}", "1707.06347"),
        ("journal={arXiv preprint arXiv:1707.06347}", "1707.06347"),
        ("url={https://arxiv.org/pdf/1707.06347v1}", "1707.06347"),
        ("journal={CoRR}, eprint={cs/0112017}", "cs/0112017"),
        ("eprint={2345.67890}, eprinttype={hal}", ""),
        ("url={https://example.org/2017.06347}", ""),
    ],
)
def test_an_arxiv_number_is_found_where_it_is_written(read: Read, fields: str, expected: str) -> None:
    """Without its version; a number of another archive is none."""
    assert read("@misc{a, " + fields + "}").entries["a"].arxiv == expected


@pytest.mark.parametrize("written", ["10.1000/a_b", r"10.1000/a\_b", "https://doi.org/10.1000/a_b"])
def test_a_doi_is_without_its_resolver(read: Read, written: str) -> None:
    """However it is written, and with its signs as they are."""
    entry = read("@misc{a, doi={" + written + "}}").entries["a"]

    assert entry.doi == "10.1000/a_b"
    assert entry.url == "https://doi.org/10.1000/a_b"


def test_the_address_of_a_doi_is_one(read: Read) -> None:
    """Old ones hold brackets and number signs, which end an address or may not stand in it."""
    entry = read("@misc{a, doi={10.1000/(A)1:2<3>4;5-6#7}}").entries["a"]

    assert entry.doi_url == "https://doi.org/10.1000/(A)1:2%3C3%3E4;5-6%237"


@pytest.mark.parametrize(
    ("fields", "date"),
    [
        ("year={2017}, month=jul, day=20", (2017, 7, 20)),
        ("date={2017-07-20}", (2017, 7, 20)),
        ("year={2017}, month={7}", (2017, 7)),
        ("year={2017}, month={July}", (2017, 7)),
        ("year={in press}", ()),
        ("year={2017}, month={13}", (2017,)),
        ("year={2017}, month={²}", (2017,)),
        ("date={0000-01-01}", ()),
    ],
)
def test_a_date_is_as_exact_as_it_is_given(read: Read, fields: str, date: tuple[int, ...]) -> None:
    """From `date`, else from `year`, `month` and `day`."""
    assert read("@misc{a, " + fields + "}").entries["a"].date == date


def test_a_file_that_is_no_utf_8_is_told_with_its_line(tmp_path: Path) -> None:
    """It has no entries, and no other file suffers."""
    file = tmp_path / "refs.bib"
    file.write_bytes(b"@misc{a,\n title={\xe9}}")

    found = read_bibliography(file, tmp_path)

    assert found.entries == {}
    assert _told(found) == [("SG131", "error", 2)]


def test_values_can_be_sent_to_another_process(read: Read) -> None:
    """They hash, and come out of a pickle as they were."""
    found = read("@misc{a, author={Lovelace, Ada}, title={A}}")

    assert pickle.loads(pickle.dumps(found)) == found
    assert hash(found.entries["a"]) == hash(pickle.loads(pickle.dumps(found)).entries["a"])


def test_a_site_without_a_bibliography_imports_no_reader(
    write_site: Callable[[dict[str, str]], Path],
) -> None:
    """Nor anything else that papers need."""
    root = write_site({"content/a.md": "+++\ntitle='A'\n+++\nText."})
    code = (
        "import sys\nfrom pathlib import Path\nfrom sitegen.config import load_config\n"
        "from sitegen.content.site import build_index\nfrom sitegen.content.sources import discover\n"
        f"config = load_config(Path({str(root)!r}), environ={{}})\nbuild_index(discover(config), config)\n"
        "print([name for name in sys.modules if 'bib' in name or 'latexenc' in name or 'publications' in name])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def _placed(found: Bibliography) -> list[tuple[str, int | None, int | None]]:
    return [
        (each.severity, each.location.line, each.location.column)
        for each in found.diagnostics
        if each.location
    ]


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("@misc{a, title={A} year={2020}}", ("error", 1, 20), "a comma is missing before `year={2020}`"),
        ('@misc{a,\n title="A"\n year=2020}', ("error", 3, 2), "a comma is missing before `year=2020`"),
        ("@misc{a,\n year=2020\n title={A}}", ("error", 3, 2), "a comma is missing before `title={A}`"),
        ("x\n  misc{a, title={A}}", ("error", 2, 3), "`misc` has no `@`"),
        ("@misc{, title={A}}", ("error", 1, 1), "an entry has no key"),
        ("@misc{a b, title={A}}", ("error", 1, 7), "`a b` is no key"),
        (" @artcle{a, title={A}}", ("warning", 1, 3), "`@artcle` is no kind of entry"),
        ("@misc{a,\n  title={A}, month = jnue}", ("warning", 2, 22), "the macro `jnue`"),
        ("@misc{a,\n title={A},\n crossref = {b}}", ("warning", 3, 14), "`crossref` of `a`"),
        ("@misc{a, title={A}}\n @misc{a, title={B}}", ("error", 2, 2), "the key `a` stands twice"),
        ("\n  @misc{b,\n title={no end\n", ("error", 2, 3), "cannot be read"),
    ],
)
def test_what_is_wrong_is_told_at_its_column(
    read: Read, text: str, place: tuple[str, int, int], said: str
) -> None:
    """At the sign that is to be looked at, with the words of whoever wrote it."""
    found = read(text)

    assert _placed(found) == [place]
    assert said in found.diagnostics[0].message


@pytest.mark.parametrize(
    "value", ["{A {B} C}", '"A {"}B{"} C"', "2020", "{A} # { B}", '"{\\"o}" # "b"', "{}", '""']
)
def test_whole_values_are_not_told(read: Read, value: str) -> None:
    """Braces in braces, quotes in braces, joined parts."""
    assert read("@misc{a, note = " + value + "}").diagnostics == ()


def test_words_between_entries_are_comments(read: Read) -> None:
    """As BibTeX has it; only what begins like an entry is told."""
    text = "Papers of 2020 (mine), and {others},\nBook (Doe, 2020) is not here.\n"

    assert read(text + "@misc{a, title={A}}").diagnostics == ()


def test_a_comment_in_an_entry_hides_no_field(read: Read) -> None:
    """As biber has it: from `%` where a field would begin to the end of the line."""
    entry = read("@misc{a,\n title={A}, % mine\n author={A B},\n % note={x},\n}").entries["a"]

    assert sorted(entry.fields) == ["author", "title"]


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"See \href{https://example.org/a}{the code}", "See the code <https://example.org/a>"),
        (r"\textcolor{red}{Best} paper", "Best paper"),
        (r"Best \textcolor", "Best"),
    ],
)
def test_macros_are_text_whatever_their_arguments(read: Read, latex: str, text: str) -> None:
    """One that lacks them is left out, and the build goes on."""
    assert read("@misc{a, note = {" + latex + "}}").entries["a"].fields["note"] == text


def test_a_field_has_a_place(read: Read) -> None:
    """Its line and column in the file, also on the entry's first line; the entry's where `crossref` gives it."""
    entry = read("\n @misc{a, title={A},\n  pdf = {a.pdf}}").entries["a"]

    places = [place_of_field(entry, name) for name in ("title", "PDF", "year")]
    assert [(each.line, each.column) for each in places] == [(2, 11), (3, 3), (2, 2)]
