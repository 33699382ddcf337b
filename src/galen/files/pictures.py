"""A picture made anew from its pixels. Runs in the child, so it imports nothing of Galen.

Place, camera and all else that is written into photographs is gone, and so is what is hidden behind the picture. It
stands upright. A preview is made with it.
"""

import io
from typing import Any, BinaryIO

PIXELS = 40_000_000
PREVIEW = 30_000
FORMATS = ("JPEG", "PNG", "WEBP", "TIFF")


class UnreadablePicture(Exception):
    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


def parse(source: BinaryIO, out: BinaryIO) -> dict[str, Any]:
    """The picture, then its preview; says where the one ends."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None  # the limit is ours, and stands below
    image: Any = Image.open(source, formats=FORMATS)
    found = image.format
    if found == "TIFF" and getattr(image, "n_frames", 1) > 1:
        raise UnreadablePicture("pages")
    if image.width * image.height > PIXELS and found == "JPEG":
        image.draft("RGB", (image.width // 2, image.height // 2))  # decoded at half its size, of telephones with 50 Mpx
    if image.width * image.height > PIXELS:
        raise UnreadablePicture("pixels")
    image.load()
    image = ImageOps.exif_transpose(image)
    clear = "A" in image.getbands() or "transparency" in image.info
    mode = ("RGBA" if clear else "RGB") if image.mode not in ("1", "L") else "L"
    if image.mode != mode:
        image = image.convert(mode)
    bare = Image.frombytes(image.mode, image.size, image.tobytes()) if image.info else image
    kind = "PNG" if found == "PNG" or clear else "JPEG"
    if kind == "PNG":
        bare.save(out, "PNG", compress_level=6)
    else:
        bare.save(out, "JPEG", quality=88, optimize=True)
    size = out.tell()
    out.write(small(bare))
    return {"size": size}


def small(image: Any) -> bytes:
    """A WebP of at most 30 kB."""
    for side, quality in ((480, 75), (480, 45), (360, 45), (240, 45), (120, 45)):
        image.thumbnail((side, side))
        made = io.BytesIO()
        image.save(made, "WEBP", quality=quality)
        if made.tell() <= PREVIEW:
            break
    return made.getvalue()
