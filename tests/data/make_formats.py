"""Writes tests/data/formats: a small picture in the formats that the programs read where a library is present, each with a PNG file of the
pixels that Pillow finds in it. Needs Pillow 13:  python make_formats.py"""

import pathlib

from PIL import Image, ImageOps

here = pathlib.Path(__file__).parent
folder = here / "formats"


def main():
    photo = Image.open(here.parents[1] / "examples/photos/cat.jpg").convert("RGB").resize((61, 40))
    alpha = photo.copy()
    alpha.putalpha(Image.linear_gradient("L").resize(photo.size))
    palette = photo.quantize(23)
    turned = Image.Exif()
    turned[0x112] = 6
    folder.mkdir(exist_ok=True)

    def save(name, image, **options):
        image.save(folder / name, **options)
        stem = name.replace(".", "_")
        ImageOps.exif_transpose(Image.open(folder / name)).convert("RGB").save(folder / f"{stem}.expected.png", optimize=True)

    save("lossy.webp", photo, quality=80, exif=turned)
    save("alpha.webp", alpha, lossless=True)
    save("moving.webp", photo, save_all=True, append_images=[photo.rotate(90)], duration=100)
    save("palette.gif", palette, interlace=1)
    save("moving.gif", palette, save_all=True, append_images=[photo.rotate(90).quantize(23)])
    save("transparent.gif", palette, transparency=3)
    save("rgb.bmp", photo)
    save("palette.bmp", palette)
    save("alpha.bmp", alpha)
    save("bilevel.bmp", photo.convert("1"))
    save("lzw.tif", photo, compression="tiff_lzw", tiffinfo={0x112: 6})
    save("grey.tiff", photo.convert("L"))
    save("palette.tif", palette, big_tiff=True)
    save("turned.avif", photo, quality=80, subsampling="4:4:4", exif=turned)
    save("alpha.avif", alpha, quality=80, subsampling="4:4:4")


if __name__ == "__main__":
    main()
