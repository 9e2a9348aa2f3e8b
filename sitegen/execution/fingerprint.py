"""The execution key: what can change a page's result, and nothing else.

The key is the digest of the canonical JSON of `results.record.Inputs`, which holds exactly:

1. for every cell that runs, in order: the digest of its code and the options `exec`, `error`, `device`,
   `fig-width`, `fig-height`, `fig-format` and the tags `parameters`, `skip-execution`, `raises-exception`; `output-limit`
   and `display-limit` where they are not the default, since they say what is kept of the outputs; and the inline
   expressions with how many cells run before each;
2. kernel name, language and interpreter version;
3. parameters, profile, seed, `deterministic` where it is asked for, `address-space` where there is one (code can ask for the
   limit, and catch the `MemoryError`), and the values of the variables that `env` lets through, except those whose name
   says token, key, secret or password (of these only the name);
4. device class: `any`, `cpu`, or the CUDA device's name and how many; with a `benchmark` cell also the CPU's model;
5. path and digest of every file that `depends` names;
6. the version of this list.

Items 7 and 8 are known only after the run: what it observed, in `execution/observed.py`.

Not in it, though a run is given them: `memory`, `timeout` and `page-timeout`, since a run that meets one has failed and is never a
result; `gpus` beyond item 4; `cpus`, which is how many threads numerical libraries have, and may change the last digits
of a float as another CPU does; `warm`, which changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from sitegen.config import Config
from sitegen.content.document import CodeCell, Digest, Document, InlineExpression, source_digest
from sitegen.content.execute_options import CellOptions, Device
from sitegen.errors import Diagnostic
from sitegen.execution import questions
from sitegen.execution.kernel_choice import KernelChoice, PageDevice
from sitegen.files import digest_bytes
from sitegen.frozen import thaw
from sitegen.results.credentials import is_secret_name
from sitegen.results.record import (
    KEY_LIST,
    CellInputs,
    DependsFile,
    DeviceInputs,
    Inputs,
    canonical,
)
from sitegen.results.scrub import scrub_data, this_machine

_KEY_TAGS: Final = frozenset(("parameters", "skip-execution", "raises-exception"))
_DEFAULTS: Final = CellOptions()
_LANGUAGE_ALIASES: Final = {"py": "python", "python3": "python", "ipython": "python", "ipython3": "python"}


def runs_in(cell: CodeCell, kernel: KernelChoice | None) -> bool:
    """Whether the kernel is to run the cell; an unknown kernel may know every language."""
    if kernel is None:
        return cell.options.runs
    language = _LANGUAGE_ALIASES.get(cell.language.lower(), cell.language.lower())
    return cell.options.runs and language == kernel.language


def running_cells(document: Document, kernel: KernelChoice | None) -> tuple[CodeCell, ...]:
    """The cells of the page that its kernel is to run; none where the page says `execute = false`."""
    if document.execution.enabled is False:
        return ()
    return tuple(cell for cell in document.cells if runs_in(cell, kernel))


def placed_expressions(
    document: Document, kernel: KernelChoice | None
) -> tuple[tuple[int, InlineExpression], ...]:
    """The inline expressions, each with how many of the running cells come before it."""
    if document.execution.enabled is False:
        return ()
    return tuple(
        (sum(runs_in(cell, kernel) for cell in document.cells[: item.after_cells]), item)
        for item in document.expressions
    )


def inputs_of(
    document: Document,
    *,
    kernel: KernelChoice | None,
    asked: Device,
    device: PageDevice,
    cpu_model: str,
    environ: Mapping[str, str],
    config: Config,
) -> tuple[Inputs, tuple[Diagnostic, ...]]:
    """What makes the page's key, item by item; with a warning for a `depends` that names no file."""
    execution = document.execution
    cells = running_cells(document, kernel)
    depends, diagnostics = _depends(document, cells, config)

    def scrubbed(value: Any) -> Any:  # a record must not hold the home folder's path
        if not value:
            return value
        questions.owner_of_machine(config.root)
        return scrub_data(value, this_machine(config.root, environ))

    placed = [[before, source_digest(item.source)] for before, item in placed_expressions(document, kernel)]
    inputs = Inputs(
        list_version=KEY_LIST,
        cells=tuple(_cell_inputs(number, cell) for number, cell in enumerate(cells, 1)),
        expressions=Digest(digest_bytes(canonical(placed))),
        kernel=execution.kernel,
        language=kernel.language if kernel is not None else "",
        interpreter=kernel.interpreter if kernel is not None else "",
        parameters=scrubbed(plain(execution.parameters)),
        profile=execution.profile,
        seed=execution.seed,
        env={name: None if is_secret_name(name) else scrubbed(environ.get(name)) for name in execution.env},
        device=_device_inputs(asked, device, cpu_model, cells),
        depends=depends,
        deterministic=execution.deterministic,
        address_space=execution.address_space_bytes,
    )
    return inputs, diagnostics


def plain(parameters: Mapping[str, object]) -> dict[str, Any]:
    """Parameters as JSON holds them; dates as ISO text."""

    def simple(value: Any) -> Any:
        if isinstance(value, dict):
            return {str(key): simple(item) for key, item in value.items()}
        if isinstance(value, list):
            return [simple(item) for item in value]
        if isinstance(value, float) and value - value != 0:  # JSON has no infinity and no NaN
            return str(value)
        return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)

    return {str(name): simple(value) for name, value in thaw(parameters).items()}


# --- items 1, 4 and 5 -------------------------------------------------------------------------------


def _cell_inputs(number: int, cell: CodeCell) -> CellInputs:
    options = cell.options
    return CellInputs(
        id=str(number),
        source=source_digest(cell.source),
        exec=options.exec,
        error=options.error,
        device=options.device,
        fig_width=options.fig_width,
        fig_height=options.fig_height,
        fig_format=options.fig_format,
        tags=tuple(sorted(_KEY_TAGS.intersection(options.tags))),
        output_limit=_unless(options.output_limit_bytes, _DEFAULTS.output_limit_bytes),
        display_limit=_unless(options.display_limit, _DEFAULTS.display_limit),
    )


def _unless(value: int, default: int) -> int | None:
    return None if value == default else value


def _device_inputs(
    asked: Device, device: PageDevice, cpu_model: str, cells: Iterable[CodeCell]
) -> DeviceInputs:
    model = cpu_model if any(cell.options.benchmark for cell in cells) else ""
    if asked == "any":
        return DeviceInputs(kind="any", cpu_model=model)
    return DeviceInputs(kind=device.kind, name=device.name, count=device.count, cpu_model=model)


def _depends(
    document: Document, cells: Sequence[CodeCell], config: Config
) -> tuple[tuple[DependsFile, ...], tuple[Diagnostic, ...]]:
    """The files that `depends` names: below the page's folder, or with a leading `/` below the root."""
    folder = (config.root / document.path).parent
    found: dict[str, Digest | None] = {}
    diagnostics = []
    for cell in cells:
        for pattern in cell.options.depends or ():
            base = config.root if pattern.startswith("/") else folder
            files = questions.matches(pattern.lstrip("/"), base)
            prefix = "/" if base is config.root else ""
            found.update({f"{prefix}{Path(file).as_posix()}": _digest_or_none(base / file) for file in files})
            if not files:
                found[pattern] = None
                diagnostics.append(
                    Diagnostic(
                        code="SG211",
                        severity="warning",
                        message=f"`depends` names no file: `{pattern}`",
                        location=cell.location,
                        hint="a path is relative to the page's folder; with a leading `/`, to the site's",
                    )
                )
    files_found = tuple(DependsFile(path=path, digest=digest) for path, digest in sorted(found.items()))
    return files_found, tuple(diagnostics)


def changed_depends(inputs: Inputs, folder: Path, root: Path) -> tuple[str, ...]:
    """Paths of item 5 whose content is no longer that of the key: a run may have read them in the other state."""
    return tuple(
        file.path
        for file in inputs.depends
        if _digest_or_none((root if file.path.startswith("/") else folder) / file.path.lstrip("/"))
        != file.digest
    )


def _digest_or_none(path: Path) -> Digest | None:
    found = questions.content_of(path)
    return None if found is None or found.digest is None else Digest(found.digest)
