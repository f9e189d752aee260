"""The original's way of reading: HDF5, opened anew for every image.

DeepI2I's released code reads its images as BigGAN-PyTorch does: a data set
whose every item opens the file, takes one row and scales it to [-1, 1], and a
loader with worker processes that gather shuffled rows into batches. This does
the same with NumPy and shared memory where the original has PyTorch, which
has no part in the work itself.
"""

import multiprocessing
from collections.abc import Iterator
from multiprocessing import shared_memory

import h5py
import numpy as np

_AHEAD = 2  # batches that each worker makes ahead, as PyTorch's loader does


def write_hdf5(path: str, images: np.ndarray, labels: np.ndarray) -> None:
    """Writes a file in the layout of make_hdf5.py.

    Args:
        path: of the file.
        images: uint8, (n, R, R, 3).
        labels: (n,).
    """
    rows = np.transpose(images, (0, 3, 1, 2))
    with h5py.File(path, "w") as file:
        chunks = (min(500, len(rows)), *rows.shape[1:])
        file.create_dataset("imgs", data=rows, chunks=chunks)
        file.create_dataset("labels", data=labels.astype(np.int64))


def _read_item(path: str, row: int) -> tuple[np.ndarray, int]:
    with h5py.File(path, "r") as file:
        image, label = file["imgs"][row], file["labels"][row]
    return (image.astype(np.float32) / 255 - 0.5) * 2, label


def _work(path, memory_name, shape, requested, done) -> None:
    memory = shared_memory.SharedMemory(memory_name)
    slots = np.ndarray(shape, np.float32, memory.buf)
    while (task := requested.get()) is not None:
        slot, rows = task
        read = [_read_item(path, row) for row in rows]
        slots[slot] = np.stack([image for image, _ in read])
        done.put((slot, np.array([label for _, label in read])))
    memory.close()


def batches(
    path: str, batch_size: int, num_workers: int, seed: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yields shuffled batches, endlessly; close it to end its processes.

    Args:
        path: of the HDF5 file.
        batch_size: images of a batch.
        num_workers: processes that read.
        seed: of the order.

    Yields:
        float32 (batch_size, 3, R, R) in [-1, 1], a copy; int64 (batch_size,).
    """
    with h5py.File(path, "r") as file:
        shape = file["imgs"].shape
    slots_shape = (num_workers * _AHEAD, batch_size, *shape[1:])
    size = 4 * int(np.prod(slots_shape))
    memory = shared_memory.SharedMemory(create=True, size=size)
    slots = np.ndarray(slots_shape, np.float32, memory.buf)
    context = multiprocessing.get_context("spawn")
    requested, done = context.Queue(), context.Queue()
    common = (path, memory.name, slots_shape, requested, done)
    workers = [
        context.Process(target=_work, args=common) for _ in range(num_workers)
    ]
    for worker in workers:
        worker.start()
    rows = _endless_rows(shape[0], batch_size, seed)
    try:
        yield from _exchange(slots, rows, requested, done)
    finally:
        for worker in workers:
            worker.terminate()
            worker.join()
        memory.close()
        memory.unlink()


def _exchange(slots, rows, requested, done) -> Iterator:
    """Hands finished batches over and asks for others in their slots."""
    for slot in range(len(slots)):
        requested.put((slot, next(rows)))
    while True:
        slot, labels = done.get()
        images = slots[slot].copy()
        requested.put((slot, next(rows)))
        yield images, labels


def _endless_rows(
    length: int, batch_size: int, seed: int
) -> Iterator[list[int]]:
    rng = np.random.default_rng(seed)
    while True:
        order = rng.permutation(length)
        for start in range(0, length - batch_size + 1, batch_size):
            yield order[start : start + batch_size].tolist()
