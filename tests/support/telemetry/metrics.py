"""The metrics of the code, and reading them as Prometheus does."""

from __future__ import annotations

import pkgutil
import urllib.request
from importlib import import_module

from prometheus_client.parser import text_string_to_metric_families

from infra.telemetry import metrics
from infra.telemetry.instruments import Instrument, declared


def every_instrument() -> list[Instrument]:
    """All instruments that the code declares, in order of their names; not those of tests."""
    for each in pkgutil.iter_modules(metrics.__path__):
        import_module(f"{metrics.__name__}.{each.name}")
    return [declared[name] for name in sorted(declared) if name.startswith("biofusion_")]


def scraped(port: int) -> str:
    """What the endpoint of a port answers."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        text: str = answer.read().decode()
        return text


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Value by name and labels, in order of the labels' names."""
    families = text_string_to_metric_families(text)
    return {(each.name, tuple(sorted(each.labels.items()))): each.value for of in families for each in of.samples}
