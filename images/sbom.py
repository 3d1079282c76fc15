"""A CycloneDX list of what an image holds: Python packages, Debian packages, models with their digests and licences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import Message
from email.parser import Parser
from hashlib import sha256
from importlib.metadata import distributions
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from images.base import EPOCH
from infra.models.manifest import manifest

_licence = LicenseFactory().make_from_string


def bill_of_materials(root: Path, name: str, layers: list[str]) -> str:
    """The list as JSON of CycloneDX 1.6; equal images have equal lists.

    Args:
        root: of the image's file system.
        name: of the image.
        layers: digests of its layers.

    Raises:
        ValueError: the list breaks the schema.
    """
    image = Component(name=name, type=ComponentType.CONTAINER, bom_ref=name)
    metadata = BomMetaData(component=image, timestamp=datetime.fromtimestamp(EPOCH, UTC))
    parts = [*_python(root), *_debian(root), *_models(root)]
    bom = Bom(components=parts, metadata=metadata, serial_number=uuid5(NAMESPACE_URL, " ".join([name, *layers])))
    bom.register_dependency(image, parts)
    text = JsonV1Dot6(bom).output_as_string(indent=1)
    if error := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise ValueError(f"The list of {name} breaks the schema of CycloneDX 1.6: {error}")
    return text


def _python(root: Path) -> Iterator[Component]:
    folders = [root / "biofusion", *root.glob("venv/lib/python3.*/site-packages")]
    for found in distributions(path=[str(each) for each in folders]):
        name, stated = (
            re.sub(r"[-_.]+", "-", found.name).lower(),
            found.metadata.get("License-Expression") or found.metadata.get("License"),
        )
        yield Component(
            name=name,
            version=found.version,
            purl=PackageURL("pypi", None, name, found.version),
            bom_ref=f"pypi:{name}",
            licenses=[_licence(stated.splitlines()[0])] if stated else [],
        )


def _debian(root: Path) -> Iterator[Component]:
    for package in _packages(root):
        name, version = package["Package"], package["Version"]
        yield Component(
            name=name,
            version=version,
            purl=PackageURL("deb", "debian", name, version, {"arch": package["Architecture"]}),
            bom_ref=f"deb:{name}",
        )


def _packages(root: Path) -> Iterator[Message]:
    """The packages by what dpkg keeps, or by files of one package each, as in images without dpkg."""
    files = sorted((root / "var/lib/dpkg/status.d").glob("*"))
    whole = root / "var/lib/dpkg/status"
    stanzas = [each.read_text() for each in files] or (whole.read_text().split("\n\n") if whole.is_file() else [])
    yield from (Parser().parsestr(each) for each in stanzas if each.startswith("Package:"))


def _models(root: Path) -> Iterator[Component]:
    for item in manifest().models.values():
        file = root / "models" / item.cached
        if file.is_file():
            yield Component(
                name=item.name,
                version=item.sha256[:16],
                type=ComponentType.MACHINE_LEARNING_MODEL,
                bom_ref=f"model:{item.name}",
                hashes=[HashType(alg=HashAlgorithm.SHA_256, content=sha256(file.read_bytes()).hexdigest())],
                licenses=[_licence(item.licence)],
            )
