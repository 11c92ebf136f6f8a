// SPDX-License-Identifier: MIT
// Opens the page in headless Chromium and compares it with the native classifier:
//   node check.mjs FOLDER_OF_THE_PAGE CHROMIUM NATIVE.jsonl PICTURE.png
// NATIVE.jsonl has one line for each model, in the order of page.mjs: the answer of classify --jsonl --top 10 for the photo of the page.
// PICTURE.png becomes a picture of the page. Needs playwright-core of npm.

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { chromium } from 'playwright-core';

const [folder, program, native, picture] = process.argv.slice(2);
const types = { '.html': 'text/html', '.mjs': 'text/javascript', '.wasm': 'application/wasm', '.jpg': 'image/jpeg' };
const tolerance = 1e-3; // of a score: what golden tests allow

const server = createServer(async (request, response) => {
  try {
    const asked = normalize(new URL(request.url, 'http://here').pathname), path = asked === '/' ? 'index.html' : asked;
    const bytes = await readFile(join(folder, path));
    response.writeHead(200, { 'content-type': types[extname(path)] ?? 'application/octet-stream' }).end(bytes);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));

function expect(holds, text) {
  if (!holds) throw new Error(text);
}

const browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox'] });
try {
  const page = await browser.newPage({ viewport: { width: 1000, height: 900 } });
  const failures = [];
  page.on('pageerror', (error) => failures.push(error.message));
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.waitForFunction(() => document.body.dataset.ready === 'true');
  expect((await page.textContent('#error')) === '', `the page shows: ${await page.textContent('#error')}`);
  expect((await page.textContent('#top div >> nth=0')).startsWith('cat'), `found ${await page.textContent('#top')}, expected the cat first`);

  const answers = (await readFile(native, 'utf8')).trim().split('\n').map((line) => JSON.parse(line).predictions);
  const found = await page.evaluate(async () => {
    const { Classifier, Peer, models, pixelsOf, rates } = await import('./page.mjs');
    const photo = await pixelsOf(await (await fetch('cat.jpg')).blob()), all = [];
    for (const name of models) {
      const classifier = await Classifier.load(name), peer = await Peer.load(name);
      const prepared = classifier.prepare(photo), scores = Array.from(classifier.scores());
      const { values } = classifier.contributions(3), other = classifier.contributions(5).values;
      const answer = { name, scores, labels: classifier.labels, sums: [values, other].map((list) => list.reduce((a, b) => a + b, 0)) };
      peer?.prepare(prepared);
      if (peer) answer.peerScores = Array.from(await peer.scores());
      answer.rates = await rates([() => classifier.run(), ...(peer ? [() => peer.run()] : [])]);
      all.push(answer);
    }
    return all;
  });
  expect(found.length === answers.length, `found ${answers.length} native answers, expected ${found.length}`);
  found.forEach(({ name, scores, labels, sums, peerScores, rates }, i) => {
    let worst = 0;
    for (const { class: number, label, score } of answers[i]) {
      expect(labels[number] === label, `${name}: found the label ${labels[number]}, expected ${label}`);
      worst = Math.max(worst, Math.abs(scores[number] - score) / Math.max(1, Math.abs(score)));
    }
    expect(worst <= tolerance, `${name}: found scores ${scores}, which differ by ${worst} from the native ones`);
    // The sums leave out the biases, which are small.
    sums.forEach((sum, k) => expect(Math.abs(sum - scores[[3, 5][k]]) < 0.5, `${name}: found contributions of ${sum}, expected about ${scores[[3, 5][k]]}`));
    let text = `${name}: scores differ by ${worst.toExponential(1)}, ${rates[0].toFixed(0)} images/s`;
    if (peerScores) {
      const off = Math.max(...scores.map((score, k) => Math.abs(score - peerScores[k])));
      expect(off <= 10 * tolerance, `${name}: onnxruntime-web gives ${peerScores}`);
      text += `, onnxruntime-web ${rates[1].toFixed(0)} images/s: ${(rates[0] / rates[1]).toFixed(2)} times as fast`;
    }
    console.log(text);
  });

  // The page itself: another class, another model, the table of speeds, a file that is no photo.
  await page.click('#top div >> nth=1');
  expect((await page.getAttribute('#top div >> nth=1', 'class')) === 'chosen', 'a click on a class does not choose it');
  await page.selectOption('#model', 'resmlp_cifar10');
  await page.waitForFunction(() => document.getElementById('caption').textContent.includes('8×8'));
  await page.click('#measure');
  await page.waitForFunction(() => document.querySelectorAll('#speed tr').length === 2);
  await page.screenshot({ path: picture });
  await page.setInputFiles('#file', { name: 'text.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('no photo') });
  await page.waitForFunction(() => document.getElementById('error').textContent !== '');
  expect(failures.length === 0, failures.join('; '));
} finally {
  await browser.close();
  server.close();
}
