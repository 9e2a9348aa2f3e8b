"""What a cell's last line says of a figure that is shown anyway: `<Axes: >`, `[<matplotlib.lines.Line2D at 0x…>]`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from sitegen.content.executed import DisplayOutput, Output

_QUOTED: Final = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_ARTIST: Final = re.compile(
    rf"""<(?:[\w.]*Axes\w*|[\w.]*Figure|[\w.]*Container)(?::|\s|>)(?:{_QUOTED}|[^<>'"])*>?
    |<(?:matplotlib|mpl_toolkits|seaborn|cartopy)\.[\w.]+(?:\sobject)?(?:\sat\s0x[0-9a-fA-F]+)?(?::(?:{_QUOTED}|[^<>'"])*)?>
    |\b(?:Text|Annotation)\((?:{_QUOTED}|[^()'"])*\)
    |\b(?:Rectangle|Line2D|Circle|Wedge|Polygon|FancyBboxPatch|FancyArrow|Quiver)\((?:{_QUOTED}|\([^()]*\)|[^()'"])*\)
    """,
    re.VERBOSE,
)
_AROUND: Final = re.compile(
    rf"""\b(?:array|dtype|object|silent_list|mpl\.silent_list|nan|inf|float(?:32|64)?|int(?:32|64)?|None)\b|np\.\w+
    |a\slist\sof\s(?:\d+\s)?[\w.]+(?:\sobjects)? | {_QUOTED} | [\s\d.,:+()\[\]{{}}=<>/-] | \be\b
    """,
    re.VERBOSE,
)
"""What a list, an array or a mapping of artists holds beside them: brackets, numbers, keys."""
_SILENT_LIST: Final = re.compile(r"<a list of (?:\d+ )?[\w.]+(?: objects)?>")


def without_figure_reprs(outputs: Iterable[Output]) -> tuple[Output, ...]:
    """A cell's outputs without the value of its last line, where that is only about a figure that the cell shows.

    What the author printed stays, whatever it says.
    """
    outputs = tuple(outputs)
    if not any(isinstance(output, DisplayOutput) and _is_picture(output) for output in outputs):
        return outputs
    return tuple(
        output for output in outputs if not (isinstance(output, DisplayOutput) and _is_about_figure(output))
    )


def _is_picture(output: DisplayOutput) -> bool:
    return any(media_type.startswith("image/") for media_type in output.data)


def _is_about_figure(output: DisplayOutput) -> bool:
    if set(output.data) != {"text/plain"}:
        return False
    text = str(output.data["text/plain"])
    if not output.is_result:  # a figure without axes is displayed, and has no picture
        return re.fullmatch(r"<Figure size \d+x\d+ with 0 Axes>", text) is not None
    if text.startswith(("'", '"')):
        return False
    rest, artists = _ARTIST.subn(" ", text)
    rest, lists = _SILENT_LIST.subn(" ", rest)
    if text.startswith("{") and re.search(r"\d", re.sub(_QUOTED, "", rest)):
        return False  # a mapping of results that has a figure in it
    return artists + lists > 0 and not _AROUND.sub("", rest).strip()
