"""Running the services, or their extractors and comparators, in this process."""
