"""Log lines of a service: their form, and how they are written."""
