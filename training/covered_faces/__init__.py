"""Train and measure the detector of covered faces; see training/README.md."""
