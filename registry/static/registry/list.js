"use strict";
// A filter takes effect when it is chosen; the button stays for those without scripts and for the keyboard.
const filters = document.getElementById("changelist-search");
if (filters) {
  const send = () => {
    for (const field of filters.elements) {
      field.disabled = field.name && !field.value; // keeps the address short
    }
    filters.submit();
  };
  for (const field of filters.querySelectorAll("select, input[type=date]")) {
    field.addEventListener("change", send);
  }
  filters.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
}
