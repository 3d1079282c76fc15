"""Records in tags and lengths: ISO/IEC 39794-5 (ASN.1, DER), and what passports and cards wrap around a record."""
