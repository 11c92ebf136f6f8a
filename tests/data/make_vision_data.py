#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes tests/data/vision: pictures of every kind with the pixels that Pillow reads from them, and hashes of what Pillow resizes.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install pillow==13.0.0 numpy
    /tmp/venv/bin/python tests/data/make_vision_data.py PART...

PART       writes
jpegs      NAME.jpg, the files to read, and NAME.ppm, their pixels: ImageOps.exif_transpose(Image.open(f)).convert("RGB")
pngs       NAME.png and NAME.ppm
exif       metadata that Pillow 13.0.0 understands and older releases did not, each a JPEG or PNG file with its PPM
damaged    damaged/NAME.jpg and NAME.png with the PPM that Pillow reads without a word (lenient_*) or with
           ImageFile.LOAD_TRUNCATED_IMAGES = True (truncated_*)
clipped    NAME.clipped.ppm: 16-bit grey PNG files as Pillow converts them
resize     resize_hashes_v13.txt (v12 with Pillow 12.2 or 12.3, v11 with an older one), lines of
           kind in_width in_height out_width out_height filter hash;  kind: see pattern() below
augment    augment_hashes.txt, lines of  operation argument kind width height hash;  the operations are those of augmentations() below
squash     squash.txt: TensorFlow's bilinear (half-pixel centres, no antialiasing) by its formula in float64
photos=F   photo_hashes.txt: file filter width height hash, of the photos in folder F;  filter "none": as decoded

Hashes are FNV-1a-64 of the RGB values. JPEG and PNG files are stored as Pillow 11.3.0 (libjpeg-turbo 3.1.1) wrote them; other releases
write other bytes. resize_hashes_v12.txt was made with 12.3.0, resize_hashes_v11.txt with 12.1.0.
"""
import binascii
import io
import pathlib
import random
import struct
import sys
import zlib

import numpy as np
import PIL
from PIL import Image, ImageEnhance, ImageFile, ImageOps

OUT = pathlib.Path(__file__).parent / "vision"
FILTERS = {"box": Image.Resampling.BOX, "bilinear": Image.Resampling.BILINEAR,
           "bicubic": Image.Resampling.BICUBIC, "lanczos": Image.Resampling.LANCZOS}


def fnv(data):
    h = 0xCBF29CE484222325
    for byte in data:
        h = (h ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return h


def fnv_of(image):
    return f"{fnv(image.convert('RGB').tobytes()):016x}"


def scene(width, height, channels=3, top=255):
    """Smooth slopes, a hard edge and a little noise."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    planes = [x / max(width - 1, 1), y / max(height - 1, 1), (x + y) / max(width + height - 2, 1), 1 - x / max(width, 1) / 2]
    image = np.stack(planes[:channels], -1)
    image[(x - width / 2) ** 2 + (y - height / 2) ** 2 < (min(width, height) / 3) ** 2] = [0.9, 0.2, 0.1, 0.6][:channels]
    image += np.random.default_rng(width * 1000 + height).normal(0, 0.03, image.shape)
    return np.clip(np.rint(image * top), 0, top).astype(np.uint16)


def picture(width, height, channels=3):
    pixels = scene(width, height, channels).astype(np.uint8)
    mode = {1: "L", 3: "RGB", 4: "CMYK"}[channels]
    return Image.fromarray(pixels[..., 0] if channels == 1 else pixels, mode)


def pillow_pixels(data):
    with Image.open(io.BytesIO(data)) as image:
        return ImageOps.exif_transpose(image).convert("RGB")


def keep(name, data, expected=None):
    (OUT / name).write_bytes(data)
    suffix = name[-4:] + ".ppm" if name.startswith("damaged") else ".ppm"
    (expected or pillow_pixels(data)).save(OUT / (name.rsplit(".", 1)[0] + suffix))


# --- JPEG -------------------------------------------------------------------------------------------------------------------------

def jpeg(image, **options):
    out = io.BytesIO()
    image.save(out, "JPEG", **options)
    return out.getvalue()


def segment_at(data, marker):
    at = 2
    while data[at + 1] != marker:
        at += 2 + int.from_bytes(data[at + 2:at + 4], "big")
    return at


def without_segment(data, marker):
    at = segment_at(data, marker)
    return data[:at] + data[at + 2 + int.from_bytes(data[at + 2:at + 4], "big"):]


def with_segment(data, marker, payload):
    return data[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(payload) + 2) + payload + data[2:]


def tiff(orientation, order="II", kind=3, before=0):
    """A TIFF structure with `before` other tags ahead of the orientation tag."""
    mark = "<" if order == "II" else ">"
    head = order.encode() + struct.pack(mark + "HI", 42, 8)
    tags = b"".join(struct.pack(mark + "HHII", 0x100 + i, 4, 1, 7) for i in range(before))
    value = struct.pack(mark + ("HH" if kind == 3 else "I"), *((orientation, 0) if kind == 3 else (orientation,)))
    return head + struct.pack(mark + "H", before + 1) + tags + struct.pack(mark + "HHI", 0x0112, kind, 1) + value + bytes(4)


def with_exif(data, body):
    return with_segment(data, 0xE1, b"Exif\0\0" + body)


XMP_ATTRIBUTE = (b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
                 b'<rdf:Description tiff:Orientation="8"/></rdf:RDF></x:xmpmeta>')
XMP_ELEMENT = XMP_ATTRIBUTE.replace(b'tiff:Orientation="8"/>', b"><tiff:Orientation>3</tiff:Orientation></rdf:Description>")


def write_jpegs():
    for width, height in [(1, 1), (8, 8), (17, 13), (37, 23), (48, 33)]:
        for name, subsampling in [("444", 0), ("422", 1), ("420", 2)]:
            keep(f"rgb_{name}_{width}x{height}.jpg", jpeg(picture(width, height), quality=85, subsampling=subsampling))
    keep("rgb_420_low_quality.jpg", jpeg(picture(61, 47), quality=12))
    keep("rgb_420_best_quality.jpg", jpeg(picture(61, 47), quality=100))
    keep("grey.jpg", jpeg(picture(37, 23, 1), quality=80))
    keep("grey_1x1.jpg", jpeg(picture(1, 1, 1), quality=80))
    keep("progressive_420.jpg", jpeg(picture(53, 39), quality=75, progressive=True))
    keep("progressive_444.jpg", jpeg(picture(53, 39), quality=75, progressive=True, subsampling=0))
    keep("progressive_grey.jpg", jpeg(picture(53, 39, 1), quality=75, progressive=True))
    keep("optimized.jpg", jpeg(picture(37, 23), quality=75, optimize=True))
    keep("restart_markers.jpg", jpeg(picture(53, 39), quality=75, restart_marker_blocks=2))
    keep("stored_as_rgb.jpg", jpeg(picture(37, 23), quality=85, keep_rgb=True))
    cmyk = jpeg(picture(37, 23, 4), quality=90)
    keep("cmyk.jpg", cmyk)
    keep("cmyk_progressive.jpg", jpeg(picture(37, 23, 4), quality=90, progressive=True))
    keep("cmyk_without_adobe_marker.jpg", without_segment(cmyk, 0xEE))
    adobe = segment_at(cmyk, 0xEE)
    keep("ycck.jpg", cmyk[:adobe + 15] + b"\2" + cmyk[adobe + 16:])
    # Sampling factors that Pillow does not write: the same number of blocks read in another order, so the picture is scrambled but whole.
    for name, size, subsampling, factors, scrambled in [("440", (48, 32), 1, 0x12, (29, 43)), ("411", (64, 32), 2, 0x41, (53, 27))]:
        data = bytearray(jpeg(picture(*size), quality=85, subsampling=subsampling))
        frame = segment_at(data, 0xC0)
        data[frame + 5:frame + 9] = struct.pack(">HH", scrambled[1], scrambled[0])
        data[frame + 11] = factors
        keep(f"rgb_{name}_scrambled.jpg", bytes(data))

    small = jpeg(picture(19, 11), quality=90, subsampling=0)
    for orientation in range(1, 9):
        for order in ("II", "MM"):
            keep(f"orientation_{orientation}_{order}.jpg", with_exif(small, tiff(orientation, order, before=orientation)))
    keep("orientation_0.jpg", with_exif(small, tiff(0)))
    keep("orientation_9.jpg", with_exif(small, tiff(9, "MM")))
    keep("orientation_long.jpg", with_exif(small, tiff(6, "MM", kind=4)))
    keep("orientation_420.jpg", with_exif(jpeg(picture(37, 23), quality=80), tiff(6)))
    xmp_head = b"http://ns.adobe.com/xap/1.0/\0"
    keep("orientation_xmp_attribute.jpg", with_segment(small, 0xE1, xmp_head + XMP_ATTRIBUTE))
    keep("orientation_xmp_element.jpg", with_segment(small, 0xE1, xmp_head + XMP_ELEMENT))
    keep("orientation_exif_before_xmp.jpg", with_exif(with_segment(small, 0xE1, xmp_head + XMP_ATTRIBUTE), tiff(2)))
    keep("exif_without_orientation.jpg", with_exif(small, tiff(6).replace(b"\x12\x01", b"\x13\x01")))
    keep("bytes_after_the_end.jpg", small + b"left over" * 5)


# --- PNG --------------------------------------------------------------------------------------------------------------------------

GREY, RGB, PALETTE, GREY_ALPHA, RGB_ALPHA = 0, 2, 3, 4, 6
CHANNELS = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGB_ALPHA: 4}
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", binascii.crc32(kind + data))


def packed_rows(samples, depth):
    """Filtered rows; the filter changes from row to row so that all five occur."""
    height, width, channels = samples.shape
    rows, previous, unit = b"", None, max(1, channels * depth // 8)
    for y in range(height):
        flat = samples[y].reshape(-1)
        if depth == 16:
            row = flat.astype(">u2").tobytes()
        else:
            bits = "".join(f"{value:0{depth}b}" for value in flat)
            bits += "0" * (-len(bits) % 8)
            row = bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))
        above = previous or bytes(len(row))
        kind, filtered = y % 5, bytearray()
        for i, value in enumerate(row):
            a, b, c = row[i - unit] if i >= unit else 0, above[i], above[i - unit] if i >= unit else 0
            p = a + b - c
            paeth = a if abs(p - a) <= abs(p - b) and abs(p - a) <= abs(p - c) else b if abs(p - b) <= abs(p - c) else c
            filtered.append(value - [0, a, b, (a + b) // 2, paeth][kind] & 255)
        rows += bytes([kind]) + bytes(filtered)
        previous = row
    return rows


def png(samples, kind, depth, interlaced=False, before=b"", after=b"", level=9, idat_size=None):
    height, width, _ = samples.shape
    rows = b"".join(packed_rows(samples[y::dy, x::dx], depth) for x, y, dx, dy in ADAM7
                    if x < width and y < height) if interlaced else packed_rows(samples, depth)
    data = zlib.compress(rows, level)
    step = idat_size or len(data)
    idat = b"".join(chunk(b"IDAT", data[i:i + step]) for i in range(0, len(data), step))
    head = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, int(interlaced))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + before + idat + after + chunk(b"IEND", b"")


def palette(depth):
    colours = np.random.default_rng(depth).integers(0, 256, (2 ** depth, 3), dtype=np.uint8)
    return chunk(b"PLTE", colours.tobytes())


def write_pngs():
    names = {GREY: "grey", RGB: "rgb", PALETTE: "palette", GREY_ALPHA: "grey_alpha", RGB_ALPHA: "rgb_alpha"}
    kinds = [(GREY, d) for d in (1, 2, 4, 8, 16)] + [(PALETTE, d) for d in (1, 2, 4, 8)]
    kinds += [(k, d) for k in (RGB, GREY_ALPHA, RGB_ALPHA) for d in (8, 16)]
    for kind, depth in kinds:
        samples = scene(21, 13, CHANNELS[kind], 2 ** depth - 1)
        before = palette(depth) if kind == PALETTE else b""
        # Pillow clips 16-bit grey at 255. We keep the high byte, as everybody does with 16-bit RGB.
        expected = Image.fromarray((samples[..., 0] >> 8).astype(np.uint8)).convert("RGB") if (kind, depth) == (GREY, 16) else None
        for interlaced in (False, True):
            tag = "_interlaced" if interlaced else ""
            keep(f"{names[kind]}_{depth}{tag}.png", png(samples, kind, depth, interlaced, before), expected)
        if kind in (GREY, RGB, PALETTE):
            transparent = bytes([0, 128]) if kind == PALETTE else samples[5, 5].astype(">u2").tobytes()
            keep(f"{names[kind]}_{depth}_transparent.png", png(samples, kind, depth, False, before + chunk(b"tRNS", transparent)), expected)
    rgb = scene(21, 13)
    for width, height in [(1, 1), (3, 1), (1, 5), (5, 5)]:
        keep(f"rgb_8_interlaced_{width}x{height}.png", png(scene(width, height), RGB, 8, True))
    keep("many_idat.png", png(rgb, RGB, 8, idat_size=7))
    keep("not_compressed.png", png(rgb, RGB, 8, level=0))
    colour = chunk(b"gAMA", struct.pack(">I", 100000)) + chunk(b"cHRM", struct.pack(">8I", *[31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000]))
    keep("linear_gamma.png", png(rgb, RGB, 8, before=colour))
    keep("background.png", png(scene(21, 13, 4), RGB_ALPHA, 8, before=chunk(b"bKGD", bytes([0, 255, 0, 1, 0, 2]))))
    keep("few_colours.png", png(scene(21, 13, 1, 2), PALETTE, 8, before=chunk(b"PLTE", bytes(range(9)))))
    keep("exif_before_pixels.png", png(rgb, RGB, 8, before=chunk(b"eXIf", tiff(6, "MM"))))
    keep("exif_after_pixels.png", png(rgb, RGB, 8, after=chunk(b"eXIf", tiff(8, "II"))))
    profile = "\nexif\n%8d\n%s\n" % (len(tiff(5)) + 6, (b"Exif\0\0" + tiff(5)).hex())
    keep("exif_as_raw_profile.png", png(rgb, RGB, 8, before=chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(profile.encode()))))
    keep("xmp.png", png(rgb, RGB, 8, before=chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP_ATTRIBUTE)))
    keep("bytes_after_the_png.png", png(rgb, RGB, 8) + b"left over")


# --- What Pillow 13 forgives ------------------------------------------------------------------------------------------------------

def tag_kinds():
    """Orientation tags of unusual types and counts, in a TIFF structure of either byte order."""
    for order in ("II", "MM"):
        mark = "<" if order == "II" else ">"
        for name, kind, count, value in [("sshort", 8, 1, struct.pack(mark + "hH", 6, 0)), ("slong", 9, 1, struct.pack(mark + "i", 8)),
                                         ("sbyte", 6, 1, bytes([3, 0, 0, 0])), ("count_2", 3, 2, struct.pack(mark + "HH", 6, 1)),
                                         ("count_0", 3, 0, struct.pack(mark + "HH", 6, 0)), ("count_3", 3, 3, struct.pack(mark + "I", 26)),
                                         ("byte", 1, 1, bytes([6, 0, 0, 0])), ("text", 2, 2, b"6\0\0\0"), ("ifd", 13, 1, struct.pack(mark + "I", 5))]:
            head = order.encode() + struct.pack(mark + "HI", 42, 8) + struct.pack(mark + "H", 1)
            after = struct.pack(mark + "HHH", 7, 7, 7) if name == "count_3" else b""
            yield f"{name}_{order}", head + struct.pack(mark + "HHI", 0x0112, kind, count) + value + bytes(4) + after


def write_exif():
    small, rgb = jpeg(picture(19, 11), quality=90, subsampling=0), scene(21, 13)
    for name, body in tag_kinds():
        keep(f"orientation_{name}.jpg", with_exif(small, body))
    keep("orientation_twice.jpg", with_exif(small, tiff(6, before=1).replace(struct.pack("<H", 0x100), struct.pack("<H", 0x112)).replace(
        struct.pack("<HII", 4, 1, 7), struct.pack("<HII", 99, 1, 7))))  # the first tag is of no known type
    keep("exif_head_twice.jpg", with_exif(small, b"Exif\0\0" + tiff(6)))
    body = tiff(8, "MM", before=3)
    keep("exif_in_two_segments.jpg", with_exif(with_exif(small, body[30:]), body[:30]))
    keep("exif_version_bytes_swapped.jpg", with_exif(small, tiff(6).replace(b"II*\0", b"II\0*")))
    keep("two_xmp_segments.jpg", with_segment(with_segment(small, 0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP_ELEMENT), 0xE1,
                                              b"http://ns.adobe.com/xap/1.0/\0" + XMP_ATTRIBUTE))
    keep("exif_with_head.png", png(rgb, RGB, 8, before=chunk(b"eXIf", b"Exif\0\0" + tiff(6, "MM"))))
    keep("exif_sshort.png", png(rgb, RGB, 8, before=chunk(b"eXIf", dict(tag_kinds())["sshort_MM"])))
    profile = "\nexif\n%8d\n%s\n" % (len(tiff(5)), tiff(5).hex())
    for name, data in [("text", chunk(b"tEXt", b"Raw profile type exif\0" + profile.encode())),
                       ("international", chunk(b"iTXt", b"Raw profile type exif\0\0\0\0\0" + profile.encode())),
                       ("international_packed", chunk(b"iTXt", b"Raw profile type exif\0\1\0\0\0" + zlib.compress(profile.encode())))]:
        keep(f"exif_as_{name}.png", png(rgb, RGB, 8, before=data))
    keep("exif_after_wrong_checksum.png", png(rgb, RGB, 8, after=chunk(b"eXIf", tiff(6))[:-1] + b"?"))
    whole = png(rgb, RGB, 8)
    keep("without_iend.png", whole[:-12])
    keep("iend_cut.png", whole[:-5])


def write_damaged():
    (OUT / "damaged").mkdir(exist_ok=True)
    photo, tiles = jpeg(picture(48, 33), quality=85), jpeg(picture(53, 39), quality=75, restart_marker_blocks=2)
    rgb, middle = png(scene(21, 13), RGB, 8), len(photo) * 3 // 4
    cases = {"lenient_hole.jpg": photo[:middle - 70] + photo[middle:], "lenient_end_marker_early.jpg": photo[:-150] + b"\xff\xd9",
             "lenient_restart_missing.jpg": tiles.replace(b"\xff\xd1", b"", 1), "truncated_half.jpg": photo[:middle],
             "truncated_end_marker.jpg": photo[:-2], "lenient_checksum.png": rgb[:-16] + b"1234" + rgb[-12:],
             "lenient_checksum_missing.png": rgb[:-15], "truncated_half.png": rgb[:400]}
    for name, data in cases.items():
        ImageFile.LOAD_TRUNCATED_IMAGES = name.startswith("truncated")
        keep("damaged/" + name, data)


def write_clipped():
    for name in ["grey_16", "grey_16_interlaced", "grey_16_transparent"]:
        pillow_pixels((OUT / f"{name}.png").read_bytes()).save(OUT / f"{name}.clipped.ppm")


# --- Resizing ---------------------------------------------------------------------------------------------------------------------

def pattern(kind, width, height):
    """noise: value i = bits 13 to 20 of (i·2654435761 + 12345) mod 2^32;  extremes: 255 where noise is odd, else 0."""
    i = np.arange(width * height * 3, dtype=np.uint64)
    noise = ((i * 2654435761 + 12345) % 2 ** 32 >> 13 & 255).astype(np.uint8)
    values = noise if kind == "noise" else np.where(noise % 2 == 1, 255, 0).astype(np.uint8)
    return Image.fromarray(values.reshape(height, width, 3))


def write_resize_hashes():
    random.seed(7)
    side = lambda: random.choice([random.randint(1, 9), random.randint(10, 60), random.randint(61, 211)])
    sizes = [((1, 1), (1, 1)), ((1, 1), (7, 5)), ((7, 5), (1, 1)), ((2, 3), (3, 2)), ((37, 23), (37, 23)), ((37, 23), (37, 11)),
             ((37, 23), (11, 23)), ((37, 23), (74, 46)), ((64, 64), (32, 32)), ((64, 64), (16, 16)), ((3000, 2), (7, 5)), ((2, 3000), (5, 7)),
             ((4, 4), (500, 3)), ((4, 4), (3, 500)), ((223, 225), (224, 224)), ((16, 16), (17, 15)), ((2048, 3), (64, 1)), ((100, 100), (33, 34))]
    sizes += [((side(), side()), (side(), side())) for _ in range(110)]
    # Where the order of the passes changes from one Pillow to another: portrait pictures, proportions kept or not, and the limits of the rules.
    sizes += [((45, 100), (14, 31)), ((100, 45), (31, 14)), ((54, 120), (28, 62)), ((40, 81), (20, 41)), ((40, 80), (20, 40)), ((40, 82), (20, 41)),
              ((60, 50), (70, 49)), ((60, 50), (70, 50)), ((60, 50), (70, 51)), ((30, 50), (30, 49)), ((30, 50), (29, 48)), ((30, 50), (29, 47)),
              ((3, 300), (2, 299)), ((3, 301), (2, 300)), ((3, 301), (5, 7)), ((2, 240), (9, 100)), ((1, 2), (2, 1)), ((2, 3), (1, 1)), ((1, 5), (3, 4))]
    tall = [(random.randint(1, 40), random.randint(60, 211)) for _ in range(30)]
    sizes += [(before, (random.randint(1, 60), random.randint(1, before[1]))) for before in tall]
    version = tuple(map(int, PIL.__version__.split(".")[:2]))
    rule = "v13" if version >= (13, 0) else "v12" if version >= (12, 2) else "v11"
    with open(OUT / f"resize_hashes_{rule}.txt", "w") as out:
        for n, (before, after) in enumerate(sizes):
            kind = ("noise", "extremes")[n % 2]
            for name, resampling in FILTERS.items():
                out.write(f"{kind} {before[0]} {before[1]} {after[0]} {after[1]} {name} {fnv_of(pattern(kind, *before).resize(after, resampling))}\n")


def with_hue(image, turn):
    """As torchvision's adjust_hue changes a picture of Pillow."""
    hue, saturation, value = image.convert("HSV").split()
    turned = (np.array(hue).astype(np.int32) + int(turn * 255)) % 256
    return Image.merge("HSV", (Image.fromarray(turned.astype(np.uint8)), saturation, value)).convert("RGB")


def augmentations():
    """Each operation with its arguments; what comes from outside of a picture is (10, 200, 90)."""
    def affine(*map):
        return lambda image: image.transform(image.size, Image.Transform.AFFINE, map, Image.Resampling.NEAREST, fillcolor=(10, 200, 90))

    factors = [0, 0.1, 0.37, 0.5, 1, 1.21, 1.9]
    for f in factors:
        yield "brightness", f, lambda image: ImageEnhance.Brightness(image).enhance(f)
        yield "contrast", f, lambda image: ImageEnhance.Contrast(image).enhance(f)
        yield "colour", f, lambda image: ImageEnhance.Color(image).enhance(f)
        yield "sharpness", f, lambda image: ImageEnhance.Sharpness(image).enhance(f)
    for turn in [-0.5, -0.2, -0.01, 0, 0.1, 0.33, 0.5]:
        yield "hue", turn, lambda image: with_hue(image, turn)
    yield "autocontrast", 0, ImageOps.autocontrast
    yield "equalize", 0, ImageOps.equalize
    for bits in range(1, 9):
        yield "posterize", bits, lambda image: ImageOps.posterize(image, bits)
    for threshold in [0, 1, 100, 128, 255, 256]:
        yield "solarize", threshold, lambda image: ImageOps.solarize(image, threshold)
    for angle in [-30, -17.3, -1, 0, 0.5, 12.25, 30, 45]:
        yield "rotate", angle, lambda image: image.rotate(angle, Image.Resampling.NEAREST, fillcolor=(10, 200, 90))
    for s in [-0.3, -0.111, 0, 0.05, 0.3]:
        yield "shear_x", s, affine(1, s, 0, 0, 1, 0)
        yield "shear_y", s, affine(1, 0, 0, s, 1, 0)
    for pixels in [-13, -1, 0, 2, 7]:
        yield "translate_x", pixels, affine(1, 0, pixels, 0, 1, 0)
        yield "translate_y", pixels, affine(1, 0, 0, 0, 1, pixels)
    yield "mirror", 0, ImageOps.mirror


def write_augment_hashes():
    with open(OUT / "augment_hashes.txt", "w") as out:
        for kind, width, height in [("noise", 3, 2), ("noise", 5, 7), ("extremes", 37, 23), ("noise", 32, 32), ("noise", 211, 64)]:
            for name, argument, change in augmentations():
                out.write(f"{name} {argument} {kind} {width} {height} {fnv_of(change(pattern(kind, width, height)))}\n")


def write_photo_hashes(folder):
    with open(OUT / "photo_hashes.txt", "w") as out:
        for path in sorted(folder.iterdir()):
            photo = pillow_pixels(path.read_bytes())
            out.write(f"{path.name} none {photo.width} {photo.height} {fnv_of(photo)}\n")
            for size in [(224, 224), (341, 256), (97, 131)]:
                for name, resampling in FILTERS.items():
                    out.write(f"{path.name} {name} {size[0]} {size[1]} {fnv_of(photo.resize(size, resampling))}\n")


def write_squash():
    """kind in_width in_height out_width out_height, then the values of (bilinear - 127.5) / 127.5."""
    with open(OUT / "squash.txt", "w") as out:
        for before, after in [((9, 7), (4, 4)), ((5, 11), (8, 8)), ((31, 17), (6, 5)), ((1, 1), (3, 2)), ((6, 6), (6, 6))]:
            image = np.asarray(pattern("noise", *before)).astype(np.float64)
            def line(n_in, n_out):
                at = np.clip((np.arange(n_out) + 0.5) * (n_in / n_out) - 0.5, 0, n_in - 1)
                low = np.floor(at).astype(int)
                return low, np.minimum(low + 1, n_in - 1), at - low
            (x0, x1, fx), (y0, y1, fy) = line(before[0], after[0]), line(before[1], after[1])
            fx, fy = fx[None, :, None], fy[:, None, None]
            top = image[y0][:, x0] * (1 - fx) + image[y0][:, x1] * fx
            bottom = image[y1][:, x0] * (1 - fx) + image[y1][:, x1] * fx
            values = ((top * (1 - fy) + bottom * fy) - 127.5) / 127.5
            out.write(f"noise {before[0]} {before[1]} {after[0]} {after[1]} " + " ".join(f"{v:.7f}" for v in values.reshape(-1)) + "\n")


if __name__ == "__main__":
    OUT.mkdir(exist_ok=True)
    parts = {"jpegs": write_jpegs, "pngs": write_pngs, "exif": write_exif, "damaged": write_damaged, "clipped": write_clipped,
             "resize": write_resize_hashes, "augment": write_augment_hashes, "squash": write_squash}
    for part in sys.argv[1:]:
        name, _, folder = part.partition("=")
        write_photo_hashes(pathlib.Path(folder)) if name == "photos" else parts[name]()
