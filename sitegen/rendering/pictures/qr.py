"""QR codes as PNG pictures, with the settings of Hugo's `qr` shortcode."""

from __future__ import annotations

import io
from typing import Final, Literal

from sitegen.files import digest_bytes
from sitegen.values import dataclass

LEVELS: Final[dict[str, Literal["L", "M", "Q", "H"]]] = {
    "low": "L",
    "medium": "M",
    "quartile": "Q",
    "high": "H",
}
"""How much of the code may be damaged (7, 15, 25 and 30 %), as Hugo names it and as ISO/IEC 18004 does."""
LEAST_SCALE: Final = 2
MOST_SCALE: Final = 100
"""Beyond it the largest code would be a picture of more than 300 million pixels."""

_QUIET_ZONE: Final = 4
"""Modules of white around the code that ISO/IEC 18004 asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QrCode:
    """A picture of a text."""

    png: bytes
    width_px: int
    """Of all four sides, the white around it included."""

    @property
    def name(self) -> str:
        """A file name that says what is in it."""
        return f"qr_{digest_bytes(self.png).rpartition(':')[2][:16]}.png"


def qr_code(text: str, *, level: str, scale: int) -> QrCode:
    """The smallest QR code of the text.

    Args:
        text: what a reader of the code sees.
        level: a key of `LEVELS`.
        scale: pixels a module, `LEAST_SCALE` at least.

    Raises:
        ValueError: the text is too long for a QR code of that level.
    """
    import segno

    try:
        # Bytes where it is no plain ASCII: readers take them as UTF-8, as Hugo's library writes them.
        content = text if text.isascii() else text.encode()
        code = segno.make_qr(content, error=LEVELS[level], boost_error=False)
    except segno.DataOverflowError as problem:
        raise ValueError(
            f"{len(text.encode())} bytes are too much for a QR code of level `{level}`"
        ) from problem
    picture = io.BytesIO()
    code.save(picture, kind="png", scale=scale, border=_QUIET_ZONE)
    return QrCode(png=picture.getvalue(), width_px=int(code.symbol_size(scale=scale, border=_QUIET_ZONE)[0]))
