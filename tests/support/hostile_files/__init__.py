"""Small files that are costly to decode, one module per format; `bombs.BOMBS` has all of them."""
