"""Time this library and its peers on the same networks, run by run in turns, on one core in float32.

    python compare.py --bench MODELS_BENCH [--models NAME...] [--batches 1 8] [--rounds 5] [--seconds 1] [--peers NAME...]

Writes a JSON file, in which the networks that are not measured this time are kept, and prints it as a table.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
from pathlib import Path

import networks

FOLDER = Path(__file__).resolve().parent
PEERS = ["onnxruntime", "openvino", "pytorch", "pytorch_compile", "onnxruntime_int8", "openvino_int8"]
TITLES = {
    "tessera": "Tessera",
    "onnxruntime": "ONNX Runtime",
    "openvino": "OpenVINO",
    "pytorch": "PyTorch",
    "pytorch_compile": "torch.compile",
    "tessera_int8": "Tessera int8",
    "onnxruntime_int8": "ONNX Runtime int8",
    "openvino_int8": "OpenVINO int8",
}


class Ours:
    """One process a round: it stops when it has printed its figures."""

    def __init__(self, bench, network, batch, core, precision=""):
        name = f"^forward/{network}{precision}/batch:{batch}/threads:1$"
        self.batch = batch
        self.command = ["taskset", "-c", str(core), bench, f"--benchmark_filter={name}", "--benchmark_format=json"]
        self.context = {}

    def seconds_per_image(self, seconds):
        out = subprocess.run([*self.command, f"--benchmark_min_time={seconds}"], check=True, capture_output=True, text=True).stdout
        answer = json.loads(out)
        self.context = answer["context"]
        (figures,) = answer["benchmarks"]
        if figures.get("error_occurred"):
            sys.exit(f"{figures['name']}: {figures['error_message']}")
        return 1e-3 * figures["p50_ms"] / self.batch

    def stop(self):
        pass


class Peer:
    """A process that loads the network once, and sleeps while others are timed."""

    def __init__(self, peer, network, batch, core, onnx):
        command = [sys.executable, FOLDER / "worker.py", peer, network, str(batch), onnx, str(core)]
        environment = os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        log = open(onnx.parent / f"{onnx.stem}.{peer}.log", "w")
        self.batch = batch
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, env=environment)
        line = self.process.stdout.readline()
        self.about = json.loads(line) if line else {"skip": f"the process ended; see {log.name}"}

    def seconds_per_image(self, seconds):
        print(seconds, file=self.process.stdin, flush=True)
        return statistics.median(json.loads(self.process.stdout.readline())) / self.batch

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def exported(network, batch, folder):
    """The ONNX file; written at the first use."""
    file = folder / f"{network}.batch{batch}.onnx"
    if not file.with_suffix(".done").exists():
        command = [sys.executable, FOLDER / "export.py", network, str(batch), file]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{network}: the export failed\n{done.stderr}")
        file.with_suffix(".done").touch()
    return file


def measure(network, batch, args):
    """Images per second of each runtime, and the median of the rounds' ratios of ours to its."""
    onnx = exported(network, batch, args.work)
    runtimes = {"tessera": Ours(args.bench, network, batch, args.core)}
    if any(name.endswith("_int8") for name in args.peers):
        runtimes["tessera_int8"] = Ours(args.bench, network, batch, args.core, "/int8")
    skipped, about = {}, {}
    for name in args.peers:
        peer = Peer(name, network, batch, args.core, onnx)
        if "skip" in peer.about:
            skipped[name] = peer.about["skip"]
            peer.stop()
        else:
            about[name] = peer.about
            runtimes[name] = peer
            if peer.about["difference"] > 1e-3 and not name.endswith("_int8"):
                print(f"note: {name} differs from PyTorch by {peer.about['difference']:.1e} on {network}", file=sys.stderr)
    rounds = {name: [] for name in runtimes}
    for _ in range(args.rounds):
        for name, runtime in runtimes.items():
            rounds[name].append(runtime.seconds_per_image(args.seconds))
    for runtime in runtimes.values():
        runtime.stop()
    ours = {name: rounds["tessera_int8" if name.endswith("_int8") else "tessera"] for name in about}
    return {
        "images_per_second": {name: 1 / statistics.median(times) for name, times in rounds.items()},
        "ours_to_peer": {name: statistics.median(t / o for t, o in zip(rounds[name], ours[name])) for name in about},
        "rounds": rounds,
        "peers": about,
        "skipped": skipped,
    }, runtimes["tessera"].context


def machine(context):
    info = Path("/proc/cpuinfo").read_text()
    return {
        "cpu": re.search("model name\t: (.*)", info)[1],
        "fma_peak_gflops_per_core": float(context["fma_peak_gflops_per_core"]),
        "compiler": context.get("compiler", ""),
        "instruction sets": " ".join(flag for flag in ("avx2", "avx512f", "avx_vnni", "avx512_vnni", "amx_int8") if f" {flag}" in info),
    }


def print_table(report):
    results = report["results"]
    names = [name for name in TITLES if any(name in row["images_per_second"] for row in results.values())]
    print("\nImages per second on one core; in brackets how many times faster Tessera is in the same precision.\n")
    print(" | ".join(["| network", "batch", *(TITLES[name] for name in names)]), "|")
    print("|---" * (2 + len(names)) + "|")
    for key in sorted(results, key=lambda k: (list(networks.NETWORKS).index(k.split("/")[0]), int(k.split("/")[1]))):
        row = results[key]
        cells = key.split("/")
        for name in names:
            speed = row["images_per_second"].get(name)
            ratio = f" ({row['ours_to_peer'][name]:.2f})" if name in row["ours_to_peer"] else ""
            cells.append(f"{speed:.2f}{ratio}" if speed else "-")
        print("| " + " | ".join(cells) + " |")
    versions = {TITLES[name]: about["version"] for row in results.values() for name, about in row["peers"].items()}
    print("\n" + ", ".join([*(f"{name} {version}" for name, version in versions.items()), *(f"{k} {v}" for k, v in report["machine"].items())]))
    for key, row in results.items():
        for name, about in row["peers"].items():
            if name.endswith("_int8"):
                print(f"{key}: {TITLES[name]}: {about['settings']}; logits differ by {100 * about['error']:.1f} % from float32")
        for name, why in row["skipped"].items():
            print(f"{key}: {TITLES[name]} skipped: {why}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", required=True)
    parser.add_argument("--work", type=Path, required=True, help="folder for exported networks")
    parser.add_argument("--out", type=Path, required=True, help="JSON file")
    parser.add_argument("--models", nargs="+", default=networks.DEFAULT, choices=networks.NETWORKS)
    parser.add_argument("--batches", nargs="+", type=int, default=[1, 8])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1, help="of each runtime in each round")
    parser.add_argument("--peers", nargs="+", default=PEERS, choices=PEERS)
    parser.add_argument("--core", type=int, default=min(os.sched_getaffinity(0)))
    parser.add_argument("--prepare", action="store_true", help="export and compile only")
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    report = json.loads(args.out.read_text()) if args.out.exists() else {"results": {}}
    for network in args.models:
        for batch in args.batches:
            if args.prepare:
                for peer in args.peers:
                    Peer(peer, network, batch, args.core, exported(network, batch, args.work)).stop()
                continue
            row, context = measure(network, batch, args)
            report["machine"] = machine(context)
            report["results"][f"{network}/{batch}"] = row
            args.out.write_text(json.dumps(report, indent=1))
    if not args.prepare:
        print_table(report)


if __name__ == "__main__":
    main()
