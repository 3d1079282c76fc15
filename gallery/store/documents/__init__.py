"""Small documents with versions, e.g. the rows of jobs: the port, and the rules that its adapters share."""
