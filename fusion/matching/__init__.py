"""The matching services as fusion sees them, and what their failures mean."""
