"""Raw images to TFRecord shards: one folder per data set, one command."""
