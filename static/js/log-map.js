// The strip at a log's right edge: where in the whole of it errors and matches are, and the reader.

const LEAST_PX = 2;

export class LogMap {
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
      drawMarks(ink, numbers, total, height, left * width, share * width);
    }
  }
}

/** One mark a pixel at most, however many lines were found. */
function drawMarks(ink, numbers, total, height, left, width) {
  let last = -LEAST_PX;
  for (let at = 0; at < numbers.length; at++) {
    const y = Math.floor(((numbers[at] - 1) / total) * height);
    if (y < last + LEAST_PX) continue;
    ink.fillRect(left, Math.min(y, height - LEAST_PX), width, LEAST_PX);
    last = y;
  }
}
