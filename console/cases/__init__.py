"""Pages for people who look at review cases: queue, case, verdict, history."""
