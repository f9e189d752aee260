"""BigGAN-PyTorch's HDF5: for people who already have one."""
