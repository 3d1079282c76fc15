"""Quality of a fingerprint sample, and checks that it shows one finger."""
