"""Offline evaluation: protocols, fitting of calibrations and fusion models, reports after ISO/IEC 19795."""

from infra.extras import tell_plainly

tell_plainly()  # before the first import that may fail
