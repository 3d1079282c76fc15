"""Error rates of comparisons and what they are worth: ISO/IEC 19795-1 figures, Cllr, intervals."""
