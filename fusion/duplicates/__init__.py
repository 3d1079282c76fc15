"""Whether somebody who is enrolled is the same person: as an answer of its own, and as a condition of an enrolment."""
