"""Requests as callers send them, checked by models of this project's own."""
