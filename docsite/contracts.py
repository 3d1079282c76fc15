"""The contracts as descriptors that keep their comments."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from tempfile import TemporaryDirectory

from google.api import field_behavior_pb2
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet

SYNTAX = (12,)
"""The path of a file's `syntax` line, whose comment is that of the file (descriptor.proto, SourceCodeInfo)."""

SERVICE, METHOD, MESSAGE, ENUM = 6, 2, 4, 5
"""Field numbers in a file or service: the parts of a path."""

FIELD, NESTED_MESSAGE, NESTED_ENUM, VALUE = 2, 3, 4, 2
"""Field numbers in a message or enum."""

ProtoPath = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Contract:
    """One proto file.

    Args:
        file: its descriptor.
        comments: the text before each element, by its path; nothing for an element without one.
    """

    file: FileDescriptorProto
    comments: Mapping[ProtoPath, str]

    def comment(self, *path: int) -> str:
        """What is written before an element, without the comment marks."""
        return self.comments.get(path, "")


def read_contracts(protos: Path, package: str) -> dict[str, list[Contract]]:
    """The contracts below a package, by package, both in order of name.

    Args:
        protos: the folder that import paths begin at.
        package: its folder there, e.g. "biofusion".

    Raises:
        subprocess.CalledProcessError: protoc refuses a file; it has printed why.
    """
    names = sorted(str(path.relative_to(protos)) for path in (protos / package).rglob("*.proto"))
    found: dict[str, list[Contract]] = {}
    for file in sorted(_compiled(protos, names), key=attrgetter("name")):  # protoc puts what is imported first
        comments = {tuple(each.path): each.leading_comments for each in file.source_code_info.location}
        found.setdefault(file.package, []).append(Contract(file, comments))
    return dict(sorted(found.items()))


def behaviours(field: FieldDescriptorProto) -> Iterator[str]:
    """What google.api.field_behavior says of a field, in lower case: "required", "output only"."""
    for number in field.options.Extensions[field_behavior_pb2.field_behavior]:
        yield field_behavior_pb2.FieldBehavior.Name(number).lower().replace("_", " ")


def _compiled(protos: Path, names: list[str]) -> list[FileDescriptorProto]:
    with TemporaryDirectory() as folder:
        out = Path(folder) / "contracts"
        words = [sys.executable, "-m", "grpc_tools.protoc", "-I", str(protos), "--include_source_info"]
        subprocess.run([*words, f"--descriptor_set_out={out}", *names], check=True)  # noqa: S603  # our own words
        return list(FileDescriptorSet.FromString(out.read_bytes()).file)
