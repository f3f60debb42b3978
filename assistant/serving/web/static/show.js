// The arrow keys, and a clicker's Page Up and Page Down, follow the links to the next and the previous quotation.
(() => {
  "use strict";
  const onwards = document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
  const back = onwards === "ArrowLeft" ? "ArrowRight" : "ArrowLeft";
  const steps = { [onwards]: "next", PageDown: "next", [back]: "prev", PageUp: "prev" };
  // A quotation that does not fit is read to its end first.
  const scrolls = (step) => {
    const page = document.documentElement;
    return step === "next" ? page.scrollTop + window.innerHeight < page.scrollHeight - 4 : page.scrollTop > 4;
  };
  document.addEventListener("keydown", (event) => {
    const step = steps[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.target.closest && event.target.closest("input, textarea")) return;
    const link = document.querySelector(`[data-step="${step}"]`);
    if (!link || (event.key.startsWith("Page") && scrolls(step))) return;
    event.preventDefault();
    link.click();
  });
})();
