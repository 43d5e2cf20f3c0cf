"""Load models: tables of backends, model files on disk, downloads by hash, and MediaPipe's package."""
