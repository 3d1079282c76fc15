"""Records of others (ISO/IEC, ANSI/NIST-ITL, CBEFF) ↔ samples. No I/O, and no decoding of pixels."""
