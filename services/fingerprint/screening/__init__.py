"""A rough score, cheap enough for every print of a gallery."""
