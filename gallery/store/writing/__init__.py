"""Enrolments and erasures become writes of a backend."""
