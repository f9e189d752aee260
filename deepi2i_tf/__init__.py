"""DeepI2I (arXiv 2011.05867) for Keras 3 and TensorFlow."""
