"""Image formats: signatures, header checks, decoding cost, pixels. Runs inside the decoder process."""
