"""Draw the figures of compare.py as bars: speed relative to ONNX Runtime, one group a network.

    python chart.py PEERS_JSON PNG [--batch 1]
"""

import argparse
import json
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402
from matplotlib.patches import Patch  # noqa: E402

import networks  # noqa: E402
from compare import TITLES  # noqa: E402

COLOURS = {
    "tessera": "#c2410c",
    "onnxruntime": "#475569",
    "openvino": "#7c8ea6",
    "pytorch_compile": "#a9b6c8",
    "pytorch": "#d3dbe5",
}
LABELS = {
    "resmlp_12_224": "ResMLP-S12",
    "mixer_s16_224": "Mixer-S/16",
    "mixer_b16_224": "Mixer-B/16",
    "mixer_l16_224": "Mixer-L/16",
    "spach_ms_xxs_patch4_224_mlp": "SPACH-MS-MLP-XXS",
    "spach_ms_s_patch4_224_mlp": "SPACH-MS-MLP-S",
    "spach_ms_s_patch4_224_hybrid": "SPACH-Hybrid-MS-S",
    "convmlp_s": "ConvMLP-S",
}
GROUP = 0.84  # of the distance between networks


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", type=Path)
    parser.add_argument("png", type=Path)
    parser.add_argument("--batch", type=int, default=1)
    args = parser.parse_args()
    report = json.loads(args.report.read_text())
    rows = {name: report["results"].get(f"{name}/{args.batch}") for name in networks.DEFAULT}
    rows = {name: row for name, row in rows.items() if row and "onnxruntime" in row["ours_to_peer"]}
    if not rows:
        print("no chart: no network was timed against ONNX Runtime")
        return
    runtimes = [name for name in COLOURS if any(name in row["images_per_second"] for row in rows.values())]
    height = GROUP / len(runtimes)

    figure, axes = pyplot.subplots(figsize=(8, 0.4 + 0.17 * len(rows) * (len(runtimes) + 1)), layout="constrained")
    for i, runtime in enumerate(runtimes):
        for y, row in enumerate(rows.values()):
            ours = row["ours_to_peer"]["onnxruntime"]
            if runtime == "tessera":
                speed = ours
            elif runtime in row["ours_to_peer"]:
                speed = ours / row["ours_to_peer"][runtime]
            else:
                continue
            place = y - GROUP / 2 + (i + 0.5) * height
            axes.barh(place, speed, height * 0.92, color=COLOURS[runtime])
            bold = "bold" if runtime == "tessera" else "normal"
            axes.text(speed + 0.01, place, f"{speed:.2f}", va="center", fontsize=7, fontweight=bold, color="#334155")
    axes.axvline(1, color="#334155", linewidth=0.8, linestyle=(0, (4, 3)))
    axes.set_yticks(range(len(rows)), [LABELS.get(name, name) for name in rows])
    axes.invert_yaxis()
    axes.set_xlim(left=0)
    axes.margins(y=0.01)
    axes.tick_params(axis="y", length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_xlabel(f"speed relative to ONNX Runtime; one core, float32, batch {args.batch}; {report['machine']['cpu']}", fontsize=8)
    handles = [Patch(color=COLOURS[name], label=TITLES[name]) for name in runtimes]
    figure.legend(handles=handles, loc="outside upper center", ncols=len(runtimes), frameon=False, fontsize=8)
    args.png.parent.mkdir(exist_ok=True)
    figure.savefig(args.png, dpi=110)


if __name__ == "__main__":
    main()
