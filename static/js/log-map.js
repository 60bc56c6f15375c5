// The strip at a log's right edge: where in the whole of it errors and matches are, and the reader.

const LEAST_PX = 2;

export class LogMap {
  #known = new Map(); // layer → what was counted for it

  constructor(canvas, onPick) {
    this.canvas = canvas;
    canvas.addEventListener("pointerdown", (event) => {
      const { top, height } = canvas.getBoundingClientRect();
      onPick(Math.min(1, Math.max(0, (event.clientY - top) / height)));
    });
  }

  /** `layers` are [numbers ascending, the style that has their colour, where and how wide]; `from` and
   * `to` are what is in sight. */
  draw(total, layers, from, to) {
    const { canvas } = this;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    const scale = devicePixelRatio || 1;
    if (canvas.width !== Math.round(width * scale)) canvas.width = Math.round(width * scale);
    if (canvas.height !== Math.round(height * scale)) canvas.height = Math.round(height * scale);
    const ink = canvas.getContext("2d");
    ink.setTransform(scale, 0, 0, scale, 0, 0);
    ink.clearRect(0, 0, width, height);
    if (!total || !height) return;
    const style = getComputedStyle(canvas);
    ink.fillStyle = style.outlineColor;
    ink.fillRect(0, ((from - 1) / total) * height, width, Math.max(LEAST_PX, ((to - from + 1) / total) * height));
    for (const [numbers, colour, left, share] of layers) {
      ink.fillStyle = style[colour];
      drawMarks(ink, this.#counted(colour, numbers, total, height), height, left * width, share * width);
    }
  }

  /** Counted anew only when there is something new: a million lines take a while. */
  #counted(colour, numbers, total, height) {
    const key = [numbers.length, numbers[0], numbers.at(-1), total, height].join();
    const known = this.#known.get(colour);
    if (known?.key === key && known.buffer === numbers.buffer) return known.steps;
    const steps = counted(numbers, total, height);
    this.#known.set(colour, { key, buffer: numbers.buffer, steps });
    return steps;
  }
}

/** A mark a step at most, the stronger the more lines were found there. */
function drawMarks(ink, steps, height, left, width) {
  const most = steps.reduce((one, other) => Math.max(one, other), 0);
  for (const [step, count] of steps.entries()) {
    if (!count) continue;
    ink.globalAlpha = 0.45 + 0.55 * (count / most);
    ink.fillRect(left, Math.min(step * LEAST_PX, height - LEAST_PX), width, LEAST_PX);
  }
  ink.globalAlpha = 1;
}

function counted(numbers, total, height) {
  const steps = new Uint32Array(Math.ceil(height / LEAST_PX) + 1);
  for (const number of numbers) steps[Math.floor((((number - 1) / total) * height) / LEAST_PX)]++;
  return steps;
}
