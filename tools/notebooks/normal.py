"""The normal form of a notebook: nothing in it depends on the machine or the hour."""

import base64
import io
import re
import sys
from pathlib import Path

import nbformat
from PIL import Image, ImageChops

from notebooks.running import ANSI

KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
LANGUAGE_INFO = {"file_extension": ".py", "name": "python", "pygments_lexer": "ipython3"}


def normalise(book, root, fingerprint_of_source):
    """Strip all that depends on the machine or the hour; changes `book` in place."""
    kept = {key: value for key, value in book.metadata.items() if key not in ("jupytext",)}
    book.metadata = nbformat.from_dict(
        {
            **kept,
            "kernelspec": KERNELSPEC,
            "language_info": LANGUAGE_INFO,
            "rnncourse": {"built_from": fingerprint_of_source},
        }
    )
    book.nbformat, book.nbformat_minor = 4, 5
    strip = _path_stripper(root)
    for cell in book.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            _normalise_output(output, strip)
    return book


def _normalise_output(output, strip):
    if "metadata" in output:
        own = {key: value for key, value in output.metadata.items() if key == "rnncourse"}
        output.metadata = nbformat.from_dict(own)
        forget_reader(output)
    for key in ("text", "evalue"):
        if key in output:
            output[key] = strip(output[key])
    if "traceback" in output:  # the frames of this notebook; those inside libraries say little here
        frames = [line for line in output.traceback if not ANSI.sub("", line).startswith("File ")]
        output.traceback = [strip(line) for line in frames]
    for mime, value in output.get("data", {}).items():
        if mime == "image/png":
            output.data[mime] = smaller_png(value)
        elif isinstance(value, str):
            output.data[mime] = strip(value)


def forget_reader(output):
    """Take out of an output that a reader made it: the course's own notebooks are nobody's."""
    output.get("metadata", {}).get("rnncourse", {}).pop("by", None)
    return output


def _path_stripper(root):
    """A function that takes this machine's folders out of a text."""
    home = str(Path.home())
    long = [f"{root}/", f"{sys.prefix}/", f"{sys.base_prefix}/", f"{Path(sys.prefix).resolve()}/"]
    folders = long + [f"~{path[len(home) :]}" for path in long if path.startswith(f"{home}/")]
    pattern = re.compile("|".join(re.escape(path) for path in sorted(set(folders), key=len)[::-1]))
    cell_file = re.compile(r"/tmp/ipykernel_\d+/\d+\.py")
    return lambda text: cell_file.sub("<cell>", pattern.sub("", text))


def smaller_png(encoded, worst=24):
    """A PNG with a palette of 256 colours, where that changes no channel by more than `worst`.

    Figures are lines on white: a palette takes a third of the room, and no reader sees it.
    """
    image = Image.open(io.BytesIO(base64.b64decode(encoded)))
    plain = image.convert("RGB")
    if image.mode == "RGBA" and image.getchannel("A").getextrema() != (255, 255):
        return encoded
    indexed = plain.quantize(
        256, method=Image.Quantize.MAXCOVERAGE, kmeans=3, dither=Image.Dither.NONE
    )
    difference = ImageChops.difference(plain, indexed.convert("RGB")).getextrema()
    if max(high for _, high in difference) > worst:
        return encoded
    packed = io.BytesIO()
    indexed.save(packed, "PNG", optimize=True, dpi=image.info.get("dpi", (120, 120)))
    small = base64.b64encode(packed.getvalue()).decode()
    return small if len(small) < len(encoded) else encoded
