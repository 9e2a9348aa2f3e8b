"""Graphviz: what the program is asked, its colours on light and dark pages, its mistakes. A stand-in program draws; one test asks the real one."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sitegen.rendering.drawings.graphviz import Drawn, draw, version_of

SVG = """<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg width="140pt" height="70pt" viewBox="0.00 0.00 140.00 70.00" xmlns="http://www.w3.org/2000/svg">
<g id="graph0" class="graph" transform="translate(4 66)"><title>G</title>
<polygon fill="white" stroke="transparent" points="-4,4 -4,-66 136,-66 136,4 -4,4"/>
<g id="node1" class="node"><title>a</title>
<ellipse fill="none" stroke="black" cx="27" cy="-18" rx="27" ry="18"/>
<text text-anchor="middle" x="27" y="-14" font-family="Times,serif" font-size="14.00">a</text></g>
<g id="node2" class="node"><title>b</title>
<ellipse fill="lightblue" stroke="black" cx="100" cy="-18" rx="27" ry="18"/>
<text text-anchor="middle" x="100" y="-14" font-family="Times,serif" font-size="14.00">b</text></g>
<g id="edge1" class="edge"><title>a&#45;&gt;b</title>
<path fill="none" stroke="#000080" d="M54,-18C60,-18 66,-18 72,-18"/>
<polygon fill="black" stroke="black" points="72,-15 76,-18 72,-21 72,-15"/>
<text x="60" y="-30" fill="#000080">to</text></g></g></svg>
"""
PROGRAM = f"""#!{sys.executable}
import os, sys
text = sys.stdin.read() if "-V" not in sys.argv else ""
if "-V" in sys.argv:
    sys.stderr.write("dot - graphviz version 9.9.9 (0)\\n")
elif "wait" in text:
    import signal
    signal.pause()
elif "wrong" in text:
    sys.stderr.write("Error: <stdin>: syntax error in line 3 near '}}'\\n")
    sys.exit(1)
else:
    if "odd" in text:
        sys.stderr.write("Warning: no hard-coded metrics for 'Helvetica'.\\nWarning: using box for unknown shape foo\\n")
    sys.stdout.write(SVG * text.count("digraph"))
""".replace("import os, sys", f"import os, sys\nSVG = {SVG!r}")

StandIn = Callable[[], Path]


@pytest.fixture
def dot(tmp_path: Path) -> Path:
    """A program that draws the same whatever it is given."""
    file = tmp_path / "bin" / "dot"
    file.parent.mkdir(exist_ok=True)
    file.write_text(PROGRAM)
    file.chmod(0o755)
    return file


def _svg(made: Drawn) -> str:
    assert made.drawing is not None, made.problem
    return made.drawing.svg


def test_black_is_the_colour_of_the_text_and_the_paper_goes(dot: Path) -> None:
    """A page's own ground and letters, whichever mode it is in."""
    svg = _svg(draw("digraph {}", dot, timeout_s=20))

    assert "white" not in svg
    assert '<ellipse fill="none" stroke="currentColor" cx="27"' in svg
    assert '<polygon fill="currentColor" stroke="currentColor"' in svg
    assert 'fill="currentColor">a</text>' in svg
    assert "Times" not in svg


def test_a_fill_keeps_its_letters_readable(dot: Path) -> None:
    """What is black on light blue is black on dark pages too."""
    svg = _svg(draw("digraph {}", dot, timeout_s=20))

    assert '<ellipse fill="lightblue" stroke="black"' in svg
    assert 'fill="black">b</text>' in svg


def test_a_dark_colour_is_lighter_on_dark_pages(dot: Path) -> None:
    """Navy lines and letters could not be read there."""
    svg = _svg(draw("digraph {}", dot, timeout_s=20))

    assert svg.count("light-dark(#000080,#") == 2


def test_letters_are_as_large_as_the_pages(dot: Path) -> None:
    """14 units are 16 pixels, where the text says nothing else; a width in inches is what the author says."""
    usual = draw("digraph {}", dot, timeout_s=20).drawing
    wide = draw("digraph {}", dot, timeout_s=20, width_px=280).drawing

    assert usual is not None
    assert wide is not None
    assert (usual.width_px, usual.height_px) == (160, 80)
    assert (wide.width_px, wide.height_px) == (280, 140)


def test_a_mistake_has_its_line(dot: Path) -> None:
    """In the program's own words."""
    made = draw("digraph { wrong", dot, timeout_s=20)

    assert made.drawing is None
    assert made.line == 3
    assert made.problem == "syntax error in line 3 near '}'"


def test_what_is_odd_is_told_beside_the_drawing_and_fonts_are_not(dot: Path) -> None:
    """The page has a font of its own."""
    made = draw("digraph { odd }", dot, timeout_s=20)

    assert made.drawing is not None
    assert made.problem == "using box for unknown shape foo"


def test_a_program_that_does_not_end_is_ended(dot: Path) -> None:
    """With all that it has started."""
    made = draw("digraph { wait }", dot, timeout_s=0)

    assert made.problem == "it was not drawn within 0 s"


def test_what_cannot_be_started_is_told(tmp_path: Path) -> None:
    """A file that is no program."""
    file = tmp_path / "dot"
    file.write_text("no program")
    file.chmod(0o755)

    assert "cannot be started" in draw("digraph {}", file, timeout_s=20).problem


def test_one_fence_is_one_graph(dot: Path) -> None:
    """The second would be lost."""
    assert draw("digraph {} digraph {}", dot, timeout_s=20).problem == "there is more than one graph in it"


def test_the_version_is_what_the_program_says(dot: Path) -> None:
    """Part of what a drawing is kept by."""
    assert version_of(dot, dot.stat().st_mtime_ns) == "dot - graphviz version 9.9.9 (0)"
    assert version_of(dot.with_name("none"), 0) == ""


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_the_real_program_draws_and_opens_no_file(tmp_path: Path) -> None:
    """Shapes, records, clusters, gradients, HTML labels and links; a picture that the text names is not read."""
    program = Path(shutil.which("dot") or "")
    secret = tmp_path / "x.svg"
    secret.write_text("<svg/>")
    made = draw(
        f'digraph {{ rankdir=LR; subgraph cluster_a {{ label="C & D"; a; b [style=filled] }} '
        f'a -> b [label="<x>" color=navy]; c [label=<<b>bold</b>> URL="/posts/"]; b -> c; '
        f'd [shape=record label="{{x|y}}"]; e [style=filled fillcolor="red:blue"]; f [image="{secret}"] }}',
        program,
        timeout_s=20,
    )
    wrong = draw("digraph {\n a -> \n b [\n}\n", program, timeout_s=20)

    svg = _svg(made)
    assert {"C & D", "<x>", "bold"} <= set(made.drawing.labels if made.drawing else ())
    assert '<a href="/posts/">' in svg
    assert str(secret) not in svg
    assert made.problem == f'Filename "{secret}" is unsafe'
    assert "url(#\x01" in svg
    assert wrong.line == 4
    assert list(tmp_path.iterdir()) == [secret]
