"""Decodes WSQ (wavelet scalar quantisation), the compression of fingerprints in police and civil records.

Written from the algorithm of IAFIS-IC-0110 (V3.1, "WSQ Gray-Scale Fingerprint Image Compression Specification"). The
chapters in the order of decoding: `segments` and `tables` (what the file states), `subbands` (where its coefficients
lie), `entropy` (bits → coefficients), `synthesis` (coefficients → grey levels), all joined in `decode`.
"""
