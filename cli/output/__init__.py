"""What people read: tables, sheets, errors."""
