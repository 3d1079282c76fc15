"""The content of a face template, and its byte layout."""
