"""Figures, tables and the HTML page that contains them; it needs no network."""
