"""Who uses the console: logins, and what ends them."""
