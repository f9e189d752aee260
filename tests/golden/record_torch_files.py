"""Records torch_files/*.pth: state dicts as torch itself writes them.

Run once, with torch 2.13.0 beside this project:
    python -m tests.golden.record_torch_files
zip.pth is of the format since 2020, legacy.pth of the one before, and
module.pth holds a whole network, which only code of its own can open.
"""

import collections
import importlib
import pathlib

FOLDER = pathlib.Path(__file__).parent / "torch_files"


def main() -> None:
    """Writes the three files."""
    torch = importlib.import_module("torch")
    numbers = torch.arange(24, dtype=torch.float32).reshape(4, 6) / 7
    state = collections.OrderedDict(
        float32=numbers,
        float16=numbers.half(),
        bfloat16=numbers.bfloat16(),
        float64=numbers.double(),
        int64=torch.arange(5),
        bool=torch.tensor([True, False]),
        scalar=torch.tensor(0.5),
        empty=torch.zeros(0, 3),
        transposed=numbers.T,
        part=numbers[1:3, 2:],
        parameter=torch.nn.Parameter(numbers[0]),
        step=7,
    )
    # As network.state_dict() has it.
    state._metadata = collections.OrderedDict([("", {"version": 1})])
    torch.save(state, FOLDER / "zip.pth")
    torch.save(
        state, FOLDER / "legacy.pth", _use_new_zipfile_serialization=False
    )
    torch.save(torch.nn.Linear(2, 2), FOLDER / "module.pth")


if __name__ == "__main__":
    main()
