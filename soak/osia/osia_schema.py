"""Requests that schemathesis makes from OSIA's file, to the adapter in front of the real services.

Needs schemathesis in an environment of its own, which `make soak` makes, and the interface's file, which is not in the
project.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from infra.models.model_cache import asset
from soak.figures import Figure
from soak.processes.serve import serving
from tests.service import pictures
from tests.support.adapters.osia_file import path as interface_file
from tests.support.identity.tokens import AUDIENCE, ISSUER, jwk, key, key_set, token
from tests.support.jobs.receiver import receiver

EXAMPLES = int(os.environ.get("SOAK_EXAMPLES", "200"))
"""Requests of each operation that are made at random, besides those at the limits of each field."""
SCHEMATHESIS = os.environ.get("SOAK_SCHEMATHESIS", str(Path(sys.prefix) / "schema/bin/schemathesis"))
SEED = 1
NOBODY = "http://127.0.0.1:1"
"""Where callbacks are not taken, so that there is something to deliver again."""
SCOPES = (
    "abis.encounter.read abis.encounter.write abis.identify abis.verify abis.gallery.read abis.task.read "
    "abis.task.update"
)
EXCLUDED = ("positive_data_acceptance", "missing_required_header")
"""Valid requests that cannot be honoured are 400, as decision 0067 says. A missing token is 403 in the file; the check
wants 401."""


def campaign() -> list[Figure]:
    """Every check of schemathesis but EXCLUDED; takes ten minutes with 200 examples."""
    with TemporaryDirectory() as name, receiver() as there:
        folder = Path(name)
        with (
            serving(f"sqlite:///{folder / 'store.db'}") as services,
            _adapter(folder, services.address, there.origin) as (
                address,
                log,
            ),
        ):
            known = {"samples": _samples(address), "callbacks": [there.url, f"{NOBODY}/"]}
            (folder / "known.json").write_text(json.dumps(known), encoding="utf-8")
            report = _run(folder, address)
            counted = Counter(json.loads((folder / "counted.json").read_text(encoding="utf-8")))
            logged = log.read_text(encoding="utf-8")
    return _figures(report, counted, len(there.received), logged)


def _figures(report: dict[str, Any], counted: Counter[str], callbacks: int, logged: str) -> list[Figure]:
    by_status: Counter[str] = Counter()
    for each, number in counted.items():
        by_status[each.rpartition(" ")[2]] += number
    honoured = {each.split()[0] for each in counted if each.endswith((" 200", " 202", " 204"))}
    operations = report["operations"]
    failed = {each["code"]: f"{each['title']} ({each['count']})" for each in report["failures"]}
    undocumented, wrong = failed.pop("ST100", "0"), failed.pop("ST001", "0")
    errors, statuses = len(report["errors"]), ", ".join(f"{code} × {by_status[code]:,}" for code in sorted(by_status))
    told = logged.count(" ERROR ") + logged.count("Traceback")
    return [
        Figure(
            "operations with requests; with answers 200, 202 or 204",
            "22; 22",
            f"{operations['tested']}; {len(honoured)}",
            operations["tested"] == len(honoured) == 22,
        ),
        Figure(
            f"{sum(counted.values()):,} answers: {statuses}; statuses that the file does not document",
            "0",
            undocumented,
            undocumented == "0",
        ),
        Figure("statuses 500 and above", "0", wrong, wrong == "0"),
        Figure(
            f"other findings, without {' and '.join(EXCLUDED)}",
            "none",
            "; ".join(failed.values()) or "none",
            not failed,
        ),
        Figure("requests without an answer", "0", str(errors), not errors),
        Figure("results by callback", "> 0", str(callbacks), callbacks > 0),
        Figure("errors in the adapter's log", "0", str(told), not told),
    ]


@contextmanager
def _adapter(folder: Path, fusion: str, callbacks: str) -> Iterator[tuple[str, Path]]:
    """`biofusion osia` in a process of its own, which asks for tokens; gives its address and log."""
    (folder / "keys").write_bytes(key_set(jwk(key(), "one")))
    (folder / "key").write_bytes(os.urandom(32).hex().encode())
    settings = {
        "ADAPTER_PORT": "0",
        "ADAPTER_FUSION_TARGET": fusion,
        "OSIA_DATABASE": str(folder / "osia.db"),
        "OSIA_KEY_FILE": str(folder / "key"),
        "OSIA_CALLBACK_ORIGINS": f"{callbacks},{NOBODY}",
        "TOKEN_ISSUER": ISSUER,
        "TOKEN_AUDIENCE": AUDIENCE,
        "TOKEN_KEYS": str(folder / "keys"),
        "TOKEN_ALGORITHMS": "ES256",
    }
    environment = (
        os.environ | {f"BIOFUSION_{name}": value for name, value in settings.items()} | {"PYTHONUNBUFFERED": "1"}
    )
    log = folder / "osia.log"
    with (
        log.open("wb") as file,
        subprocess.Popen(
            [sys.executable, "-m", "cli", "osia"], env=environment, stdout=subprocess.PIPE, stderr=file, text=True
        ) as process,
    ):
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[2].removesuffix("."), log
        finally:
            process.terminate()


def _samples(address: str) -> list[dict[str, Any]]:
    """Biometric data of one person: two eyes, and a finger as minutiae, which the adapter makes of an image."""
    image = base64.b64encode(asset("finger-1")).decode()
    finger = {"biometricType": "FINGER", "biometricSubType": "RIGHT_INDEX", "image": image, "resolution": 500}
    body = {"status": "ACTIVE", "encounterType": "civil", "galleries": ["one"], "biometricData": [finger]}
    path = f"{address}/v1/persons/person-0/encounters/first"
    with httpx.Client(trust_env=False, timeout=60, headers={"Authorization": f"Bearer {_token()}"}) as client:
        client.post(f"{path}?transactionId=t", json=body).raise_for_status()
        (told,) = client.get(f"{path}/templates?transactionId=t").raise_for_status().json()
    eyes = [
        {"biometricType": "IRIS", "biometricSubType": side, "image": base64.b64encode(pictures.eye(identity)).decode()}
        for identity, side in ((1, "EYE_RIGHT"), (2, "EYE_LEFT"))
    ]
    names = ("biometricType", "biometricSubType", "template", "templateFormat")
    return [{name: told[name] for name in names}, *eyes]


def _token() -> str:
    return token(scope=SCOPES, exp=int(time.time()) + 86_400)


def _run(folder: Path, address: str) -> dict[str, Any]:
    """Run schemathesis, and return its report."""
    given = {
        "PYTHONPATH": str(Path(__file__).parent),
        "SCHEMATHESIS_HOOKS": "likely_requests",
        "SOAK_OSIA_KNOWN": str(folder / "known.json"),
        "SOAK_OSIA_COUNTED": str(folder / "counted.json"),
    }
    words = ["run", str(interface_file()), "--url", address, "--max-examples", str(EXAMPLES), "--seed", str(SEED)]
    words += [
        "--phases",
        "examples,coverage,fuzzing,stateful",
        "--exclude-checks",
        ",".join(EXCLUDED),
        "--continue-on-failure",
    ]
    words += [
        "--header",
        f"Authorization: Bearer {_token()}",
        "--request-timeout",
        "60",
        "--no-color",
        "--warnings",
        "off",
    ]
    words += ["--report-json-path", str(folder / "report.json"), "--generation-database", "none"]
    done = subprocess.run(
        [SCHEMATHESIS, *words], env=os.environ | given, cwd=folder, text=True, capture_output=True, check=False
    )
    sys.stderr.write(done.stdout[-8000:] if done.returncode else "")
    report: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return report
