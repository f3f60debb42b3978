// Fits the reader into the chat's frame, brings the cited words into view, and leads back to the answer.
// The page works without this, by the #cited in its address.
(() => {
  "use strict";
  const framed = window.parent !== window;
  if (framed) document.documentElement.dataset.framed = "";

  // The page around the frame, where it is ours.
  const around = () => { try { return framed ? window.parent.document : null; } catch { return null; } };

  document.addEventListener("DOMContentLoaded", () => {
    const outer = around();
    const back = outer && outer.getElementById("back-to-answer");
    if (framed) {
      // Leaving by a link to the chat would end the conversation, so where nothing leads back there is no link.
      for (const link of document.querySelectorAll("a.back")) {
        if (back && !back.hidden) link.textContent = "Back to the answer"; else link.remove();
      }
    }
    if (back) {
      document.addEventListener("click", (event) => {
        const link = event.target.closest && event.target.closest("a.back");
        if (!link) return;
        event.preventDefault();
        back.click();
      });
    }
    const cited = document.getElementById("cited");
    if (!cited || (location.hash && location.hash !== "#cited")) return;
    cited.scrollIntoView({ block: "center" });
    // Whoever pressed a citation goes on reading here; nobody's focus is taken who did not.
    const pressed = outer && outer.activeElement;
    if (!framed || (pressed && pressed.matches("a.citation, iframe"))) cited.focus({ preventScroll: true });
  });
})();
