"""What is lost on the way through minutiae records, and how another vendor's records compare with our templates."""
