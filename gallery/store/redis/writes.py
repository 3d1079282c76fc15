"""Writes of subjects and fusion models to a Redis store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from biometrics.template import Modality
from gallery.store.backend import EncounterRow, Outcome, ReferenceRow, Request, StoreIdentity, Write, Written
from gallery.store.redis.connections.commands import Command, Part
from gallery.store.redis.keys import Keys, prefix_of
from gallery.store.redis.positions import of_receipt
from gallery.store.redis.write_scripts import ALIAS, MODEL, WRITE
from gallery.store.tokens import new_mark

MODALITIES = tuple(Modality)
NUMBER_BYTES = 2
MODELS = 0
"""The partition of fusion models."""


def write_command(keys: Keys, store: StoreIdentity, write: Write, feed_length: int, ttl_ms: int) -> Command:
    """The command that carries out a write.

    Args:
        keys: key names of the namespace.
        store: which store must be there.
        write: the write.
        feed_length: fewest entries that the partition's feed keeps.
        ttl_ms: milliseconds for which the receipt is kept.
    """
    partition, name = write.key.partition, write.key.name
    shared = ("feed", "tail", "ids", "galleries", "slots", "snapshots", "erased")
    names = [
        keys(partition, "store"),
        keys(partition, "request", write.request.name.hex()),
        keys(partition, "subject", name.hex()),
        *(keys(partition, each) for each in shared),
        *(keys.references(partition, modality, name) for modality in MODALITIES),
        *(keys.ids(partition, gallery) for gallery in (*write.joined, *write.left)),
    ]
    more = _more(write)
    if more:
        names += [keys(partition, "expiries"), keys(partition, "leaving")]
        names.append(keys(partition, "request", write.unless.hex() or "none"))
    facts: list[Part] = [f"{prefix_of(store)}.", write.request.content, ttl_ms, write.expected, write.head]
    facts += [write.kind.value, name, new_mark(), feed_length, write.subject_id, int(bool(more))]
    encounters = [(each.encounter_id, encounter_value(each)) for each in write.encounters]
    references = [(MODALITIES.index(r.modality) + 1, r.number, reference_value(r)) for r in write.references]
    lists: list[Sequence[tuple[Part, ...]]] = [_singles(write.joined), _singles(write.left), encounters, references]
    for each in (*lists, _singles(write.key_slots), *more):
        facts += [len(each), *(part for row in each for part in row)]
    return WRITE(names, facts)


def _more(write: Write) -> Sequence[Sequence[tuple[Part, ...]]]:
    """The lists of a write that does more than to add; none of one that only adds."""
    does_more = write.anew or write.changed or write.activity or write.expiries or write.unless
    if write.head and write.leaving is None and not does_more:
        return ()
    facts: list[tuple[Part, ...]] = [(int(write.anew), "" if write.leaving is None else int(write.leaving))]
    changed = [(each.encounter_id, encounter_value(each)) for each in write.changed]
    activity = [(number, bytes([active])) for number, active in write.activity]
    expiries = [(each.encounter_id, "" if each.time is None else each.time) for each in write.expiries]
    return facts, changed, activity, expiries


def model_command(keys: Keys, store: StoreIdentity, model_id: str, text: str, request: Request, ttl_ms: int) -> Command:
    """The command that stores or removes a fusion model; arguments as `write_command` and `Backend.put_model`."""
    receipt, model = keys(MODELS, "request", request.name.hex()), keys(MODELS, "model", model_id)
    names = [keys(MODELS, "store"), receipt, keys(MODELS, "tail"), keys(MODELS, "models"), model]
    return MODEL(names, [f"{prefix_of(store)}.", request.content, ttl_ms, text, model_id])


def alias_command(keys: Keys, store: StoreIdentity, alias: str, gallery: str, request: Request, ttl_ms: int) -> Command:
    """The command that stores or removes an alias; arguments as `write_command` and `Backend.put_alias`."""
    receipt = keys(MODELS, "request", request.name.hex())
    names = [keys(MODELS, "store"), receipt, keys(MODELS, "tail"), keys(MODELS, "aliases")]
    return ALIAS(names, [f"{prefix_of(store)}.", request.content, ttl_ms, gallery, alias])


def written(partition: int, answer: Sequence[Any]) -> Written:
    """What the answer to one of these commands says."""
    outcome = Outcome(answer[0].decode())
    if outcome is Outcome.CHANGED:
        return Written(outcome, head=answer[1])
    if outcome not in (Outcome.WRITTEN, Outcome.DONE):
        return Written(outcome)
    content, position = of_receipt(partition, answer[1], answer[2])
    return Written(outcome, position, content if outcome is Outcome.DONE else b"")


def encounter_value(row: EncounterRow) -> bytes:
    """The value of an encounter's field."""
    return row.number.to_bytes(NUMBER_BYTES, "big") + row.record


def encounter_row(name: bytes, value: bytes) -> EncounterRow:
    """The inverse, from the field's name and value."""
    number = int.from_bytes(value[:NUMBER_BYTES], "big")
    return EncounterRow(name[1:].decode(), number, value[NUMBER_BYTES:])


def reference_value(row: ReferenceRow) -> bytes:
    """The value of the field of an encounter's references."""
    return bytes([row.active]) + row.sealed


def reference_row(modality: Modality, name: bytes, value: bytes) -> ReferenceRow:
    """The inverse, from the field's name and value."""
    return ReferenceRow(int(name), modality, bool(value[0]), value[1:])


def _singles(values: Sequence[Part]) -> list[tuple[Part, ...]]:
    return [(each,) for each in values]
