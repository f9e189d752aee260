"""The server: TensorFlow Serving's REST and gRPC contracts, and a page."""
