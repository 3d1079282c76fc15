"""Joining a Ray cluster."""

from __future__ import annotations

import ray


def connect(address: str) -> None:
    """Join a Ray cluster, unless this process has joined one.

    Raises:
        ConnectionError: there is no cluster at the address.
    """
    if not ray.is_initialized():
        ray.init(address=address, namespace="biofusion", log_to_driver=False, configure_logging=False)
