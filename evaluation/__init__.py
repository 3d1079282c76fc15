"""Offline: protocols, fitting calibrations, reports after ISO/IEC 19795, and the rendered eyes of the demo."""
