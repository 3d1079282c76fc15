"""Plain classes that implement ports, by port."""
