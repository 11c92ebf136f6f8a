// SPDX-License-Identifier: MIT
// The classifier of the page: tessera.wasm (page.cpp) with names for what it gives.

export const models = ['spach_ms_cifar10', 'convmlp_cifar10', 'resmlp_cifar10', 'mixer_cifar10'];

const noSystem = 52; // WASI's answer to a call that is not there

// The module needs no files; what it writes is text for people who look for an error.
function systemCalls(memory) {
  const text = new TextDecoder();
  const calls = {
    fd_write(_, pieces, count, written) {
      const view = new DataView(memory().buffer);
      let bytes = 0;
      for (let i = 0; i < count; ++i) {
        const at = view.getUint32(pieces + 8 * i, true), size = view.getUint32(pieces + 8 * i + 4, true);
        console.error(text.decode(new Uint8Array(memory().buffer, at, size)));
        bytes += size;
      }
      view.setUint32(written, bytes, true);
      return 0;
    },
    proc_exit(status) { throw new Error(`the module ended with status ${status}`); },
  };
  return new Proxy(calls, { get: (known, name) => known[name] ?? (() => noSystem) });
}

async function fetched(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: found status ${answer.status}, expected the file`);
  return answer;
}

export class Classifier {
  // Loads a bundled model by its name.
  static async load(name) {
    const self = new Classifier();
    const source = await WebAssembly.compile(await (await fetched('tessera.wasm')).arrayBuffer());
    const calls = systemCalls(() => self.wasm.memory);
    const imports = {};
    for (const { module, name: call } of WebAssembly.Module.imports(source)) (imports[module] ??= {})[call] = calls[call];
    self.wasm = (await WebAssembly.instantiate(source, imports)).exports;
    self.wasm._initialize();
    const file = new Uint8Array(await (await fetched(`models/${name}.safetensors`)).arrayBuffer());
    self.#fill(file);
    const classes = self.wasm.load(file.length);
    if (classes === 0) throw new Error(`${name}: found another network than those of the page`);
    self.labels = Array.from({ length: classes }, (_, i) => self.#text(self.wasm.label(i)));
    return self;
  }

  // Takes a photo: red, green, blue and alpha of each pixel, as a canvas has them. Returns the prepared image, 32×32×3.
  prepare({ data, width, height }) {
    this.#fill(data);
    return this.#floats(this.wasm.prepare(height, width), 32 * 32 * 3);
  }

  // The scores of the prepared photo, before softmax.
  scores() { return this.#floats(this.wasm.run(), this.labels.length); }

  // What each position of the last tokens adds to the score of a class.
  contributions(number) {
    const at = this.wasm.contributions(number), height = this.wasm.map_height(), width = this.wasm.map_width();
    return { height, width, values: this.#floats(at, height * width) };
  }

  run() { this.wasm.run(); }

  #fill(bytes) {
    const at = this.wasm.room(bytes.length);
    new Uint8Array(this.wasm.memory.buffer, at, bytes.length).set(bytes);
  }
  #floats(at, count) { return new Float32Array(this.wasm.memory.buffer, at, count).slice(); }
  #text(at) {
    const bytes = new Uint8Array(this.wasm.memory.buffer, at);
    return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
  }
}

// The same model in onnxruntime-web, on one thread. Null where the folder was built without it.
export class Peer {
  static async load(name) {
    const found = await fetch('peer/ort.wasm.min.mjs', { method: 'HEAD' });
    if (!found.ok) return null;
    const self = new Peer();
    self.runtime = await import('./peer/ort.wasm.min.mjs');
    self.runtime.env.wasm.numThreads = 1;
    self.session = await self.runtime.InferenceSession.create(`peer/${name}.onnx`, { executionProviders: ['wasm'] });
    return self;
  }
  // The prepared image, height×width×channels; the model takes channels first.
  prepare(image) {
    const pixels = 32 * 32, planes = new Float32Array(3 * pixels);
    for (let i = 0; i < image.length; ++i) planes[(i % 3) * pixels + Math.floor(i / 3)] = image[i];
    this.feeds = { [this.session.inputNames[0]]: new this.runtime.Tensor('float32', planes, [1, 3, 32, 32]) };
  }
  async scores() { return (await this.session.run(this.feeds))[this.session.outputNames[0]].data; }
  run() { return this.session.run(this.feeds); }
}

export function softmax(scores) {
  const largest = Math.max(...scores), shares = Array.from(scores, (score) => Math.exp(score - largest));
  const sum = shares.reduce((a, b) => a + b);
  return shares.map((share) => share / sum);
}

// The pixels of an image file, upright, with colours as they are stored.
export async function pixelsOf(file) {
  const bitmap = await createImageBitmap(file, { colorSpaceConversion: 'none', premultiplyAlpha: 'none' });
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height), context = canvas.getContext('2d', { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, bitmap.width, bitmap.height);
}

// Images per second of two ways, taken in turns; of each the best turn counts. Either may be asynchronous.
export async function rates(ways, turns = 6, milliseconds = 150) {
  const best = ways.map(() => 0);
  for (let turn = 0; turn < turns; ++turn)
    for (let i = 0; i < ways.length; ++i) {
      await ways[i]();
      let images = 0;
      const start = performance.now();
      let now = start;
      for (; now - start < milliseconds; now = performance.now(), ++images) {
        const result = ways[i]();
        if (result instanceof Promise) await result;
      }
      best[i] = Math.max(best[i], (1000 * images) / (now - start));
    }
  return best;
}
