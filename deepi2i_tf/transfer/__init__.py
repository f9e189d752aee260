"""Knowledge transfer: networks that start from the weights of another run."""
