"""Offline evaluation: protocols, fitting of calibrations and fusion models, reports after ISO/IEC 19795."""
