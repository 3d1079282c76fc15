"""What the process that searches and the shards send each other. Everything here is picklable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from biometrics.comparison import Scores
from biometrics.errors import BiofusionError, ConfigurationInvalid
from biometrics.template import Position, Template
from gallery.index.search.rank import IndexHit
from gallery.store.values import START, ConsistencyToken


@dataclass(frozen=True)
class Importable:
    """A function or class, and the arguments to call it with.

    Ray keeps the arguments of an actor: pass no password or key, but where each machine finds it.

    Args:
        path: module and name, e.g. "services.face.comparator:FaceComparator".
        arguments: keyword arguments; picklable.
    """

    path: str
    arguments: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def make(self, *first: Any) -> Any:
        """Import the function and call it with these positional arguments and its own.

        Raises:
            ConfigurationInvalid: there is no such module or name.
        """
        module, _, name = self.path.partition(":")
        try:
            made = getattr(import_module(module), name)
        except (ImportError, AttributeError, ValueError) as error:
            raise ConfigurationInvalid(
                f"{self.path} cannot be imported. Write module:name, and install the same version on every machine."
            ) from error
        return made(*first, **self.arguments)


@dataclass(frozen=True)
class ShardSpec:
    """What a shard is made of.

    Args:
        partitions: those whose references it holds; at least one.
        partition_count: number of partitions of the store.
        store: opens the store.
        comparator: makes the comparator.
        options: further arguments of its `ExactIndex`: names and values.
        snapshots: makes the reader of the store's snapshots, of the store, or None; None: they are not used.
        callers: most searches at once.
    """

    partitions: tuple[int, ...]
    partition_count: int
    store: Importable
    comparator: Importable
    options: Mapping[str, Any] = field(default_factory=dict)
    snapshots: Importable | None = None
    callers: int = 64


@dataclass(frozen=True)
class Query:
    """One probe's search.

    Args:
        probe: a template that the comparator accepts.
        position: of the probe.
        gallery: to search; "" in a scoring of named subjects.
        limit: most subjects returned, 1 or more.
        left_s: seconds until the answer is of no use.
        seen: token of writes that the search must see; names only partitions of the shard.
    """

    probe: Template = field(repr=False)
    position: Position
    gallery: str
    limit: int
    left_s: float
    seen: ConsistencyToken = START


@dataclass(frozen=True)
class ShardHits:
    """Answer of one shard.

    Args:
        hits: the best subjects of its partitions, in the order of `Index.search`.
        subject_count: subjects of the gallery in its partitions.
    """

    hits: Sequence[IndexHit] = field(repr=False)
    subject_count: int


@dataclass(frozen=True)
class Screened:
    """First half of a search by a comparator with a screened share: the shard's best screening scores.

    Args:
        scores: float32, shape (k,), falling.
        is_all: whether these are the scores of all rows.
        row_count: number of rows searched.
        widest: largest number of references of a subject.
        error: the comparator's `screening_error`.
    """

    scores: Scores = field(repr=False)
    is_all: bool
    row_count: int
    widest: int
    error: float


@dataclass(frozen=True)
class ShardStatus:
    """State of a shard.

    Args:
        is_ready: whether it has loaded its partitions.
        is_healthy: whether it is ready, and did not drop its copy in the last 3 s.
        applied: token of the newest changes that it has applied.
        last_error: why it cannot follow the store; "" if it can.
        skipped_count: references that it cannot use.
        unreadable_count: subjects that the store could not read.
        life: random; another one after a restart.
        process_id: of its process, on its machine.
    """

    is_ready: bool
    is_healthy: bool
    applied: ConsistencyToken
    last_error: str
    skipped_count: int
    unreadable_count: int
    life: str
    process_id: int


@dataclass(frozen=True)
class Refused:
    """An error of this project, sent in the place of an answer: exceptions with several arguments are not picklable."""

    kind: type[BiofusionError]
    message: str
    reason: str
    metadata: Mapping[str, str]

    @classmethod
    def of(cls, error: BiofusionError) -> Refused:
        """Make the message for an error."""
        return cls(type(error), error.message, error.reason, error.metadata)

    @property
    def error(self) -> BiofusionError:
        """The error."""
        made = self.kind.__new__(self.kind)
        BiofusionError.__init__(made, self.message, reason=self.reason, **self.metadata)
        return made
