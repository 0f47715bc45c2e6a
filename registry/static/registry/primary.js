"use strict";
// One sector is primary: to tick another one takes the mark from the first. The server does the same for each plan.
document.addEventListener("change", ({ target }) => {
  const marks = "#sector_tags-group .field-is_primary input[type=checkbox]:not(.other-plan)";
  if (!target.matches(marks) || !target.checked) return;
  for (const mark of document.querySelectorAll(marks)) {
    if (mark === target || !mark.checked) continue;
    mark.checked = false;
    mark.dispatchEvent(new Event("change", { bubbles: true })); // the draft follows
  }
});
