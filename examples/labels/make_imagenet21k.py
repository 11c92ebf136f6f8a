"""Write imagenet21k.txt from the lists in timm (PyPI): the first word of each synset, or all its words where two would have the same name."""

import collections
from importlib import resources
from pathlib import Path

info = resources.files("timm.data") / "_info"
synsets = (info / "imagenet21k_goog_synsets.txt").read_text().split()
words = dict(line.split("\t") for line in (info / "imagenet_synset_to_lemma.txt").read_text().splitlines())
count = collections.Counter(words[synset].split(", ")[0] for synset in synsets)
names = [words[s] if count[words[s].split(", ")[0]] > 1 else words[s].split(", ")[0] for s in synsets]
(Path(__file__).parent / "imagenet21k.txt").write_text("\n".join(names) + "\n")
