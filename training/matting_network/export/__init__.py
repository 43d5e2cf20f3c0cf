"""Convert the network between PyTorch checkpoints and ONNX files."""
