"""The network, its losses and samples, and the training loop."""
