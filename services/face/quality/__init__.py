"""Quality of a face sample, and checks that it is a photograph of a face."""
