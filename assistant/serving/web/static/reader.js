// Fits the reader into the chat's frame, brings the cited words into view, and leads back to the answer.
// The page works without this, by the #cited in its address.
(() => {
  "use strict";
  const framed = window.parent !== window;
  if (framed) document.documentElement.dataset.framed = "";

  // The page around the frame, where it is ours.
  const around = () => { try { return framed ? window.parent.document : null; } catch { return null; } };

  // What a search found, one place after the other, round and round.
  const goThroughPlaces = () => {
    const bar = document.getElementById("find-bar");
    const places = [...document.querySelectorAll("mark.found")];
    if (!bar || !places.length) return;
    let at = -1;
    const go = (by) => {
      if (at >= 0) places[at].classList.remove("current");
      at = at < 0 ? (by > 0 ? 0 : places.length - 1) : (at + by + places.length) % places.length;
      places[at].classList.add("current");
      const { top, height } = places[at].getBoundingClientRect();
      window.scrollBy({ top: top - Math.max(0, (window.innerHeight - height) / 2), behavior: "instant" }); // this frame only
      document.getElementById("find-at").textContent = `${at + 1} of ${places.length}`;
    };
    bar.hidden = false;
    bar.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-find]");
      if (button) go(Number(button.dataset.find));
    });
    document.getElementById("find-at").textContent = `${places.length} ${places.length === 1 ? "place" : "places"}`;
    if (location.hash !== "#search") return;
    // Whoever has just searched sees the first, once the browser itself has gone to where the address ends.
    window.addEventListener("load", () => setTimeout(() => {
      go(1);
      bar.querySelector('[data-find="1"]').focus({ preventScroll: true });
    }, 0));
  };

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
    // "#L738" leads to the paragraph that holds line 738, though only its first line has a number.
    const toLine = () => {
      const wanted = /^#L(\d+)$/.exec(location.hash);
      if (!wanted || document.getElementById(location.hash.slice(1))) return;
      const before = [...document.querySelectorAll("a.lines")].filter((one) => parseInt(one.hash.slice(2), 10) <= wanted[1]);
      if (before.length) location.replace(before[before.length - 1].hash);
    };
    toLine();
    window.addEventListener("hashchange", toLine);
    goThroughPlaces();
    const cited = document.getElementById("cited");
    if (!cited || (location.hash && location.hash !== "#cited")) return;
    // Within the frame only: the page around it may show something else.
    const { top, height } = cited.getBoundingClientRect();
    window.scrollBy({ top: top - Math.max(0, (window.innerHeight - height) / 2), behavior: "instant" });
    // Whoever pressed a citation goes on reading here; nobody's focus is taken who did not.
    const pressed = outer && !("quiet" in window.frameElement.dataset) && outer.activeElement;
    if (!framed || (pressed && pressed.matches("a.citation, iframe"))) cited.focus({ preventScroll: true });
  });
})();
