"use strict";
// A filter takes effect when its value is complete; the button stays for those without scripts and for the keyboard.
const filters = document.getElementById("changelist-search");
if (filters) {
  let sent = false;
  const send = () => {
    sent = true;
    const query = new URLSearchParams([...new FormData(filters)].filter(([, value]) => value)); // a short address
    location.assign(`${location.pathname}?${query}`);
  };
  for (const field of filters.querySelectorAll("select")) {
    // Arrows and letters step through a closed list of choices: each step is a change, only the last is meant.
    let stepping = false;
    let changed = false;
    field.addEventListener("pointerdown", () => (stepping = false));
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && changed) send();
      stepping = !event.altKey && !["Enter", " ", "F4"].includes(event.key);
    });
    field.addEventListener("change", () => {
      changed = true;
      if (!stepping) send();
    });
    field.addEventListener("blur", () => changed && send());
  }
  // A text changes when it is left, or by Enter.
  for (const field of filters.querySelectorAll("input.day")) field.addEventListener("change", send);
  filters.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  // Whoever leaves a filter for an export gets the new list first: its address is that of the list before.
  document.addEventListener(
    "click",
    (event) => {
      if (!sent || !event.target.closest(".object-tools a")) return;
      event.preventDefault();
      send();
    },
    true,
  );
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) filters.reset();
    sent = false;
  });
}

// On a telephone a row has no head above it: numbers, days, marks, yes and no get the names of their columns.
const list = document.getElementById("result_list");
const names = [...(list?.tHead?.rows[0].cells ?? [])].map((head) => (head.querySelector(".text") ?? head).textContent.trim());
for (const row of list?.tBodies[0].rows ?? []) {
  for (const [index, cell] of [...row.cells].entries()) {
    const text = cell.textContent.trim();
    if (["", "-", "—"].includes(text) && !cell.querySelector("img, input, select")) cell.classList.add("none");
    else if (cell.querySelector("img[alt]") || /^([\d\s.,:%/+-]+|是|否|Yes|No)$/.test(text)) {
      cell.classList.add("figure");
      cell.dataset.label = names[index] ?? "";
    }
  }
}
