"""Commands that run adapters: other systems' languages in front of running services."""
