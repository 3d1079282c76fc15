"""Verifies all chains of an audit folder: that nothing was changed, taken out, moved, written again or cut off.

1. Each record must follow from the one before it: its hash is computed again.
2. Each head must stand for what is before it, and be signed by a trusted key.
3. Each head that was kept elsewhere must still be in its chain.
4. No chain may be there twice, and no instance may have two.

What only the writer of a chain and nobody else could know is the signing key. So what comes after the last head could
have been written by anybody who can write to the folder; `Verified.unsigned` says how much that is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from audit.chain_check import ChainCheck, Checked
from audit.chain_folder import chain_folders
from audit.faults import Fault, FaultKind
from audit.heads import Head
from audit.signing import PublicKeys


@dataclass(frozen=True, slots=True)
class Verified:
    """The outcome.

    Args:
        chains: what was found in each folder of a chain.
        faults: everything that is wrong, at most 100 of each chain; none if all is in order.
    """

    chains: tuple[Checked, ...]
    faults: tuple[Fault, ...]

    @property
    def records(self) -> int:
        """Number of records of all chains."""
        return sum(each.records for each in self.chains)


def verify(
    folder: Path,
    keys: PublicKeys,
    kept: Iterable[Head] = (),
    *,
    may_begin_later: bool = False,
    progress: Callable[[int], None] = lambda _records: None,
) -> Verified:
    """Verify all chains in a folder.

    Args:
        folder: the audit folder.
        keys: the public keys that are trusted.
        kept: heads that were kept elsewhere.
        may_begin_later: whether the oldest files of a chain may be absent, as they were moved to an archive.
        progress: told the number of records verified so far, every 10,000.

    Raises:
        ConfigurationInvalid: the folder cannot be read.
        OSError: a file cannot be read.
    """
    by_chain: dict[str, list[Head]] = {}
    for head in kept:
        by_chain.setdefault(head.chain, []).append(head)
    chains: list[Checked] = []
    for each in chain_folders(folder):
        before = sum(other.records for other in chains)
        check = ChainCheck(each, keys, by_chain, may_begin_later=may_begin_later)
        chains.append(check.run(lambda done, before=before: progress(before + done)))  # type: ignore[misc]
    faults = [fault for each in chains for fault in each.faults]
    return Verified(tuple(chains), (*faults, *_of_all(chains, by_chain, keys)))


def _of_all(chains: list[Checked], kept: dict[str, list[Head]], keys: PublicKeys) -> Iterable[Fault]:
    """Faults that no chain shows alone."""
    for heads in kept.values():
        for head in heads:
            if not head.is_by(keys):
                what = "A kept head is not signed by a trusted key."
                yield Fault(FaultKind.BADLY_SIGNED, f"{head.instance}/{head.n}", what)
    by_id: dict[str, Checked] = {}
    by_instance: dict[str, Checked] = {}
    for each in chains:
        if each.chain in by_id:
            both = f"The folders {by_id[each.chain].folder} and {each.folder} have one chain."
            yield Fault(FaultKind.FORKED, each.instance, f"{both} {_parted(by_id[each.chain], each)}")
        elif each.instance in by_instance:
            both = f"The folders {by_instance[each.instance].folder} and {each.folder}"
            yield Fault(FaultKind.FORKED, each.instance, f"{both} have different chains of one instance.")
        by_id.setdefault(each.chain, each)
        by_instance.setdefault(each.instance, each)
    for chain in kept.keys() - by_id.keys():
        head = kept[chain][0]
        what = f"The whole chain {chain} is not there, of which a head was kept."
        yield Fault(FaultKind.MISSING, head.instance, what)


def _parted(one: Checked, other: Checked) -> str:
    same = one.digest == other.digest
    return "Both end alike: one is a copy." if same else "They end differently."
