"""ANSI/NIST-ITL in the traditional encoding, as fingerprint bureaus send it: Types 1, 2, 4, 9, 10, 13, 14 and 17."""
