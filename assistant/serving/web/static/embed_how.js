// Copies the code. Without this file it can be selected and copied by hand: the button is not shown then.
(() => {
  "use strict";
  const button = document.getElementById("copy-snippet");
  const snippet = document.getElementById("snippet");
  const copied = document.getElementById("copied");
  button.hidden = false;
  button.addEventListener("click", async () => {
    copied.textContent = "";
    snippet.select();
    try {
      await navigator.clipboard.writeText(snippet.value);
      copied.textContent = "Copied.";
      button.focus();
    } catch {
      snippet.focus();
      const keys = window.matchMedia("(hover: none) and (pointer: coarse)").matches ? "copy it by hand" : "press Ctrl+C, or Cmd+C";
      copied.textContent = `Your browser does not let a page copy. The code is selected: ${keys}.`;
    }
  });
})();
