"""One network in one peer's runtime, ready to be timed. Started by compare.py.

    python worker.py PEER NETWORK BATCH ONNX_FILE CORE

Prints a JSON line when ready: {"version", "settings", "difference"} or {"skip": why}. Then, for each line with a number of seconds
on the standard input, runs the network for at least so long and prints the seconds of every run as a JSON list.
"""

import json
import os
import sys
import time


def onnxruntime(network, batch, file):
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.set_denormal_as_zero", "1")
    session = ort.InferenceSession(file, options, ["CPUExecutionProvider"])
    import networks

    image = networks.images(batch).numpy()
    name = session.get_inputs()[0].name
    return lambda: session.run(None, {name: image})[0], ort.__version__, "all graph optimisations"


def openvino(network, batch, file):
    import openvino as ov

    import networks

    properties = {
        "INFERENCE_PRECISION_HINT": "f32",
        "INFERENCE_NUM_THREADS": 1,
        "NUM_STREAMS": 1,
        "PERFORMANCE_HINT": "LATENCY",
        "ENABLE_CPU_PINNING": False,
    }
    request = ov.Core().compile_model(file, "CPU", properties).create_infer_request()
    request.set_input_tensor(ov.Tensor(networks.images(batch).numpy()))

    def run():
        request.infer()
        return request.get_output_tensor().data

    return run, ov.__version__.split("-")[0], "f32, one stream"


def torch_settings():
    import torch

    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    torch.set_flush_denormal(True)
    torch.set_float32_matmul_precision("highest")
    return torch


def quickest(run):
    run()
    return min(timed(run) for _ in range(5))


def timed(run):
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def torch_run(torch, network, batch, layout, wrap=lambda model: model):
    import networks

    model = wrap(networks.build(network).to(memory_format=layout))
    image = networks.images(batch).to(memory_format=layout)

    def run():
        with torch.inference_mode():
            return model(image).numpy()

    return run


def pytorch(network, batch, file):
    torch = torch_settings()
    layouts = {"channels first": torch.contiguous_format, "channels last": torch.channels_last}
    runs = {label: torch_run(torch, network, batch, layout) for label, layout in layouts.items()}
    fastest = min(runs, key=lambda label: quickest(runs[label]))
    return runs[fastest], torch.__version__, f"inference mode, {fastest}"


def pytorch_compile(network, batch, file):
    torch = torch_settings()
    import torch._inductor.config as inductor

    inductor.freezing = True
    inductor.cpp.threads = 1
    run = torch_run(torch, network, batch, torch.contiguous_format, lambda model: torch.compile(model, dynamic=False))
    return run, torch.__version__, "inductor, frozen weights, its own choice of layouts"


PEERS = {"onnxruntime": onnxruntime, "openvino": openvino, "pytorch": pytorch, "pytorch_compile": pytorch_compile}


def main():
    peer, network, batch, file, core = sys.argv[1:]
    # Runtimes write to the standard output as they like; answers go to the original one.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def answer(value):
        print(json.dumps(value), file=answers, flush=True)

    os.sched_setaffinity(0, {int(core)})
    import numpy

    try:
        run, version, settings = PEERS[peer](network, int(batch), file)
        scores = run()
    except Exception as error:  # whatever a runtime throws, the others can still be measured
        answer({"skip": f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"})
        return
    expected = numpy.load(file.replace(".onnx", ".npy"))
    difference = float(numpy.abs(scores - expected).max() / numpy.abs(expected).max())
    answer({"version": version, "settings": settings, "difference": difference})
    for line in sys.stdin:
        seconds, runs = float(line), []
        while not runs or sum(runs) < seconds:
            runs.append(timed(run))
        answer(runs)


if __name__ == "__main__":
    main()
