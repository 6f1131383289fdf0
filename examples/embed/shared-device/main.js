// The page: hands its canvas to the worker, and says when to stand still.
const element = (id) => document.getElementById(id);
const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
const canvas = element('view').transferControlToOffscreen();
worker.postMessage({ canvas }, [canvas]);

worker.onmessage = ({ data: { seconds, peakBytes, error } }) => {
  element('status').textContent =
    error ?? `${seconds.toFixed(1)} s, at most ${(peakBytes / 1000).toFixed(0)} kB of tensors on the GPU`;
};
worker.onerror = ({ message }) => {
  element('status').textContent = message;
};
element('pause').addEventListener('change', ({ target }) => {
  element('time').disabled = !target.checked;
  worker.postMessage({ seconds: target.checked ? Number(element('time').value) : undefined });
});
element('time').addEventListener('input', ({ target }) => worker.postMessage({ seconds: Number(target.value) }));
