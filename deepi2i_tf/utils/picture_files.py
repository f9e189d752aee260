"""Which files are pictures, and what else lies in folders of pictures.

One place for every command that is given such a folder. What a file is, its
content says; its ending only says which files need not be opened: beside
photos lie their captions, boxes and sounds, and the folders that file servers
and operating systems put there.
"""

import os
import sys
import warnings
from collections import Counter
from collections.abc import Iterable

from PIL import Image, features

from deepi2i_tf.utils.names import printable_path

try:
    import pillow_heif
except ImportError:
    pillow_heif = None
else:
    pillow_heif.register_heif_opener()

# Without this Pillow knows only the commonest formats.
Image.init()
# Those that Pillow decodes by itself; others (EPS) start foreign programs.
FORMATS = (
    "JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF", "PPM", "JPEG2000",
    *["AVIF"] * features.check("avif"), *["HEIF"] * bool(pillow_heif),
)  # fmt: skip
# HEIC is among them without its reader too: it is named, not passed over.
ENDINGS = frozenset(
    ".jpg .jpeg .jpe .jfif .pjpeg .pjp .mpo .png .apng .gif .bmp .dib .webp "
    ".tif .tiff .ppm .pgm .pbm .pnm .jp2 .j2k .jpx .jpf .avif .heic .heif "
    ".hif".split()
)
# By the brand in a file's head: its kind, Pillow's name and what reads it.
_AVIF = "AVIF", "AVIF", "pillow>=11.3"
_HEIC = "HEIC", "HEIF", "deepi2i_tf[heif]"
_BRANDS = {
    **dict.fromkeys((b"avif", b"avis"), _AVIF),
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc"), _HEIC),
    **dict.fromkeys((b"hevx", b"mif1", b"msf1"), _HEIC),
}
# What Windows, macOS, Synology, QNAP and Linux put into folders; whatever
# begins with a dot (.DS_Store, .AppleDouble, .git) needs no row.
_SYSTEM_ENTRIES = frozenset(
    {
        "thumbs.db",
        "ehthumbs.db",
        "ehthumbs_vista.db",
        "desktop.ini",
        "icon\r",
        "$recycle.bin",
        "recycler",
        "system volume information",
        "found.000",
        "__macosx",
        "network trash folder",
        "temporary items",
        "@eadir",
        "@tmp",
        "@recycle",
        "@recently-snapshot",
        "#recycle",
        "#snapshot",
        "lost+found",
        "lost.dir",
        "__pycache__",
    }
)
# Where a picture can hide behind an ending (.php), the ending is not here.
_OTHER_ENDINGS = frozenset(
    (
        # Captions, boxes, notes.
        ".txt .caption .captions .tags .json .jsonl .ndjson .xml .csv .tsv "
        ".yaml .yml .toml .ini .cfg .md .rst .html .htm .css .js .log .pdf "
        ".doc .docx .odt .rtf .xls .xlsx .ods .srt .vtt .xmp .aae .thm .pp3 "
        ".url .webloc .lnk .desktop .torrent .md5 .sha1 .sha256 "
        # Sounds and films.
        ".ogg .oga .opus .mp3 .wav .flac .aac .m4a .wma .aif .aiff .mid .amr "
        ".mp4 .mov .avi .mkv .webm .wmv .m4v .mpg .mpeg .3gp .flv .ogv .mts "
        ".m2ts .lrv "
        # Arrays, tables, weights, archives, programs.
        ".dat .npy .npz .mat .pkl .pickle .pt .pth .ckpt .safetensors .onnx "
        ".h5 .hdf5 .parquet .arrow .feather .lmdb .mdb .db .sqlite .sqlite3 "
        ".tfrecord .tfrecords .lst .ipynb .zip .tar .gz .tgz .bz2 .xz .7z "
        ".rar .zst .py .pyc .sh .bat .ps1 .exe .dll "
        # Pictures that nothing here reads; of camera files Pillow would take
        # the thumbnail.
        ".cr2 .cr3 .crw .nef .nrw .arw .dng .raf .orf .rw2 .pef .srw .psd "
        ".psb .xcf .ai .eps .svg .svgz"
    ).split()
)
_MAX_ENDINGS = 8


def is_system_entry(name: str) -> bool:
    """Whether a file or folder belongs to the system, not to the user.

    Hidden ones do, and what file servers, operating systems and programs that
    synchronise folders leave there.
    """
    return name.startswith(".") or name.lower() in _SYSTEM_ENTRIES


def is_named_like_a_picture(name: str) -> bool:
    """Whether a file's ending is that of a picture."""
    return _ending(name) in ENDINGS


def is_of_another_kind(name: str) -> bool:
    """Whether a file's ending names something else than a picture.

    Neither this nor a picture's ending: what it is, its content must say.
    """
    return _ending(name) in _OTHER_ENDINGS


def _ending(name: str) -> str:
    return os.path.splitext(name)[1].lower()


def is_picture(path: str | os.PathLike) -> bool:
    """Whether the first bytes of a file are those of a format that is read."""
    if not os.path.isfile(path):  # opening a FIFO waits for ever
        return False
    try:
        with warnings.catch_warnings(action="ignore"):
            Image.open(path, formats=FORMATS).close()
        return True
    except Exception:  # Pillow raises nearly anything
        return False


def unread_format(head: bytes) -> str:
    """Says why Pillow knows no picture in a file that is meant to be one.

    Args:
        head: the first 12 bytes of the file.

    Returns:
        A few words, or "" where the bytes are of no format that is known.
    """
    if head[4:8] != b"ftyp" or head[8:12] not in _BRANDS:
        return ""
    kind, name, package = _BRANDS[head[8:12]]
    if name in FORMATS:
        return f"truncated or damaged: no picture in this {kind} file"
    return f"{kind}, which needs pip install '{package}'"


def _told_ending(name: str) -> str:
    ending = _ending(name)
    plain = ending.isascii() and ending.isprintable()
    return ending if ending and plain else "without ending"


def tell_passed_over(folder: str | os.PathLike, names: Iterable[str]) -> None:
    """Says on stderr, in one line, how many files were not looked at."""
    counts = Counter(map(_told_ending, names))
    if not counts:
        return
    listed = sorted(counts, key=lambda ending: (-counts[ending], ending))
    told = [f"{counts[each]} {each}" for each in listed[:_MAX_ENDINGS]]
    if len(listed) > _MAX_ENDINGS:
        rest = sum(counts[each] for each in listed[_MAX_ENDINGS:])
        told.append(f"{rest} more")
    files = "file" if counts.total() == 1 else "files"
    print(
        f"Passed over, no pictures: {counts.total()} {files} in "
        f"{printable_path(folder)} ({', '.join(told)}).",
        file=sys.stderr,
    )
