"""Files that torch.save writes, read and written without torch."""

from deepi2i_tf.torch_files.reader import read_tensors as read_tensors
from deepi2i_tf.torch_files.stored_tensor import StoredTensor as StoredTensor
from deepi2i_tf.torch_files.writer import write_tensors as write_tensors
