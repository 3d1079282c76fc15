"""Error rates by the groups that columns of images.csv state: rates, ratios and bounds on them, and their page."""
