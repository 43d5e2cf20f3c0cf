"""Make the data that the matting network learns from and is tested on."""
