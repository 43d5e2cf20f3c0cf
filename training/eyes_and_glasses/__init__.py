"""Train the detectors of closed eyes and of glasses."""
