"""Enrolments, erasures and all changes of what is enrolled become writes of a backend."""
