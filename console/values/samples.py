"""The samples of a review case, of which pages show those of both sides beside each other."""

from __future__ import annotations

from dataclasses import dataclass

PROBE, CANDIDATE = "probe", "candidate"
SIDES = (PROBE, CANDIDATE)


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample of a side.

    Args:
        side: PROBE or CANDIDATE.
        index: in the case's list of this side.
        modality, position: what it is of.
        reference: the caller's name of its picture; "" if there is none.
        has_image, has_template: they are sealed with the case.
    """

    side: str
    index: int
    modality: str
    position: str
    reference: str
    has_image: bool
    has_template: bool

    @property
    def has_picture(self) -> bool:
        """Whether there is a picture to be fetched."""
        return bool(self.reference or self.has_image)


@dataclass(frozen=True, slots=True)
class Tab:
    """A finger, an eye or a face: what is compared side by side.

    Args:
        modality, position: what it is.
        number: 1, or more if a side has several of one position.
        probe, candidate: the samples; None if a side has none.
    """

    modality: str
    position: str
    number: int
    probe: Sample | None
    candidate: Sample | None

    @property
    def sides(self) -> tuple[tuple[str, Sample | None], ...]:
        """Both, named."""
        return ((PROBE, self.probe), (CANDIDATE, self.candidate))


def tabs_of(samples: tuple[Sample, ...]) -> tuple[Tab, ...]:
    """The samples of both sides side by side, by modality and position in the order in which the case has them."""
    places = dict.fromkeys((each.modality, each.position) for each in samples)
    tabs = []
    for modality, position in places:
        of_place = [each for each in samples if (each.modality, each.position) == (modality, position)]
        probes, candidates = ([each for each in of_place if each.side == side] for side in SIDES)
        for number in range(max(len(probes), len(candidates))):
            pair = (
                probes[number] if number < len(probes) else None,
                candidates[number] if number < len(candidates) else None,
            )
            tabs.append(Tab(modality, position, number + 1, *pair))
    return tuple(tabs)
