"""Tells clients of the changes of subjects, from the store's feeds."""
