"""Error rates with their confidence intervals (ISO/IEC 19795-1), and the cost of likelihood ratios (Cllr)."""
