"""What a call passes before work begins: its estimated cost, its turn, room for its message."""
