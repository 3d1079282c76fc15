"""The table of what the example policy allows, written by hand and read otherwise than the gate reads the policy."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tests.unit.fusion.policies import ANN, DESK, OFFICE, OPERATOR, REPORTS, STRANGER

OPERATIONS = {
    "enrol": "EnrollSubject",
    "change": "MergeSubjects SplitSubject UpdateEncounter ActivateEncounter DeactivateEncounter SetEncounterExpiry "
    "MoveEncounter JoinGalleries LeaveGalleries",
    "verify": "VerifySubject",
    "identify": "IdentifySubjects CheckDuplicates",
    "explain": "ExplainEvidence",
    "read": "GetSubject ListSubjects GetEncounter",
    "watch": "WatchChanges",
    "delete": "DeleteSubject DeleteEncounter",
    "export": "ExportEncounter ExportSubject StartExport",
    "assess": "CheckQuality FuseScores",
    "info": "GetFusionModel ListFusionModels GetServiceInfo",
    "models": "UploadFusionModel DeleteFusionModel",
    "administer": "ListGalleries SetGalleryAlias DeleteGalleryAlias GetAgreement",
    "import": "StartImport",
    "sweep": "StartDuplicateSweep",
    "maintain": "StartRetemplating StartExpiry",
    "jobs": "ListJobResults RedeliverCallback ListOperations GetOperation DeleteOperation CancelOperation "
    "WaitOperation",
    "match": "ExtractTemplate CompareTemplates ExplainComparison SearchGallery ScoreSubjects ExtractFingers "
    "ExportTemplates",
    "open-cases": "CreateReviewCase WithdrawReviewCase",
    "read-cases": "GetReviewCase ListReviewCases WatchReviewCases",
    "review": "ClaimReviewCase GiveBackReviewCase DecideReviewCase OpenSealedSample",
    "supervise": "",
}
WORDS = {name: word for word, names in OPERATIONS.items() for name in names.split()}

ONE = "GetSubject GetEncounter VerifySubject ExplainEvidence ExportEncounter ExportSubject"
WHOLE = (
    "DeleteSubject DeleteEncounter MergeSubjects SplitSubject UpdateEncounter ActivateEncounter DeactivateEncounter "
    "SetEncounterExpiry MoveEncounter JoinGalleries LeaveGalleries"
)
NAMED = "IdentifySubjects CheckDuplicates SearchGallery StartExport StartDuplicateSweep EnrollSubject"
NAMED_OR_ALL = "ListSubjects WatchChanges"
ALL = (
    "ListGalleries GetAgreement StartImport StartRetemplating StartExpiry ListOperations ScoreSubjects "
    "CreateReviewCase WithdrawReviewCase GetReviewCase ListReviewCases WatchReviewCases ClaimReviewCase "
    "GiveBackReviewCase DecideReviewCase OpenSealedSample"
)
OF_JOB = "ListJobResults RedeliverCallback GetOperation DeleteOperation CancelOperation WaitOperation"
ALIASES = "SetGalleryAlias DeleteGalleryAlias"

ANY = frozenset({"", "border", "permit", "operations"})

Rights = dict[str, set[str] | frozenset[str]]


def each_of(words: str, rights: Rights) -> dict[str, Rights]:
    """The same rights for some operations."""
    return dict.fromkeys(words.split(), rights)


MAY: dict[str, dict[str, Rights]] = {
    DESK: {
        **each_of("verify assess info", {"residents": {"border"}}),
        "identify": {"watchlist": {"border"}, "wanted": {"border"}},
    },
    OFFICE: {
        **each_of("enrol change delete verify", {"residents": {"permit"}}),
        **each_of("read export explain", {"residents": {"permit", "border"}}),
        "identify": {"wanted": {"border"}},  # no use, as the gallery that is meant is not allowed
    },
    OPERATOR: each_of(" ".join(OPERATIONS), {"*": {"operations"}}),
    REPORTS: {
        **each_of("watch jobs sweep", {"residents": {"border", "operations"}}),
        **each_of("import maintain administer match", {"residents": {"border"}}),  # most need all galleries
    },
    ANN: each_of("read verify", {"watchlist": ANY}),
    STRANGER: {},
    "local": {},
}
"""Caller → operation → gallery → purposes."""

PLACES = {
    "residents": ("ann", ["residents"]),
    "watchlist": ("bob", ["watchlist"]),
    "both": ("cat", ["residents", "watchlist"]),
    "alias": ("bob", ["watchlist"]),
    "nowhere": ("ghost", []),
}
"""By place: a subject, and the galleries that it is in."""

PURPOSES = ("", "border", "permit", "operations", "fishing")


def expected(caller: str, name: str, place: str, purpose: str) -> bool:
    """Whether the table allows it."""
    words = [WORDS[name]]
    if name in OF_JOB.split():  # the job is a sweep of the gallery, or an export where the place is an alias
        words += ["export" if place == "alias" else "sweep"] if PLACES[place][1] else []
    rights = [MAY[caller].get(word, {}) for word in words]

    def may(gallery: str) -> bool:
        return any(purpose in each.get(place, ()) for each in rights for place in (gallery, "*"))

    share, galleries = reached(name, place)
    return share(map(may, galleries)) if galleries else any(purpose in held for held in rights[0].values())


def reached(name: str, place: str) -> tuple[Callable[[Iterable[bool]], bool], list[str]]:
    """In which galleries a call must be allowed, and whether in all or any of them; none: it is about none."""
    its, named = PLACES[place][1], names(place)
    table = {
        ONE: (any, its or ["*"]),
        WHOLE: (all, its or ["*"]),
        NAMED: (all, named or ["default"]),
        NAMED_OR_ALL: (all, named or ["*"]),
        ALL: (all, ["*"]),
        OF_JOB: (all, named or ["*"]),
        ALIASES: (all, ["wanted", "watchlist"]),
    }
    return next((found for names, found in table.items() if name in names.split()), (any, []))


def names(place: str) -> list[str]:
    """The galleries that a request with one gallery is about."""
    return {"alias": ["wanted", "watchlist"], "both": ["residents"]}.get(place) or PLACES[place][1]
