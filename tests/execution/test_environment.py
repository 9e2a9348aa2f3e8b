"""What a kernel's process gets to see."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sitegen.execution.environment import kernel_environment, provide_lab
from sitegen.execution.facilities import Share
from sitegen.execution.jobs import Job
from sitegen.execution.kernel_choice import PageDevice


def _job(site: Any, device: PageDevice | None = None, **execution: Any) -> Job:
    job: Job = site.job(site.page("a", "1", **execution), device)
    return job


def test_secrets_and_strangers_stay_outside(site: Any) -> None:
    """Only listed names go through, none that says secret, and those that the page names."""
    parent = {
        "PATH": "/bin",
        "HF_HOME": "/c",
        "HF_TOKEN": "t",
        "MY_VAR": "1",
        "DB_PASSWORD": "p",
        "WANTED": "w",
    }
    seen = kernel_environment(_job(site, env=("WANTED", "DB_PASSWORD")), parent, Share(threads=1))
    assert {name: seen.get(name) for name in parent} == {
        "PATH": "/bin",
        "HF_HOME": "/c",
        "HF_TOKEN": None,
        "MY_VAR": None,
        "DB_PASSWORD": "p",
        "WANTED": "w",
    }


def test_ours_are_set(site: Any) -> None:
    """Profile, device, hash seed and bytecode folder are the build's to say."""
    seen = kernel_environment(_job(site, profile="smoke", seed=3), {"PYTHONHASHSEED": "9"}, Share(threads=1))
    assert seen["SITEGEN_PROFILE"] == "smoke"
    assert (seen["SITEGEN_DEVICE"], seen["CUDA_VISIBLE_DEVICES"], seen["PYTHONHASHSEED"]) == ("cpu", "", "0")
    assert Path(seen["SITEGEN_PYCACHE"]).is_relative_to(site.root / ".sitegen")


def test_plotly_is_told_to_send_data(site: Any) -> None:
    """A figure is JSON alone: its HTML form would bring all of plotly.js into the record and onto the page."""
    assert kernel_environment(_job(site), {}, Share(threads=1))["PLOTLY_RENDERER"] == "plotly_mimetype"


def test_cuda_devices_are_those_of_the_share(site: Any) -> None:
    """A page sees the devices that it has for itself, of those that the build itself may see; a page of the CPU none."""
    job = _job(site, PageDevice(kind="cuda", name="H200", count=2))
    parent = {"CUDA_VISIBLE_DEVICES": "3,5,7"}
    seen = kernel_environment(job, parent, Share(threads=1, cuda=(1, 0)))
    assert (seen["CUDA_VISIBLE_DEVICES"], seen["CUDA_DEVICE_ORDER"]) == ("5,3", "PCI_BUS_ID")
    assert kernel_environment(_job(site), parent, Share(threads=1))["CUDA_VISIBLE_DEVICES"] == ""


def test_deterministic_page_says_so_to_cublas(site: Any) -> None:
    """The variable must be there before cuBLAS starts, so the kernel begins with it; other pages do not get it."""
    asked = kernel_environment(_job(site, deterministic=True), {}, Share(threads=1))
    assert (asked["CUBLAS_WORKSPACE_CONFIG"], asked["SITEGEN_DETERMINISTIC"]) == (":4096:8", "1")
    assert not {"CUBLAS_WORKSPACE_CONFIG", "SITEGEN_DETERMINISTIC", "TORCHINDUCTOR_DETERMINISTIC"} & set(
        kernel_environment(_job(site), {}, Share(threads=1))
    )


def test_threads_are_the_parents_to_say(site: Any) -> None:
    """A page has the threads of its share unless the author's environment has a number."""
    seen = kernel_environment(_job(site), {"OMP_NUM_THREADS": "7"}, Share(threads=2))
    assert (seen["OMP_NUM_THREADS"], seen["MKL_NUM_THREADS"]) == ("7", "2")


def test_lab_is_provided_alone(tmp_path: Path) -> None:
    """The folder for foreign kernels holds `lab` and nothing else of ours, and is written once."""
    folder = provide_lab(tmp_path)
    before = (folder / "sitegen/lab.py").stat().st_mtime_ns
    provide_lab(tmp_path)
    assert sorted(path.name for path in (folder / "sitegen").iterdir()) == ["__init__.py", "lab.py"]
    assert (folder / "sitegen/lab.py").stat().st_mtime_ns == before
