"""The work on jobs: an engine per process, a keeper per job, workers on chunks."""
