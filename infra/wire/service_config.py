"""The gRPC service config of fusion as a channel option: retries and load balancing."""

from __future__ import annotations

import importlib.resources
import json


def service_config(*, is_client: bool = False) -> str:
    """Retries and load balancing from `fusion_grpc_service_config.json`, in one line of JSON.

    `is_client`: for a person's client, which has neither balancing nor timeouts per method.
    """
    file = importlib.resources.files("biofusion.fusion.v1").joinpath("fusion_grpc_service_config.json")
    config = json.loads(file.read_text(encoding="utf-8"))
    if is_client:
        del config["loadBalancingConfig"]
        for methods in config["methodConfig"]:
            methods.pop("timeout", None)  # WatchChanges has none
    return json.dumps(config)
