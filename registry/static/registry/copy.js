"use strict";
// Copies the address of a list in the API, and what stands beside it. Without the clipboard the text is selected.
const copy = async (button) => {
  const field = document.getElementById(button.dataset.copy);
  field.focus();
  field.select();
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(field.value);
    button.textContent = button.dataset.done;
  }
};
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.addEventListener("click", () => copy(button));
}
