"""The system of record: the port, its adapters for SQLite and Redis, and the rules that both follow."""
