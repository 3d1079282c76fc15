"""`biofusion fusion`: how scores of several comparators become one decision."""
