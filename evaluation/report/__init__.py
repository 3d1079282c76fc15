"""The report of a fusion of scores: measured and written as one HTML page that needs no network.

`findings/outcome` → one module of `findings` per question (errors, calibration, missing, quality, identification,
review, differential) → `findings/all_findings` → `sections` (figures, tables and words) → `page`.
"""
