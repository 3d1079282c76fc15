"""The system of record: the port, its two adapters, and the rules that both follow."""
