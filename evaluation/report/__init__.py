"""The report of a fusion of scores: measured and written as one HTML page that needs no network.

`outcome` → measures (errors, calibration, missing, quality, identification, review, differential) → `findings`
→ `sections` (figures, tables and words) → `page`.
"""
