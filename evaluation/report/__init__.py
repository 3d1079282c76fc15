"""What fusing a table of scores gave, measured and written as one HTML page that needs no network.

`outcome` → measures (errors, calibration, missing, quality, identification, review, differential) → `findings`
→ `sections` (figures, tables and words) → `page`.
"""
