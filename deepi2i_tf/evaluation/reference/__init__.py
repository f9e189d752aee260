"""Reference models (classifier, pose regressor) trained on real images."""
