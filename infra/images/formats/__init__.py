"""What a file is, what decoding it will cost, and its pixels. Runs inside the guarded process."""
