"""The kernel provisioner that jupyter_client finds under the name `sitegen`: kernels that leave nothing behind."""

from __future__ import annotations

from jupyter_client.provisioning.local_provisioner import LocalProvisioner


class KeptProvisioner(LocalProvisioner):
    """A local process, for now."""
