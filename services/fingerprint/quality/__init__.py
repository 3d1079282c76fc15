"""How useful a fingerprint sample is, and whether it shows one finger."""
