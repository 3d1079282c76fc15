"""The life cycle of encounters and subjects, galleries and exports, on the wire."""
