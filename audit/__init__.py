"""An append-only log of records in hash chains with signed heads: format, writing, reading, verification.

It knows nothing of what a record says: a record is a JSON object of its writer.
"""
