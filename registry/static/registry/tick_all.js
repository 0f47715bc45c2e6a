"use strict";
// Above a list of boxes that names them in `data-all` and `data-none`: buttons that tick all, or none.
document.addEventListener("DOMContentLoaded", () => {
  const lists = [...document.querySelectorAll("input[data-all]")].map((box) => box.closest("div[id]"));
  for (const list of new Set(lists)) {
    const boxes = [...list.querySelectorAll("input[type=checkbox]")];
    const tools = document.createElement("p");
    tools.className = "tick-tools";
    for (const [name, ticked] of [["all", true], ["none", false]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button cancel-link";
      button.textContent = boxes[0].dataset[name];
      button.addEventListener("click", () => {
        for (const box of boxes) box.checked = ticked;
        boxes[0].dispatchEvent(new Event("change", { bubbles: true })); // the draft follows
      });
      tools.append(button);
    }
    list.prepend(tools);
  }
});
