"""What a record says of each field of a request or answer. What is not in the table is in no record.

A test holds that the table has every field of fusion's methods, so that a new one is decided about.
"""

from __future__ import annotations

from enum import Enum


class How(Enum):
    """How a field is recorded."""

    PLAIN = "PLAIN"
    """As it is: it says nothing of a person. Of messages, but for times, only how many there are."""
    SUBJECT = "SUBJECT"
    """Keyed hash of a subject's id, equal for one id in all fields of this kind."""
    ENCOUNTER = "ENCOUNTER"
    """Keyed hash of an encounter's id, likewise."""
    HASHED = "HASHED"
    """Keyed hash of another text that may say something of a person, or is long."""
    COUNT = "COUNT"
    """Only how many there are."""
    SAMPLES = "SAMPLES"
    """Modality, position and kind of source of each."""
    WITHIN = "WITHIN"
    """A message whose fields are recorded by this table."""
    DECISION = "DECISION"
    """The whole message `Decision`, which has no id and no biometric data."""
    LEFT_OUT = "LEFT_OUT"
    """Not at all."""


_NAMES = {
    How.PLAIN: """
        add_encounter alias before consistency_token done due_time duplicate_fpir enrolled_prior etag
        expected_false_pairs expire_time fmr format fpir from_model_id fusion_model_id galleries gallery
        max_candidate_count max_minutia_count max_refused_count max_refused_share modality name none_posterior
        on_duplicate outcome page_size position positions posterior previous_gallery priority rank reason
        reference_position reference_quality reference_quality_is_claimed replayed request_id review_case
        review_case_failure role runner_up_gap_llr sample_index sealed_expire_time searched_subject_count side
        skip_unusable state states system total_count unread_parts unseen_max_llr unwritten_count validate_only
        verdict view
        """,
    How.SUBJECT: "new_subject_id probe_subject_id source_subject_id subject_id target_subject_id",
    How.ENCOUNTER: "encounter_id encounter_ids",
    How.HASHED: "callback caller_reference destination note recipient_public_key source",
    How.COUNT: """
        aliases candidate_samples counts encounter evidence explanation missing models operations probe_samples
        records reports results review_cases scores subject subjects
        """,
    How.SAMPLES: "sample samples",
    How.WITHIN: "candidates duplicate_checks enrolled_probe options other_decision",
    How.DECISION: "decision",
    How.LEFT_OUT: """
        error filter image metadata model model_json next_page_token package page_token response resume_token
        return_partial_success template timeout unreachable
        """,
}

HOW = {name: how for how, names in _NAMES.items() for name in names.split()}
"""How a field is recorded, by its name, which means the same in all messages."""
