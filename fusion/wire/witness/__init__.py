"""The audit log's records of calls and jobs: what they say, how a decision is derived from one again, and export."""
