"use strict";
// Narrows the questions that went wrong, and opens what is folded before printing. All is readable without it.
(() => {
  const form = document.querySelector(".filter");
  if (form) {
    const words = document.getElementById("filter");
    const onlyNew = document.getElementById("only-new");
    const status = document.getElementById("shown");
    const kinds = [...document.querySelectorAll(".kind")].map((kind) => ({
      kind,
      wasOpen: kind.open,
      cases: [...kind.querySelectorAll(".case")].map((element) => ({ element, text: element.textContent.toLowerCase() })),
    }));
    const narrow = () => {
      const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
      const narrowed = wanted.length > 0 || (onlyNew !== null && onlyNew.checked);
      let shown = 0;
      let all = 0;
      for (const { kind, wasOpen, cases } of kinds) {
        let here = 0;
        for (const { element, text } of cases) {
          const fits = wanted.every((word) => text.includes(word)) && !(onlyNew && onlyNew.checked && !("new" in element.dataset));
          element.hidden = !fits;
          here += fits;
        }
        kind.hidden = here === 0;
        kind.open = narrowed ? here > 0 : wasOpen;
        shown += here;
        all += cases.length;
      }
      status.textContent = narrowed ? `${shown} of ${all} questions shown` : "";
    };
    let waiting = 0;
    words.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(narrow, 150); });
    if (onlyNew) onlyNew.addEventListener("change", narrow);
    form.addEventListener("submit", (event) => { event.preventDefault(); narrow(); });
    form.hidden = false;
  }
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const one of folded) one.open = true;
  });
  addEventListener("afterprint", () => { for (const one of folded) one.open = false; });
})();
