// Opens a citation in the report beside the chat, and puts the focus back where people expect it.
(() => {
  "use strict";
  const box = () => document.querySelector("#question textarea, #question input");
  let opener = null;

  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a.citation");
    if (link) {
      opener = link;
      const reader = document.getElementById("reader");
      if (reader) reader.scrollIntoView({ block: "nearest" });
      return;
    }
    if (event.target.id === "back-to-answer") {
      event.preventDefault();
      const target = opener && document.contains(opener) ? opener : box();
      if (target) target.focus();
    }
  });

  window.coproduce = {
    answered() {
      const turns = document.querySelectorAll("#conversation .turn");
      if (turns.length) turns[turns.length - 1].scrollIntoView({ block: "start" });
      const input = box();
      if (input) input.focus({ preventScroll: true });
    },
  };
})();
