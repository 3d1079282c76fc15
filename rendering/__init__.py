"""Near-infrared eyes of nobody, rendered for the demo and the tests."""
