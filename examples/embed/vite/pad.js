// A pad for one digit: drawn by the pointer, read as 28 rows of 28 pixels.
const SIDE = 28;
const PEN = 22;

export class Pad {
  #canvas;
  #context;

  /** @param onStroke called whenever the pen is lifted */
  constructor(canvas, onStroke) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d', { willReadFrequently: true });
    Object.assign(this.#context, { strokeStyle: '#fff', lineWidth: PEN, lineCap: 'round', lineJoin: 'round' });
    this.clear();
    canvas.addEventListener('pointerdown', (event) => this.#begin(event));
    canvas.addEventListener('pointermove', (event) => this.#continue(event));
    canvas.addEventListener('pointerup', () => onStroke());
  }

  clear() {
    const { width, height } = this.#canvas;
    this.#context.fillStyle = '#000';
    this.#context.fillRect(0, 0, width, height);
  }

  /** Shows an image, enlarged. */
  show(pixels) {
    const image = new ImageData(SIDE, SIDE);
    for (let i = 0; i < SIDE * SIDE; i++) image.data.set([pixels[i], pixels[i], pixels[i], 255], 4 * i);
    const small = new OffscreenCanvas(SIDE, SIDE);
    small.getContext('2d').putImageData(image, 0, 0);
    this.#context.imageSmoothingEnabled = false;
    this.#context.drawImage(small, 0, 0, this.#canvas.width, this.#canvas.height);
  }

  /** What is on the pad: each pixel is the mean of those it covers. */
  read() {
    const { width, height } = this.#canvas;
    const { data } = this.#context.getImageData(0, 0, width, height);
    const step = width / SIDE;
    const pixels = new Uint8Array(SIDE * SIDE);
    for (let i = 0; i < pixels.length; i++) {
      const [left, top] = [(i % SIDE) * step, Math.floor(i / SIDE) * step];
      let sum = 0;
      for (let y = top; y < top + step; y++) for (let x = left; x < left + step; x++) sum += data[4 * (y * width + x)];
      pixels[i] = Math.round(sum / step ** 2);
    }
    return pixels;
  }

  #begin(event) {
    this.#canvas.setPointerCapture(event.pointerId);
    this.#context.beginPath();
    this.#context.moveTo(...this.#placeOf(event));
    this.#continue(event);
  }

  #continue(event) {
    if (!event.buttons) return;
    this.#context.lineTo(...this.#placeOf(event));
    this.#context.stroke();
  }

  #placeOf({ clientX, clientY }) {
    const { left, top, width, height } = this.#canvas.getBoundingClientRect();
    return [((clientX - left) / width) * this.#canvas.width, ((clientY - top) / height) * this.#canvas.height];
  }
}
