"""What galleries of 10^6 to 3 · 10^8 subjects need: bytes, machines, cost, and what their identifications answer."""
