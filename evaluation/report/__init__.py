"""Reports: figures and plots of a verification test, and the HTML page of a fusion of scores.

The page: `findings/outcome` → one module of `findings` per question (errors, calibration, missing, quality,
identification, review, differential) → `findings/all_findings` → `sections` (figures, tables and words) → `page`.
`groups` has the rates by columns of images.csv, and bounds on their ratios, for `evaluation_report`.
"""
