"""Figures, tables and the HTML page that holds them; no network is needed to read it."""
