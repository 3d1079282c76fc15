"""What `make docs` makes of the documents: their pages, those that are generated, and links that are followed."""
