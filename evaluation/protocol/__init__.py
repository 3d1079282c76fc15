"""Protocol of an evaluation: extracting and comparing a set, and splitting it for fitting and testing."""
