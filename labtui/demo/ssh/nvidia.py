"""`nvidia-smi` on a host: the figures come from the cluster, the ways to fail from here."""

from __future__ import annotations

from typing import Protocol

from labtui.demo.cluster.state import ClusterState

FAILURES: dict[str, tuple[int, str, str]] = {
    "driver": (
        9,
        "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure"
        " that the latest NVIDIA driver is installed and running.\n\n",
        "",
    ),
    "mismatch": (
        18,
        "Failed to initialize NVML: Driver/library version mismatch\n"
        "NVML library version: 580.95\n",
        "",
    ),
    "lost": (
        15,
        "Unable to determine the device handle for GPU0000:01:00.0: GPU is lost.  Reboot the"
        " system to recover this GPU\n",
        "",
    ),
    "missing": (127, "", "bash: line 1: nvidia-smi: command not found\n"),
    "hang": (137, "", "Killed\n"),
}
"""Exit status, output and errors by kind; `hang` never answers."""


class Generator(Protocol):
    """Who makes the figures."""

    def __call__(
        self, state: ClusterState, where: str | int, arguments: list[str]
    ) -> tuple[int, str, str]:
        """Exit status, output and errors of `nvidia-smi` on a node or in a guest (VMID)."""


def nvidia_smi(state: ClusterState, where: str | int, arguments: list[str]) -> tuple[int, str, str]:
    """Exit status, output and errors of `nvidia-smi` on a node or in a guest (VMID)."""
    from labtui.demo.cluster.gpu_use import nvidia_smi as generate

    return generate(state, where, arguments)
