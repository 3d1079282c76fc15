"""Reports: figures and plots of a verification test, and the HTML page of a fusion of scores.

The page: `outcome` → measures (errors, calibration, missing, quality, identification, review, differential)
→ `findings` → `sections` (figures, tables and words) → `page`.
"""
