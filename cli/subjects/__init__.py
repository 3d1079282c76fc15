"""Commands on enrolled subjects, their encounters and galleries, by calls of the fusion service."""
