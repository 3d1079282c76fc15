"""How the networks that this project trains itself are made; nothing here runs in a service."""
