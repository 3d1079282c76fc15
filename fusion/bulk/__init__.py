"""The kinds of jobs: import, export, duplicate sweep, replacing templates, expiry."""
