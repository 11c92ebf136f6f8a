"""Classify a data set on a Spark cluster by the classify program.

    spark-submit classify_spark.py --model spach_ms_cifar10 --out answers IMAGE_OR_FOLDER...
    spark-submit classify_spark.py --weights model.pth --parts 64 --out answers --list images.txt

The current folder, the images and the program must be there under the same names on every machine. Each task gives one part of the list to `classify --jsonl`
and returns its records; a task whose program or machine dies is run again by Spark, so that nothing is lost and nothing is there twice.
answers/part-* joined in order is what one run of classify gives. Exit status: 0, or 1 if an image could not be read.
"""

import argparse
import json
import os
import subprocess
import sys

from pyspark.sql import SparkSession

IMAGES = {".jpg", ".jpeg", ".jpe", ".jfif", ".png"}


def expand(names):
    """Files as they are, folders as the images below them in the order that classify has."""
    for name in names:
        if os.path.isdir(name):
            found = (os.path.join(folder, file) for folder, _, files in os.walk(name) for file in files)
            yield from sorted((path for path in found if os.path.splitext(path)[1].lower() in IMAGES), key=os.fsencode)
        else:
            yield name


def classify(command, folder):
    """What a task does with its part of the list, whose names count from this folder."""

    def run(paths):
        paths = list(paths)
        if not paths:
            return
        done = subprocess.run([*command, "-"], input="\n".join(paths) + "\n", cwd=folder, capture_output=True, text=True)
        records = done.stdout.splitlines()
        # Status 1 says that an image could not be read, which its record tells. Anything else is a failed task.
        if done.returncode not in (0, 1) or len(records) != len(paths):
            raise RuntimeError(f"found {len(records)} records, expected {len(paths)}; exit status {done.returncode}: {done.stderr[-500:]}")
        yield from records

    return run


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("images", nargs="*")
    parser.add_argument("--list", help="a file that names one image a line")
    parser.add_argument("--classify", default="classify", help="the program, or where it is")
    parser.add_argument("--model")
    parser.add_argument("--weights")
    parser.add_argument("--top", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1, help="threads of one task (spark.task.cpus)")
    parser.add_argument("--parts", type=int, help="tasks; default: about 1000 images each")
    parser.add_argument("--out", required=True, help="folder that Spark makes")
    args = parser.parse_args()
    command = [args.classify, "--jsonl", "--top", str(args.top), "--threads", str(args.threads)]
    for option in ("model", "weights"):
        if getattr(args, option):
            command += [f"--{option}", getattr(args, option)]

    paths = list(expand(args.images))
    if args.list:
        with open(args.list, encoding="utf-8") as file:
            paths += file.read().splitlines()
    if not paths:
        parser.error("found no images")
    spark = SparkSession.builder.appName("classify").getOrCreate()
    parts = args.parts or -(-len(paths) // 1000)
    records = spark.sparkContext.parallelize(paths, parts).mapPartitions(classify(command, os.getcwd()))
    records.saveAsTextFile(args.out)
    failed = spark.sparkContext.textFile(args.out).filter(lambda record: "error" in json.loads(record)).count()
    spark.stop()
    print(f"{len(paths)} images, {failed} could not be read")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
