// Choosing rows of a list of runs beyond one by one: all of the page, and from one to another with
// the shift key. Everything else about it works without a script.

let last = null; // the box that was chosen before

/** A box in a list of runs was clicked. */
export function clicked(box, isRange) {
  const section = box.closest(".runs");
  const boxes = [...section.querySelectorAll("td.c-choose input")];
  if (box.matches("[data-choose-all]")) boxes.forEach((each) => (each.checked = box.checked));
  else if (isRange && boxes.includes(last)) chooseRange(boxes, boxes.indexOf(last), boxes.indexOf(box), box.checked);
  if (boxes.includes(box)) last = box;
  tellAll(section, boxes);
}

function chooseRange(boxes, one, other, isChosen) {
  for (let at = Math.min(one, other); at <= Math.max(one, other); at += 1) boxes[at].checked = isChosen;
}

function tellAll(section, boxes) {
  const all = section.querySelector("[data-choose-all]");
  const count = boxes.filter((box) => box.checked).length;
  all.checked = count > 0 && count === boxes.length;
  all.indeterminate = count > 0 && count < boxes.length;
}
