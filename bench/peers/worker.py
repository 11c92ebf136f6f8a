"""One network in one peer's runtime, ready to be timed. Started by compare.py.

    python worker.py PEER NETWORK BATCH ONNX_FILE CORE

Prints a JSON line when ready: {"version", "settings", "difference", "error"} or {"skip": why}. difference is the largest one from
PyTorch's scores, over the largest score; error is the root mean square of the differences, over that of the scores. Then, for each line with a number of seconds
on the standard input, runs the network for at least so long and prints the seconds of every run as a JSON list.
"""

import json
import os
import sys
import time


def onnxruntime_session(file):
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.set_denormal_as_zero", "1")
    return ort.InferenceSession(file, options, ["CPUExecutionProvider"])


def onnxruntime_run(file, image):
    session = onnxruntime_session(file)
    name = session.get_inputs()[0].name
    return lambda: session.run(None, {name: image})[0]


def onnxruntime(network, batch, file):
    import onnxruntime as ort

    import networks

    return onnxruntime_run(file, networks.images(batch).numpy()), ort.__version__, "all graph optimisations"


# An eight-bit setting counts only if its scores are that near to those of float32.
MOST_ERROR = 0.03


def onnxruntime_int8(network, batch, file):
    """Dynamic quantisation without calibration: the fastest of its settings whose scores are near enough."""
    import onnxruntime as ort
    from onnxruntime.quantization import QuantType, quantize_dynamic

    import networks

    image = networks.images(batch).numpy()
    best = None
    for weights in (QuantType.QInt8, QuantType.QUInt8):
        for per_channel in (False, True):
            settings = {"weight_type": weights, "per_channel": per_channel, "reduce_range": weights == QuantType.QInt8}
            quantised = file.replace(".onnx", f".{weights}.{per_channel}.int8.onnx")
            if not os.path.exists(quantised):
                quantize_dynamic(file, quantised, use_external_data_format=True, **settings)
            run = onnxruntime_run(quantised, image)
            error = error_of(run(), file)
            if error > MOST_ERROR:
                continue
            seconds = quickest(run)
            if best is None or seconds < best[0]:
                best = seconds, run, f"{weights}, {'per channel' if per_channel else 'per tensor'}"
    if best is None:
        raise ValueError(f"no setting has scores within {100 * MOST_ERROR} % of float32")
    return best[1], ort.__version__, best[2]


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


def openvino_int8(network, batch, file):
    """Post-training quantisation by NNCF, calibrated with random images like those that are timed."""
    import nncf
    import openvino as ov

    import networks

    images = networks.images(batch).numpy()
    core = ov.Core()
    model = nncf.quantize(core.read_model(file), nncf.Dataset([images[::-1].copy()]), subset_size=1)
    properties = {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY", "ENABLE_CPU_PINNING": False}
    request = core.compile_model(model, "CPU", properties).create_infer_request()
    request.set_input_tensor(ov.Tensor(images))

    def run():
        request.infer()
        return request.get_output_tensor().data

    return run, ov.__version__.split("-")[0], f"NNCF {nncf.__version__}"


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


PEERS = {
    "onnxruntime": onnxruntime,
    "openvino": openvino,
    "pytorch": pytorch,
    "pytorch_compile": pytorch_compile,
    "onnxruntime_int8": onnxruntime_int8,
    "openvino_int8": openvino_int8,
}


def error_of(scores, file):
    """The root mean square of the differences from PyTorch's scores, over that of the scores."""
    import numpy

    expected = numpy.load(file.replace(".onnx", ".npy"))
    return float(numpy.sqrt(((scores - expected) ** 2).mean() / (expected**2).mean()))


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
    answer({"version": version, "settings": settings, "difference": difference, "error": error_of(scores, file)})
    for line in sys.stdin:
        seconds, runs = float(line), []
        while not runs or sum(runs) < seconds:
            runs.append(timed(run))
        answer(runs)


if __name__ == "__main__":
    main()
