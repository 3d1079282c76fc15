"""What each operation asks of fusion, and how its answers are told."""
