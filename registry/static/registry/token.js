"use strict";
// Copies the key of a new token.
const button = document.getElementById("copy-key");
if (button && navigator.clipboard) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById("token-key").textContent);
    button.textContent = button.dataset.done;
  });
}
