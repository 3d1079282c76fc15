"""Contracts → one page of the API reference for each package: services, messages, fields, enums."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from google.protobuf.descriptor_pb2 import DescriptorProto, EnumDescriptorProto, FieldDescriptorProto

from docsite.contracts import (
    ENUM,
    FIELD,
    MESSAGE,
    METHOD,
    NESTED_ENUM,
    NESTED_MESSAGE,
    SERVICE,
    SYNTAX,
    VALUE,
    Contract,
    ProtoPath,
    behaviours,
)
from docsite.prose import cell, prose, with_code

REPEATED = FieldDescriptorProto.LABEL_REPEATED
MESSAGE_TYPES = (FieldDescriptorProto.TYPE_MESSAGE, FieldDescriptorProto.TYPE_ENUM)


def package_page(package: str, contracts: Sequence[Contract]) -> str:
    """The Markdown of a package's page."""
    lines = [f"# {package}", "", *_heads(contracts), ""]
    for contract in contracts:
        lines += _services(contract)
    if any(contract.file.message_type for contract in contracts):
        lines += ["## Messages", ""]
    for contract in contracts:
        for place, message in enumerate(contract.file.message_type):
            lines += _message(contract, message, message.name, (MESSAGE, place))
    if any(contract.file.enum_type for contract in contracts):
        lines += ["## Enums", ""]
    for contract in contracts:
        for place, enum in enumerate(contract.file.enum_type):
            lines += _enum(contract, enum, enum.name, (ENUM, place))
    return "\n".join(lines).rstrip() + "\n"


def overview(packages: dict[str, list[Contract]]) -> str:
    """Tables of all services with their methods, and of the packages, for a page beside those of the packages."""
    lines = ["| service | methods |", "|---|---|"]
    for package, contracts in packages.items():
        for service in (each for contract in contracts for each in contract.file.service):
            methods = (f"[{each.name}]({package}.md#{service.name}.{each.name})" for each in service.method)
            lines.append(f"| [{package}.{service.name}]({package}.md#{service.name}) | {', '.join(methods)} |")
    lines += ["", "| package | what |", "|---|---|"]
    for package, contracts in packages.items():
        lines.append(f"| [{package}]({package}.md) | {'<br>'.join(cell(said) for said in _said(contracts))} |")
    return "\n".join(lines) + "\n"


def _heads(contracts: Sequence[Contract]) -> list[str]:
    """The beginning of a package's page: what its file says of itself, or a list of what its files say."""
    if len(contracts) == 1:
        return [prose(contracts[0].comment(*SYNTAX))]
    return [f"- {with_code(' '.join(said.split()))}" for said in _said(contracts)]


def _said(contracts: Sequence[Contract]) -> list[str]:
    """What each file of a package says of itself, after the file's name where there are several."""
    comments = [each.comment(*SYNTAX) for each in contracts]
    if len(contracts) == 1:
        return comments
    names = [PurePosixPath(each.file.name).name for each in contracts]
    return [f"`{name}`: {comment}" for name, comment in zip(names, comments, strict=True)]


def _services(contract: Contract) -> Iterator[str]:
    for place, service in enumerate(contract.file.service):
        yield f"## {service.name} {{ #{service.name} }}\n"
        yield prose(contract.comment(SERVICE, place)) + "\n"
        for number, method in enumerate(service.method):
            yield f"### {method.name} {{ #{service.name}.{method.name} }}\n"
            yield f"{_link(contract, method.input_type)} → {_link(contract, method.output_type)}\n"
            yield prose(contract.comment(SERVICE, place, METHOD, number)) + "\n"


def _message(contract: Contract, message: DescriptorProto, name: str, path: ProtoPath) -> Iterator[str]:
    if message.options.map_entry:
        return
    yield f"### {name} {{ #{name} }}\n"
    yield prose(contract.comment(*path)) + "\n"
    yield from _fields(contract, message, path)
    yield ""
    for place, nested in enumerate(message.nested_type):
        yield from _message(contract, nested, f"{name}.{nested.name}", (*path, NESTED_MESSAGE, place))
    for place, enum in enumerate(message.enum_type):
        yield from _enum(contract, enum, f"{name}.{enum.name}", (*path, NESTED_ENUM, place))


def _fields(contract: Contract, message: DescriptorProto, path: ProtoPath) -> Iterator[str]:
    """A table of the fields. What google.api.field_behavior says of all alike is said once, before it."""
    said = {tuple(behaviours(field)) for field in message.field}
    alike = said.pop() if len(said) == 1 else ()
    if alike:
        yield f"Fields: {', '.join(alike)}.\n"
    if message.field:
        yield from ("| field | type | | what |", "|---|---|---|---|")
    for place, field in enumerate(message.field):
        remarks = ", ".join([*(() if alike else behaviours(field)), *_presence(message, field)])
        comment = cell(contract.comment(*path, FIELD, place))
        yield f"| `{field.name}` | {_type(contract, message, field)} | {remarks} | {comment} |"


def _enum(contract: Contract, enum: EnumDescriptorProto, name: str, path: ProtoPath) -> Iterator[str]:
    yield f"### {name} {{ #{name} }}\n"
    yield prose(contract.comment(*path)) + "\n"
    yield from ("| value | number | what |", "|---|---|---|")
    for place, value in enumerate(enum.value):
        yield f"| `{value.name}` | {value.number} | {cell(contract.comment(*path, VALUE, place))} |"
    yield ""


def _presence(message: DescriptorProto, field: FieldDescriptorProto) -> Iterator[str]:
    """Whether one can tell that it is not set, or which choice it is part of."""
    if field.proto3_optional:
        yield "may be unset"
    elif field.HasField("oneof_index"):
        yield f"one of `{message.oneof_decl[field.oneof_index].name}`"


def _type(contract: Contract, message: DescriptorProto, field: FieldDescriptorProto) -> str:
    entry = next((each for each in message.nested_type if field.type_name.endswith(f".{each.name}")), None)
    if entry and entry.options.map_entry:
        key, value = (_type(contract, entry, each) for each in entry.field)
        return f"map of {key} to {value}"
    named = field.type in MESSAGE_TYPES
    name = _link(contract, field.type_name) if named else FieldDescriptorProto.Type.Name(field.type)[5:].lower()
    return f"repeated {name}" if field.label == REPEATED else name


def _link(contract: Contract, type_name: str) -> str:
    """To where a type is described: the name alone where that is in its own package, or not in ours."""
    full = type_name.removeprefix(".")
    own = f"{contract.file.package}."
    if full.startswith(own):
        return f"[{full.removeprefix(own)}](#{full.removeprefix(own)})"
    package, name = _divided(full)
    root, _, _ = own.partition(".")
    return f"[{name}]({package}.md#{name})" if package.startswith(f"{root}.") else f"`{full}`"


def _divided(full: str) -> tuple[str, str]:
    """Package and name within it, by the case of the first letters: packages are in lower case."""
    parts = full.split(".")
    place = next(place for place, part in enumerate(parts) if part[0].isupper())
    return ".".join(parts[:place]), ".".join(parts[place:])
