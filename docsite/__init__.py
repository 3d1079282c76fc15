"""What `make docs` adds to the pages under docs/: pages that are generated, and links that are followed and checked."""
