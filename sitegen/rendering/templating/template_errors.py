"""What the author of a template is told of its failure."""

from __future__ import annotations

import re
import traceback
from pathlib import Path, PurePosixPath

from jinja2 import Environment, TemplateNotFound, TemplateSyntaxError, UndefinedError

from sitegen.config import Config
from sitegen.errors import Diagnostic, SourceLocation, near_match
from sitegen.rendering.assets import theme_folder

_ATTRIBUTE = re.compile(r"'sitegen\.[\w.]*\.(\w+?)(?:View)? object' has no attribute '(\w+)'")
_NEAR = re.compile(r"; (did you mean `.*`\?|known: .*)$")
_UNDEFINED = re.compile(r"'(\w+)' is undefined")
_RAISED = "__jinja_exception__"
"""What frames that Jinja puts into a traceback have."""
_QUOTED = re.compile(r"['`]([^'`]+)['`]")


def template_diagnostic(
    error: Exception, config: Config, *, code: str, page: SourceLocation | None
) -> Diagnostic:
    """What the author of a template is told of its failure: file, line, column where it can be told."""
    message, hint = _told(error)
    place = _place_of(error, config)
    if place is None:
        return Diagnostic(code=code, severity="error", message=message, location=page, hint=hint)
    file, line = place
    text = _line_of(file, line)
    return Diagnostic(
        code=code,
        severity="error",
        message=message,
        location=SourceLocation(path=_shown(file, config), line=line, column=_column(text, message)),
        related=(page,) if page else (),
        hint=hint,
        details=text.strip() if text and not file.is_relative_to(config.root) else None,
    )


def _told(error: Exception) -> tuple[str, str]:
    """Message and hint; our views are named as templates know them."""
    if isinstance(error, TemplateNotFound):
        meant = near_match(str(error.name), _templates(error))
        hint = f"did you mean `{meant}`?" if meant else "write it in `templates/`, or correct its name"
        return f"template `{error.name}` does not exist", hint
    if isinstance(error, TemplateSyntaxError):
        message = str(error.message)
        near = _NEAR.search(message)
        hint = near[1] if near is not None else "mend the template there or above"
        return f"{type(error).__name__}: {message[: near.start()] if near else message}", hint
    message = _ATTRIBUTE.sub(lambda found: f"`{found[1].lower()}` has no `{found[2]}`", str(error))
    near = _NEAR.search(message)
    if near is not None:
        message, hint = message[: near.start()], near[1]
    elif isinstance(error, UndefinedError):
        undefined = _UNDEFINED.fullmatch(message)
        meant = near_match(undefined[1], _names(error)) if undefined is not None else None
        hint = f"did you mean `{meant}`?" if meant else "correct the name, or ask with `is defined` first"
    else:
        hint = "mend the template there"
    return f"{type(error).__name__}: {message}", hint


def _names(error: Exception) -> set[str]:
    """What the template could have said where it went wrong: what it was given, what it sets, and functions.

    Jinja puts frames of its own into the traceback, with these names as their variables.
    """
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__) if _RAISED in frame.f_globals]
    return {name for frame in frames[-1:] for name in frame.f_locals if not name.startswith("_")}


def _templates(error: Exception) -> set[str]:
    """All names of templates that there are; told by the frame that looked for one."""
    callers = (frame.f_locals.get("self") for frame, _ in traceback.walk_tb(error.__traceback__))
    environment = next((each for each in callers if isinstance(each, Environment)), None)
    return set() if environment is None else set(environment.list_templates())


def _place_of(error: Exception, config: Config) -> tuple[Path, int] | None:
    """The template's file and line where it went wrong: the innermost frame that is a template's."""
    if isinstance(error, TemplateSyntaxError) and error.filename:
        return Path(error.filename), error.lineno
    folders = (config.templates_dir, theme_folder() / "templates")
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        file = Path(frame.filename)
        if any(file.is_relative_to(folder) for folder in folders) and frame.lineno is not None:
            return file, frame.lineno
    return None


def _shown(file: Path, config: Config) -> PurePosixPath:
    """A template's path as messages name it: below the root, or `theme:page.html`."""
    theme = theme_folder() / "templates"
    if file.is_relative_to(theme):
        return PurePosixPath(f"theme:{file.relative_to(theme).as_posix()}")
    return config.relative_to_root(file)


def _line_of(file: Path, line: int) -> str:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return lines[line - 1] if 0 < line <= len(lines) else ""


def _column(text: str, message: str) -> int | None:
    """Jinja knows no columns: where the line has the name that the message quotes last."""
    for name in reversed(_QUOTED.findall(message)):
        found = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)
        if found:
            return found.start() + 1
    return None
