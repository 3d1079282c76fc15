"""Small files that cost much, by format; `bombs.BOMBS` has all of them."""
