"""In the kernel: films. An animation of matplotlib is displayed as an animated PNG; a film in a file comes along."""

from __future__ import annotations

import base64
import io
import mimetypes
import os
import sys
from typing import Any

_MOST_BYTES = 64 * 1024 * 1024
"""A larger file is not copied into the record; its `src` stays as it is."""


def install(shell: Any) -> None:
    """Prepare the kernel, before any code of the page; nothing is imported for it."""
    formatters = shell.display_formatter.formatters
    formatters["image/png"].for_type_by_name("matplotlib.animation", "Animation", _animated_png)
    # else `animation.html` would have the frames drawn again, for a player of its own
    formatters["text/html"].for_type_by_name("matplotlib.animation", "Animation", _nothing)
    formatters["text/html"].for_type_by_name("IPython.core.display", "Video", _video_html)


def _animated_png(animation: Any) -> str | None:
    """Every frame once, at the animation's own speed, base64; None where Pillow is missing."""
    try:
        from PIL import Image
    except ImportError:
        return None
    writer_type: Any = sys.modules["matplotlib.animation"].AbstractMovieWriter
    interval = float(getattr(animation, "_interval", 100.0))
    frames: list[Any] = []

    class Frames(writer_type):  # type: ignore[misc]
        def setup(self, fig: Any, outfile: Any, dpi: Any = None) -> None:
            super().setup(fig, outfile, dpi=dpi)

        def grab_frame(self, **savefig_kwargs: Any) -> None:
            buffer = io.BytesIO()
            self.fig.savefig(buffer, **{**savefig_kwargs, "format": "rgba", "dpi": self.dpi})
            frames.append(Image.frombuffer("RGBA", self.frame_size, buffer.getvalue(), "raw", "RGBA", 0, 1))

        def finish(self) -> None:
            pass

    try:
        animation.save("animation.png", writer=Frames(fps=1000 / interval))
    except Exception as error:
        sys.last_value = error  # for our report: IPython shows what a display raises and does not keep it
        raise
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:  # else its last frame would be shown below it
        pyplot.close(animation._fig)
    if not frames:
        return None
    whole = io.BytesIO()
    opaque = [frame.convert("RGB") for frame in frames]
    opaque[0].save(
        whole, "PNG", save_all=True, append_images=opaque[1:], duration=max(1, round(interval)), loop=0
    )
    return base64.b64encode(whole.getvalue()).decode("ascii")


def _nothing(_: Any) -> None:
    return None


def _video_html(video: Any) -> str | None:
    """A `Video` of a local file with the file in it: a path means nothing on another machine."""
    path = getattr(video, "filename", None)
    if video.embed or not path or not os.path.isfile(path) or os.path.getsize(path) > _MOST_BYTES:  # noqa: PTH113, PTH202
        html: str = video._repr_html_()
        return html
    mime = video.mimetype or mimetypes.guess_type(path)[0] or "video/mp4"
    with open(path, "rb") as stream:  # noqa: PTH123
        data = base64.b64encode(stream.read()).decode("ascii")
    size = "".join(
        f' {name}="{value}"' for name in ("width", "height") if (value := getattr(video, name, None))
    )
    return f'<video controls{size}><source src="data:{mime};base64,{data}" type="{mime}"></video>'
