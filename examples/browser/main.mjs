// SPDX-License-Identifier: MIT
// What happens on the page when a photo or a model is chosen.

import { Classifier, Peer, models, pixelsOf, rates, softmax } from './page.mjs';

const at = (id) => document.getElementById(id);
const mean = [0.4914, 0.4822, 0.4465], deviation = [0.247, 0.2435, 0.2616]; // of CIFAR-10, as the networks were trained
const side = 32;
let classifier, peer, photo, prepared, scores, chosen;

function guarded(work) {
  return async (...values) => {
    try {
      at('error').textContent = '';
      await work(...values);
    } catch (error) {
      at('error').textContent = error.message;
    }
  };
}

const byte = (value, c) => 255 * (value * deviation[c] + mean[c]);

function drawPhoto() {
  const picture = new ImageData(side, side);
  for (let i = 0; i < side * side; ++i) {
    for (let c = 0; c < 3; ++c) picture.data[4 * i + c] = byte(prepared[3 * i + c], c);
    picture.data[4 * i + 3] = 255;
  }
  at('photo').getContext('2d').putImageData(picture, 0, 0);
}

// The photo in grey; red adds to the score of the chosen class, blue takes away from it.
function drawMap() {
  const { height, width, values } = classifier.contributions(chosen);
  const largest = Math.max(...values.map(Math.abs), 1e-30), picture = new ImageData(side, side);
  for (let y = 0; y < side; ++y)
    for (let x = 0; x < side; ++x) {
      const i = y * side + x, value = values[Math.floor((y * height) / side) * width + Math.floor((x * width) / side)] / largest;
      const light = 128 + 0.5 * (0.3 * byte(prepared[3 * i], 0) + 0.59 * byte(prepared[3 * i + 1], 1) + 0.11 * byte(prepared[3 * i + 2], 2));
      const colour = value < 0 ? [31, 97, 179] : [199, 41, 41], share = 0.85 * Math.abs(value);
      for (let c = 0; c < 3; ++c) picture.data[4 * i + c] = light + share * (colour[c] - light);
      picture.data[4 * i + 3] = 255;
    }
  at('map').getContext('2d').putImageData(picture, 0, 0);
  const sum = values.reduce((a, b) => a + b, 0);
  at('caption').textContent =
    `What each of the ${height}×${width} last tokens adds to the score of “${classifier.labels[chosen]}”: ${sum.toFixed(3)} of ` +
    `${scores[chosen].toFixed(3)}; the rest is the bias. Red adds up to ${largest.toFixed(3)}, blue takes away.`;
}

function showTop() {
  const shares = softmax(scores), order = shares.map((_, i) => i).sort((a, b) => shares[b] - shares[a]);
  at('top').replaceChildren(
    ...order.slice(0, 5).map((number) => {
      const row = document.createElement('div'), bar = document.createElement('i'), share = document.createElement('b');
      bar.style.width = `${100 * shares[number]}%`;
      share.textContent = `${(100 * shares[number]).toFixed(2)} %`;
      row.className = number === chosen ? 'chosen' : '';
      row.append(bar, classifier.labels[number], share);
      row.onclick = guarded(() => { chosen = number; showTop(); drawMap(); });
      return row;
    }),
  );
}

function classify() {
  prepared = classifier.prepare(photo);
  scores = classifier.scores();
  chosen = scores.indexOf(Math.max(...scores));
  drawPhoto();
  drawMap();
  showTop();
  at('speed').replaceChildren();
}

function speedRow(name, rate) {
  const row = document.createElement('tr');
  row.append(...[name, rate].map((text) => Object.assign(document.createElement('td'), { textContent: text })));
  return row;
}

async function measure() {
  peer?.prepare(prepared);
  const ways = [() => classifier.run(), ...(peer ? [() => peer.run()] : [])];
  const [ours, theirs] = await rates(ways);
  at('speed').replaceChildren(
    speedRow('Tessera, WebAssembly with SIMD', ours.toFixed(0)),
    peer
      ? speedRow('onnxruntime-web, WebAssembly with SIMD', `${theirs.toFixed(0)} (Tessera is ${(ours / theirs).toFixed(2)} × as fast)`)
      : speedRow('onnxruntime-web', 'not in this folder: build it with --peer'),
  );
}

async function choose() {
  classifier = await Classifier.load(at('model').value);
  peer = await Peer.load(at('model').value);
  if (photo) classify();
}

async function take(file) {
  photo = await pixelsOf(file);
  classify();
}

at('model').append(...models.map((name) => new Option(name)));
at('model').onchange = guarded(choose);
at('file').onchange = guarded(() => take(at('file').files[0]));
at('drop').onclick = () => at('file').click();
at('drop').ondragover = (event) => { event.preventDefault(); at('drop').classList.add('over'); };
at('drop').ondragleave = () => at('drop').classList.remove('over');
at('drop').ondrop = guarded((event) => {
  event.preventDefault();
  at('drop').classList.remove('over');
  return take(event.dataTransfer.files[0]);
});
at('measure').onclick = guarded(measure);
await guarded(async () => {
  await choose();
  await take(await (await fetch('cat.jpg')).blob());
})();
document.body.dataset.ready = 'true';
