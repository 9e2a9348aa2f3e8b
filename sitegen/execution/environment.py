"""The environment variables that a kernel is given, and the copy of `sitegen.lab`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import sitegen
from sitegen.execution import cuda
from sitegen.execution.jobs import Job
from sitegen.files import write_atomic
from sitegen.results.credentials import is_secret_name

if TYPE_CHECKING:  # it imports what makes folders here
    from sitegen.execution.facilities import Share

_LET_THROUGH: Final = re.compile(
    r"""PATH|HOME|USER|LOGNAME|USERNAME|SHELL|LANG|LANGUAGE|TZ|TMPDIR|TEMP|TMP|TERM|PYTHONPATH|VIRTUAL_ENV
    |LD_LIBRARY_PATH|DYLD_\w+|LC_\w+|XDG_\w+|CONDA_\w+|JUPYTER_PATH|JUPYTER_DATA_DIR
    |CUDA_\w+|NVIDIA_\w+|NCCL_\w+|PYTORCH_\w+|TORCH_\w+|TORCHINDUCTOR_\w+|TRITON_\w+|XLA_\w+|JAX_\w+
    |OMP_\w+|MKL_\w+|OPENBLAS_\w+|VECLIB_\w+|NUMEXPR_\w+|NUMBA_\w+|POLARS_\w+|KMP_\w+|GOMP_\w+
    |HF_\w+|TRANSFORMERS_\w+|MPLCONFIGDIR
    |SSL_CERT_\w+|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|https?_proxy|no_proxy|HTTPS?_PROXY|NO_PROXY
    |SOURCE_DATE_EPOCH|CI|SYSTEMROOT|SYSTEMDRIVE|WINDIR|COMSPEC|PATHEXT|APPDATA|LOCALAPPDATA|PROGRAMDATA
    |USERPROFILE|HOMEDRIVE|HOMEPATH|NUMBER_OF_PROCESSORS|PROCESSOR_\w+""",
    re.VERBOSE,
)
"""Names that cells may see: what programs need to start, find their caches and the network. An
allow-list, since a published cell can print whatever it sees."""
_THREADS: Final = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",  # numpy on macOS
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "POLARS_MAX_THREADS",
)
"""What numerical libraries ask how many threads they may have; without an answer each takes all cores."""

_DETERMINISTIC: Final = {
    "SITEGEN_DETERMINISTIC": "1",  # `kernel_side/devices.py` reads it
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",  # cuBLAS reads it when it starts, and needs one of two values
    "TORCHINDUCTOR_DETERMINISTIC": "1",  # the compiler then measures nothing to choose by
}


def kernel_environment(job: Job, environ: Mapping[str, str], share: Share) -> dict[str, str]:
    """What the kernel's process gets.

    Args:
        job: its `env` names variables that are let through whatever they are called.
        environ: the parent's.
        share: its number of threads, where the parent's environment does not say, and its CUDA devices.
    """
    allowed = {
        name: value
        for name, value in environ.items()
        if (_LET_THROUGH.fullmatch(name) and not is_secret_name(name)) or name in job.execution.env
    }
    allowed = dict.fromkeys(_THREADS, str(share.threads)) | allowed
    ours = {
        "SITEGEN_PROFILE": job.execution.profile,
        "SITEGEN_DEVICE": job.device.kind,
        "SITEGEN_ROOT": str(job.root),
        "SITEGEN_ARTIFACT_LIMIT": str(job.execution.artifact_limit_bytes),
        "PYTHONHASHSEED": "0",
        "SITEGEN_PYCACHE": str(
            job.state_dir / "pycache"
        ),  # becomes PYTHONPYCACHEPREFIX once packages are found
        "IPYTHONDIR": str(job.state_dir / "ipython"),  # nobody's start-up files and settings
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PLOTLY_RENDERER": "plotly_mimetype",  # the figure as JSON: the site brings the script
        **cuda.variables(share.cuda, environ),
    }
    if job.execution.deterministic:
        ours |= _DETERMINISTIC
    if job.execution.seed is not None:
        ours["SITEGEN_SEED"] = str(job.execution.seed)
    return {**job.kernel.env, **allowed, **ours}


def provide_lab(state_dir: Path) -> Path:
    """A folder with a copy of `sitegen.lab` and nothing else of ours, for kernels of other environments."""
    folder = state_dir / "lab"
    package = Path(sitegen.__file__).parent
    wanted = {
        folder / "sitegen" / "__init__.py": b'"""What cells may import of sitegen: `lab`."""\n',
        folder / "sitegen" / "lab.py": (package / "lab.py").read_bytes(),
    }
    for path, content in wanted.items():
        if not path.is_file() or path.read_bytes() != content:
            write_atomic(path, content)
    return folder
