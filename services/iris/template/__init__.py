"""The content of an iris template, and its byte layout."""
