"""A rough score, cheap enough for every iris of a gallery."""
