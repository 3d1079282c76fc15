"""Builds the images without a daemon, compares two builds, lists their parts, and runs them as pods: `make images`."""

from infra.extras import tell_plainly

tell_plainly()  # before the first import that may fail
