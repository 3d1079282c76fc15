"""Columns of an index: subjects, references and names in numpy arrays, without a Python object for each."""
