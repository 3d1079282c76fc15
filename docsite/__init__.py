"""What `make docs` makes of the documents: their pages, those that are generated, and links that are followed."""

from infra.extras import tell_plainly

tell_plainly()  # before the first import that may fail
