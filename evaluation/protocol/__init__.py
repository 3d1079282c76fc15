"""Which samples are extracted, compared, fitted on and tested on."""
