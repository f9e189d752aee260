"""Translates any number of photos with Apache Beam, to TFRecord shards.

Each shard is one piece of work: photos that go together, or the records of one
TFRecord file. Workers read it, translate it by Beam's RunInference over the
exported model, and write

    translations-00003-of-00064.tfrecord    tf.train.Examples of
        translated_bytes (PNG), source, suffix (as in the names of single
        files), first_class, second_class, amount
    translations-00003-of-00064.json        how many, and what was refused

A shard whose .json is there is done, so the same command goes on where it was
interrupted; job.json holds what it was started with. Every worker must see
model, photos and output under the same paths.
"""

import dataclasses
import glob
import hashlib
import io
import json
import math
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import apache_beam as beam
import numpy as np
import tensorflow as tf
from apache_beam.ml.inference.base import (
    KeyedModelHandler,
    ModelHandler,
    RunInference,
)
from apache_beam.options.pipeline_options import PipelineOptions
from PIL import Image

from deepi2i_tf.config.commands import TranslateOptions
from deepi2i_tf.data.photo_files import decode_photo
from deepi2i_tf.serving.photos import list_photos
from deepi2i_tf.serving.picture_rows import Frame
from deepi2i_tf.serving.translate_photos import (
    load_translator,
    plan_rows,
    translate_frames,
)
from deepi2i_tf.serving.translator import LoadedTranslator
from deepi2i_tf.utils import image_geometry
from deepi2i_tf.utils.atomic_files import (
    atomic_file,
    explain_disk_errors,
    read_json,
    sha256_of_file,
    write_json,
    write_text,
)
from deepi2i_tf.utils.beam_options import parse_beam_options
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.fit import Fit

JOB_FILE = "job.json"
REFUSED_FILE = "refused.tsv"
# Of an Example, where a picture is looked for.
IMAGE_FEATURES = ("image_bytes", "image/encoded", "image")
_FORMAT = 1
_PICTURES_OF_A_SHARD = 1000
_PICTURES, _REFUSED, _SHARD = "pictures", "refused", "shard"


@dataclasses.dataclass(frozen=True)
class Shard:
    """One piece of work.

    Args:
        number: from 0.
        path: of what is written, without its ending.
        sources: photos, or one TFRecord file.
    """

    number: int
    path: str
    sources: tuple[str, ...]

    @property
    def is_done(self) -> bool:
        """Whether it has been written."""
        return os.path.exists(f"{self.path}.json")


def translate_bulk(options: TranslateOptions) -> int:
    """Translates what the options say, or what is left of it.

    Returns:
        The number of pictures made, in this call and before.

    Raises:
        UserError: model, input, output or Beam's flags are wrong.
    """
    pipeline_options = parse_beam_options(options.beam_options)
    sources, are_records = list_sources(options.input)
    translator = load_translator(options.model)
    rows = plan_rows(translator, options)
    frames = [frame for row in rows for frame in row.frames]
    shards = _shards(sources, are_records, len(frames), options)
    with explain_disk_errors(
        options.output, "Finished shards stay.", "choose another --output"
    ):
        job = _job(translator.path, frames, sources, len(shards))
        _begin(Path(options.output), job, options.overwrite)
        left = [shard for shard in shards if not shard.is_done]
        fit = Fit(translator.fit, translator.pad_color)
        reader = _Reader(are_records, translator.resolution, fit)
        handler = _Translation(
            os.path.abspath(translator.path), frames, translator.batch_size
        )
        if left:
            _run(left, reader, handler, pipeline_options)
        made, refused = _outcome(shards)
        lines = [f"{source}\t{reason}" for source, reason in refused]
        write_text(
            Path(options.output, REFUSED_FILE),
            "".join(f"{line}\n" for line in ("source\treason", *lines)),
        )
    if refused:
        where = os.path.join(options.output, REFUSED_FILE)
        print(f"Refused {len(refused)} photos: {where}", file=sys.stderr)
    return made


def list_sources(path: str) -> tuple[list[str], bool]:
    """The files that `--input` stands for, and whether they are TFRecords.

    Raises:
        UserError: there is none, or some are TFRecords and some are not.
    """
    if os.path.exists(path):
        found = [path]
        if os.path.isdir(path):
            found = sorted(glob.glob(os.path.join(glob.escape(path), "*")))
            found = [file for file in found if _is_records(file)]
            if not found:
                return list_photos(path), False
    else:
        found = sorted(glob.glob(path, recursive=True))
        found = [file for file in found if os.path.isfile(file)]
    records = [file for file in found if _is_records(file)]
    if not found or len(records) not in (0, len(found)):
        what = "TFRecords beside other files" if records else "no file"
        raise UserError(
            "Expected --input to be photos or TFRecords: a folder, or a "
            f"pattern such as 'photos/*/*.jpg'. Received: {path}, {what}. "
            "Correct it."
        )
    return found, bool(records)


def _is_records(path: str) -> bool:
    # TFDS writes set-train.tfrecord-00000-of-00004.
    return ".tfrecord" in os.path.basename(path)


def _shards(
    sources: Sequence[str],
    are_records: bool,
    num_frames: int,
    options: TranslateOptions,
) -> list[Shard]:
    count = len(sources)
    if not are_records:
        pictures = len(sources) * num_frames
        enough = math.ceil(pictures / _PICTURES_OF_A_SHARD)
        count = min(count, options.num_shards or enough)
    elif options.num_shards not in (0, count):
        raise UserError(
            f"Expected no --num_shards beside {count} TFRecord files, which "
            f"have a shard each. Received: num_shards={options.num_shards}. "
            "Leave it out."
        )
    ends = [len(sources) * each // count for each in range(count + 1)]
    return [
        Shard(
            number,
            os.path.join(
                options.output, f"translations-{number:05d}-of-{count:05d}"
            ),
            tuple(sources[ends[number] : ends[number + 1]]),
        )
        for number in range(count)
    ]


def _job(
    model: str, frames: Sequence[Frame], sources: Sequence[str], shards: int
) -> dict[str, Any]:
    """What has to be the same for shards to go together."""
    files = sorted(each for each in Path(model).rglob("*") if each.is_file())
    wanted = [
        (frame.first, frame.second, frame.amount, frame.z.tobytes().hex())
        for frame in frames
    ]
    return {
        "format": _FORMAT,
        "model": _digest([sha256_of_file(file) for file in files]),
        "pictures": _digest(wanted),
        "sources": _digest([(s, os.path.getsize(s)) for s in sources]),
        "num_shards": shards,
    }


def _digest(values: Any) -> str:
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()


def _begin(output: Path, job: Mapping[str, Any], overwrite: bool) -> None:
    """Makes the folder, or takes up the same job in it."""
    before = read_json(output / JOB_FILE)
    if before is None and output.exists() and any(output.iterdir()):
        raise UserError(
            "Expected --output to be a new folder, or one that this command "
            f"has begun. Received: {output}, which holds something else. "
            "Choose another."
        )
    if before not in (None, job):
        if not overwrite:
            changed = [k for k in job if before.get(k) != job[k]]
            raise UserError(
                f"Expected {output} to hold the same job. Received: another "
                f"({', '.join(changed)} differ). Choose another --output, or "
                "add --overwrite."
            )
        for path in output.glob("translations-*"):
            path.unlink()
    if before != job:
        output.mkdir(parents=True, exist_ok=True)
        write_json(output / JOB_FILE, dict(job))


def _outcome(shards: Sequence[Shard]) -> tuple[int, list[list[str]]]:
    """Pictures of all shards, and what was refused."""
    done = [read_json(Path(f"{shard.path}.json")) for shard in shards]
    refused = [each for shard in done for each in shard[_REFUSED]]
    return sum(shard[_PICTURES] for shard in done), refused


def _run(
    shards: Sequence[Shard],
    reader: "_Reader",
    handler: "_Translation",
    options: PipelineOptions,
) -> None:
    with beam.Pipeline(options=options) as pipeline:
        work = (
            pipeline
            | "Shards" >> beam.Create([(s.number, s) for s in shards])
            # Else a runner may fuse all shards into one worker's work.
            | "Spread" >> beam.Reshuffle()
        )
        read = work | "Read" >> beam.ParDo(
            reader, len(handler.frames)
        ).with_outputs(_REFUSED, main=_PICTURES)
        pictures = (
            read[_PICTURES]
            | "Translate" >> RunInference(KeyedModelHandler(handler))
            | "By shard" >> beam.Map(_by_shard)
        )
        _ = (
            {
                _SHARD: work,
                _PICTURES: pictures,
                _REFUSED: read[_REFUSED],
            }
            | "Gather" >> beam.CoGroupByKey()
            | "Write" >> beam.Map(_write, handler.frames)
        )


def _by_shard(
    made: tuple[tuple[int, int, str, int], bytes],
) -> tuple[int, tuple[int, int, str, bytes]]:
    (shard, index, source, frame), picture = made
    return shard, (index, frame, source, picture)


class _Reader(beam.DoFn):
    """Yields the photos of a shard once a frame, or why there is none."""

    def __init__(self, are_records: bool, resolution: int, fit: Fit) -> None:
        self._are_records = are_records
        self._resolution, self._fit = resolution, fit

    def process(
        self, element: tuple[int, Shard], num_frames: int
    ) -> Iterator[Any]:
        """Reads one shard."""
        number, shard = element
        contents = _records if self._are_records else _files
        for index, (source, content) in enumerate(contents(shard.sources)):
            try:
                if isinstance(content, Exception):
                    raise content
                pixels = self._pixels(content)
            except (UserError, OSError, tf.errors.OpError) as error:
                reason = " ".join(str(error).split())
                refused = number, (index, source, reason)
                yield beam.pvalue.TaggedOutput(_REFUSED, refused)
                continue
            for frame in range(num_frames):
                yield (number, index, source, frame), (pixels, frame)

    def _pixels(self, content: bytes) -> np.ndarray:
        side = self._resolution
        try:
            return decode_photo(content, side, self._fit)
        except UserError:
            # Our own sets store pixels as they are.
            if not self._are_records or len(content) != side * side * 3:
                raise
            stored = np.frombuffer(content, np.uint8)
            return stored.reshape(side, side, 3)


def _files(paths: Iterable[str]) -> Iterator[tuple[str, bytes | Exception]]:
    for path in paths:
        try:
            yield path, Path(path).read_bytes()
        except OSError as error:
            yield path, error


def _records(paths: Iterable[str]) -> Iterator[tuple[str, bytes | Exception]]:
    for path in paths:
        number = 0
        try:
            for record in tf.data.TFRecordDataset(path).as_numpy_iterator():
                yield f"{path}#{number}", _image_of(record)
                number += 1
        except tf.errors.OpError as error:  # the rest cannot be found
            yield f"{path}#{number}", error


def _image_of(record: bytes) -> bytes | Exception:
    refused = UserError(
        "Expected a tf.train.Example with a picture as "
        f"{', '.join(IMAGE_FEATURES)}. Received: another record. Convert it."
    )
    try:
        features = tf.train.Example.FromString(record).features.feature
    except Exception as error:  # protobuf's own, of no public name
        refused.__cause__ = error
        return refused
    for name in IMAGE_FEATURES:
        if name in features and len(features[name].bytes_list.value) == 1:
            return features[name].bytes_list.value[0]
    return refused


class _Translation(ModelHandler[tuple[np.ndarray, int], bytes, Any]):
    """The exported model, for RunInference."""

    def __init__(
        self, path: str, frames: Sequence[Frame], batch_size: int
    ) -> None:
        super().__init__(max_batch_size=batch_size)
        self.frames = list(frames)
        self._path = path

    def load_model(self) -> LoadedTranslator:
        """Once for each process."""
        return load_translator(self._path)

    def run_inference(
        self,
        batch: Sequence[tuple[np.ndarray, int]],
        model: LoadedTranslator,
        inference_args: dict[str, Any] | None = None,
    ) -> list[bytes]:
        """PNGs of a batch: pixels, uint8 (R, R, 3), and number of the frame."""
        images = np.stack([pixels for pixels, _ in batch])
        translated = translate_frames(
            model,
            image_geometry.to_signed(images),
            [self.frames[number] for _, number in batch],
        )
        return [_png(each) for each in image_geometry.to_uint8(translated)]


def _png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG")
    return buffer.getvalue()


def _write(
    element: tuple[int, Mapping[str, Iterable[Any]]], frames: Sequence[Frame]
) -> None:
    _, found = element
    (shard,) = found[_SHARD]
    pictures = sorted(found[_PICTURES], key=lambda each: each[:2])
    with atomic_file(f"{shard.path}.tfrecord") as beside:
        with tf.io.TFRecordWriter(os.fspath(beside)) as writer:
            for _, frame, source, picture in pictures:
                example = _example(source, frames[frame], picture)
                writer.write(example.SerializeToString())
    refused = [[source, why] for _, source, why in sorted(found[_REFUSED])]
    facts = {_PICTURES: len(pictures), _REFUSED: refused}
    write_json(Path(f"{shard.path}.json"), facts)


def _example(source: str, frame: Frame, picture: bytes) -> tf.train.Example:
    def text(value: bytes) -> tf.train.Feature:
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))

    def number(value: int) -> tf.train.Feature:
        return tf.train.Feature(int64_list=tf.train.Int64List(value=[value]))

    amount = tf.train.FloatList(value=[frame.amount])
    feature = {
        "translated_bytes": text(picture),
        "source": text(os.fsencode(source)),
        "suffix": text(frame.suffix.encode()),
        "first_class": number(frame.first),
        "second_class": number(frame.second),
        "amount": tf.train.Feature(float_list=amount),
    }
    return tf.train.Example(features=tf.train.Features(feature=feature))
