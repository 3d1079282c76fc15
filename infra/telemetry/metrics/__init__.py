"""The metrics that this project has, by what they are about; docs/reference/metrics.md is made from them."""
