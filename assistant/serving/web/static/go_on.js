// Under the newest answer: questions to go on with, which the server made from what was found, and tried.
(() => {
  "use strict";
  // What a proxy serves us below, if anything: where this file came from says it.
  const ROOT = new URL(document.currentScript.src).pathname.replace(/\/files\/[^/]*$/, "");

  const fill = async () => {
    const turn = [...document.querySelectorAll(".turn[data-complete]")].pop();
    const place = turn && turn.querySelector(".go-on-here");
    if (!place || place.childElementCount || place.dataset.asked) return;
    place.dataset.asked = "";
    const { question, filters, history } = turn.dataset;
    try {
      const reply = await fetch(`${ROOT}/go-on`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ question, filters: JSON.parse(filters), history: JSON.parse(history) }),
      });
      if (reply.ok) place.innerHTML = await reply.text(); // written by our own server, which escapes everything
    } catch { /* they are an extra: without a connection the next question says so */ }
  };
  document.addEventListener("coproduce:answered", fill);
  document.addEventListener("coproduce:restored", fill);

  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("button.go-on");
    if (!button) return;
    const { question, filters, how } = button.dataset;
    const turn = Number(button.closest(".turn").id.replace("turn-", ""));
    window.coproduce.ask({ turn, question, filters: JSON.parse(filters), how });
  });

  // The link to a question is copied where that can be done; else it is a link as any other.
  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a.link-here");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !navigator.clipboard) return;
    event.preventDefault();
    navigator.clipboard.writeText(link.href).then(
      () => window.coproduce.tell("The link is copied. It holds the question alone."),
      () => { window.location.href = link.href; },
    );
  });
})();
