"""The content of a fingerprint template, its byte layout, and the arrays that kernels work on."""
