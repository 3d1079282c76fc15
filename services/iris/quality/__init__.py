"""Quality of an iris sample, and checks that it is an eye in infrared light."""
