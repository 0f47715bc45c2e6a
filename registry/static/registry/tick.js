"use strict";
// One box ticks all boxes of its form.
for (const all of document.querySelectorAll(".tick-all")) {
  const boxes = all.form.querySelectorAll(".tick");
  const show = () => {
    const ticked = [...boxes].filter((box) => box.checked).length;
    all.checked = ticked === boxes.length && ticked > 0;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
    for (const box of boxes) {
      box.closest("tr").classList.toggle("selected", box.checked);
    }
  };
  all.addEventListener("change", () => {
    for (const box of boxes) {
      box.checked = all.checked;
    }
    show();
  });
  for (const box of boxes) {
    box.addEventListener("change", show);
  }
  show();
}
