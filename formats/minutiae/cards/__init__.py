"""Minutiae as smart cards hold them (ISO/IEC 19794-2, clause 8; ISO/IEC 7816-11)."""
