"""What both ends of a call share: nouns and enums, errors as statuses, connections."""
