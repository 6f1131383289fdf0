// A page that says which digit was drawn. Vite bundles it and gives the weights a URL.
import { glyphs } from 'wgrad/datasets';
import { createClassifier } from './classifier.js';
import weightsUrl from './lenet5.safetensors?url';
import { Pad } from './pad.js';

const element = (id) => document.getElementById(id);
const examples = glyphs({ train: false, count: 100 });
let shown = 0;

try {
  const response = await fetch(weightsUrl);
  if (!response.ok) throw new Error(`${weightsUrl}: ${response.status} ${response.statusText}`);
  const classify = await createClassifier(new Uint8Array(await response.arrayBuffer()));
  const pad = new Pad(element('pad'), answer);
  element('clear').addEventListener('click', () => {
    pad.clear();
    show([]);
  });
  element('example').addEventListener('click', () => {
    pad.show(examples.images.subarray(784 * shown, 784 * (shown + 1)));
    shown = (shown + 1) % examples.count;
    return answer();
  });
  async function answer() {
    const started = performance.now();
    const probabilities = await classify(pad.read());
    show(probabilities);
    say(`${(performance.now() - started).toFixed(0)} ms`);
  }
  say('Ready.');
} catch (error) {
  say(error.message); // without WebGPU it says so
}

function show(probabilities) {
  const rows = [...probabilities].map((value, digit) => {
    const percent = `${(100 * value).toFixed(1)} %`;
    return `<dt>${digit}</dt><dd class="bar" style="--share: ${percent.replace(' ', '')}"></dd><dd>${percent}</dd>`;
  });
  element('bars').innerHTML = rows.join('');
  element('answer').value = rows.length ? probabilities.indexOf(Math.max(...probabilities)) : '–';
}

function say(text) {
  element('status').textContent = text;
}
