"""Finger minutiae records and cards (ISO/IEC 19794-2:2005 and :2011, ANSI INCITS 378-2004 and -2009) ↔ minutiae."""
