"""The policy at the door: which operation a method is, what a request reaches, and how much of an answer leaves."""
