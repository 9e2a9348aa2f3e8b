"""What outputs may tell, and what they may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from sitegen.content.executed import DisplayOutput, ErrorOutput, StreamOutput
from sitegen.frozen import FrozenDict, freeze, thaw
from sitegen.results.credentials import is_secret_name
from sitegen.results.media_types import ARTIFACT_CONTENT, ARTIFACT_TYPE
from sitegen.results.scrub import (
    Machine,
    find_path,
    find_secret,
    scrub,
    scrub_text,
    this_machine,
)
from sitegen.results.terminal import last_states

MACHINE = Machine(
    root=Path("/home/adalove/site"),
    home=Path("/home/adalove"),
    temporary=(Path("/tmp"),),
    user="adalove",
    host="babbage9",
    secrets=(("HF_TOKEN", "correct-horse"),),
    environments=(Path("/opt/venvs/ml"),),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/home/adalove/site/content/a.py", "content/a.py"),
        ("cwd /home/adalove/site", "cwd ."),
        ("file:///home/adalove/site/a.png", "file://a.png"),
        ("/home/adalove/data/x.csv", "~/data/x.csv"),
        ("/home/adalove/site2/x", "~/site2/x"),
        ("/srv/home/adalove/x", "/srv/home/user/x"),
        ("/tmp/run1/x and /tmpfiles", "<tmp>/run1/x and /tmpfiles"),
        ("/tmp/ipykernel_41/99.py:2: UserWarning", "<cell>:2: UserWarning"),
        ("/Users/adalove/x", "/Users/user/x"),
        ("adalove@babbage9:~$", "user@host:~$"),
        ("http://babbage9:8888/tree", "http://host:8888/tree"),
        ("login adalove on babbage9", "login user on host"),
        ("<Foo object at 0x7f12ab34cd56>", "<Foo object at 0x…>"),
        ("mask 0xff at 0x10", "mask 0xff at 0x10"),
        (hex(0x7F12AB34CD56), "0x…"),
        (
            "/home/adalove/site/.venv/lib/python3.11/site-packages/torch/nn.py:3",
            "site-packages/torch/nn.py:3",
        ),
        ("/opt/conda/lib/python3.11/site-packages/a.py", "site-packages/a.py"),
        ("https://example.org/x/site-packages/a", "https://example.org/x/site-packages/a"),
        ("/opt/venvs/ml/bin/python", "<env>/bin/python"),
        (repr(b"\x8c\x13/home/adalove/site/a"), "b'\\x8c\\x13a'"),
        ("\x1b[32m/home/adalove/site/x.py\x1b[0m", "\x1b[32mx.py\x1b[0m"),
        ("-I/home/adalove/include", "-I~/include"),
        ("%2Fhome%2Fadalove%2Fsite%2Fa.png", "a.png"),
        (r"\/home\/adalove\/data", r"~\/data"),
        ("sftp://other/home/adalove/site/x", "sftp://other/home/user/site/x"),
        ("/scratch/adalove/run1 /scratch/babbage9", "/scratch/user/run1 /scratch/host"),
        ("https://babbage9.lan.example:80/x", "https://host:80/x"),
        ("ada@example.org", "ada@example.org"),
    ],
)
def test_paths_names_and_addresses(text: str, expected: str) -> None:
    """Paths become relative, names stand-ins, addresses dots; what only looks alike stays."""
    assert scrub_text(text, MACHINE) == expected


def test_short_and_common_names_stay_as_words() -> None:
    """A user called `ann` or `runner` is replaced in paths and never in sentences."""
    runner = Machine(root=Path("/w/site"), home=Path("/home/runner"), temporary=(), user="runner", host="ann")
    assert scrub_text("the runner won; ann too; /home/runner/x", runner) == "the runner won; ann too; ~/x"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\r 10%\r 50%\r100%\ndone\n", "100%\ndone\n"),
        ("a\r\nb\r\n", "a\nb\n"),
        ("abc\b\bX", "aX"),
        ("epoch 1\r", "epoch 1"),
        ("plain\n", "plain\n"),
    ],
)
def test_progress_keeps_its_last_state(text: str, expected: str) -> None:
    """Of a line that is drawn again and again the last state stays."""
    assert last_states(text) == expected


def test_every_text_of_a_display_is_scrubbed_and_images_are_not() -> None:
    """Texts and JSON of a display are scrubbed at any depth; base64 is left alone."""
    output = DisplayOutput(
        data=FrozenDict(
            {
                "text/html": "<a href='/home/adalove/x'>",
                "application/vnd.plotly.v1+json": freeze({"data": [{"name": "/home/adalove/y", "n": 1}]}),
                "image/png": "/home/adalove/z",
            }
        )
    )
    clean = scrub(output, MACHINE)
    assert isinstance(clean, DisplayOutput)
    assert list(clean.data.values()) == [
        "<a href='~/x'>",
        freeze({"data": [{"name": "~/y", "n": 1}]}),
        "/home/adalove/z",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "key = correct-horse",
        "AKIA" + "ABCDEFGHIJKLMNOP",
        "ghp_" + "a1B2" * 9,
        "hf_" + "aB3d" * 9,
        "sk-proj-" + "aB3d" * 10,
        "-----BEGIN RSA PRIVATE KEY-----",
        "https://ada:hunter22@example.org/",
        "WANDB_API_KEY=" + "0a1b2c3d" * 5,
        "Authorization: Bearer " + "aB3d" * 8,
        "\x1b[31mghp_\x1b[32m" + "a1B2" * 9,
        "Y29ycmVjdC1ob3JzZQ==",  # the variable's value in base64
        "npm_" + "a1B2" * 9,
    ],
)
def test_credentials_are_found(text: str) -> None:
    """Known forms and the values of secret variables are found, in streams and in errors."""
    found = find_secret(StreamOutput(name="stdout", text=f"one\n{text}\n"), MACHINE)
    in_error = find_secret(ErrorOutput(name="E", value="", traceback=text), MACHINE)
    assert found is not None
    assert found == in_error
    assert text not in found


@pytest.mark.parametrize(
    "text",
    [
        "loss 0.693147 acc 0.51",
        "3f786850e387550fdab836ed7e6dc881de23001b",
        "127.0.0.1",
        "token: word",
        "HF_TOKEN=<your token>",
        "MAX_TOKENS=32768 PAD_TOKEN: <|endoftext|>",
        'n.DEFAULT_TOKEN="eyJzZXNzaW9uX2lkIjogImRlZmF1bHQifQ";let d=0',  # BokehJS
    ],
)
def test_ordinary_results_are_no_credentials(text: str) -> None:
    """Numbers, digests and addresses are what results are made of."""
    assert find_secret(StreamOutput(name="stdout", text=text), MACHINE) is None


def test_names_that_mean_secrets() -> None:
    """The variable's name decides; a keyboard is no key."""
    names = [
        "HF_TOKEN",
        "AWS_SECRET_ACCESS_KEY",
        "DB_PASSWORD",
        "OPENAI_API_KEY",
        "KEYBOARD",
        "MONKEY",
        "PATH",
    ]
    assert [is_secret_name(name) for name in names] == [True, True, True, True, False, False, False]


def test_this_machine_takes_long_secrets_only(tmp_path: Path) -> None:
    """A value of fewer than eight characters would be found everywhere."""
    machine = this_machine(tmp_path, {"A_TOKEN": "short", "B_TOKEN": "long enough", "HOME": "/x"})
    assert machine.secrets == (("B_TOKEN", "long enough"),)


def test_windows_paths_are_found_in_each_spelling() -> None:
    """As printed, as a repr doubles the backslashes, and with slashes."""
    machine = Machine(
        root=Path(r"C:\Users\adalove\site"),
        home=Path(r"C:\Users\adalove"),
        temporary=(),
        user="adalove",
        host="",
    )
    for text in (
        r"C:\Users\adalove\site\a.py",
        r"'C:\\Users\\adalove\\site\\a.py'",
        "C:/Users/adalove/site/a.py",
    ):
        assert "adalove" not in scrub_text(text, machine)
        assert "a.py" in scrub_text(text, machine)


def test_names_of_fields_and_metadata_are_scrubbed() -> None:
    """A mapping may have a path as its key; metadata is stored beside the data."""
    output = DisplayOutput(
        data=FrozenDict({"application/json": freeze({"/home/adalove/x": 1})}),
        metadata=FrozenDict({"image/png": freeze({"file": "/home/adalove/y"})}),
    )
    clean = scrub(output, MACHINE)
    assert "adalove" not in repr(clean)


def _artifact(content: bytes) -> DisplayOutput:
    described = freeze({"name": "a", "size_bytes": len(content), "digest": "0" * 64})
    return DisplayOutput(data=FrozenDict({ARTIFACT_TYPE: described, ARTIFACT_CONTENT: content}))


def test_text_files_are_scrubbed_and_binary_ones_judged() -> None:
    """In a text each path is replaced, and digest and size are those of the result; in a binary nothing can be."""
    clean = scrub(_artifact(b"path\n/home/adalove/site/x.csv\n"), MACHINE)
    assert isinstance(clean, DisplayOutput)
    assert clean.data[ARTIFACT_CONTENT] == b"path\nx.csv\n"
    assert thaw(clean.data[ARTIFACT_TYPE])["size_bytes"] == 11
    binary = _artifact(b"\0\xff/home/adalove/site/x")
    assert find_path(binary, MACHINE) == "the path of the site's folder"
    assert find_path(_artifact(b"\0\xff"), MACHINE) is None
    assert find_secret(_artifact(b"key: ghp_" + b"a1B2" * 9), MACHINE) is not None
    assert find_secret(_artifact(b"\0\xffcorrect-horse"), MACHINE) is not None
