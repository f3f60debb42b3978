// Sends what a person says of an answer, by delegation: answers that are added or drawn again later work too.
(() => {
  "use strict";
  const FORM = "form.feedback";
  // What a proxy serves us below, if anything: where this file came from says it.
  const ROOT = new URL(document.currentScript.src).pathname.replace(/\/files\/[^/]*$/, "");
  const sent = new Map(); // what was said of which question, so that an answer drawn again shows it

  const questionOf = (form) => {
    const turn = form.closest("[data-question]");
    const earlier = turn.dataset.history
      ? JSON.parse(turn.dataset.history)
      : [...document.querySelectorAll(FORM)]
          .map((one) => one.closest("[data-question]"))
          .filter((one) => one && one.compareDocumentPosition(turn) & Node.DOCUMENT_POSITION_FOLLOWING)
          .map((one) => one.dataset.question);
    return { question: turn.dataset.question, history: earlier.slice(-100), filters: JSON.parse(turn.dataset.filters || "{}") };
  };
  const keyOf = (form) => JSON.stringify(questionOf(form));
  const button = (form, helpful) => form.querySelector(`button[data-helpful="${helpful}"]`);
  const isDone = (form) => form.dataset.sent !== undefined;

  const tell = (form, words, wrong) => {
    const told = form.querySelector(".told");
    told.classList.toggle("error", wrong);
    told.textContent = words;
  };
  const open = (form, shown) => {
    form.querySelector(".reason").hidden = !shown;
    button(form, false).setAttribute("aria-expanded", String(shown));
  };
  const finish = (form, helpful) => {
    form.dataset.sent = helpful;
    open(form, false);
    for (const one of form.querySelectorAll("button[data-helpful]")) {
      one.setAttribute("aria-pressed", String(one.dataset.helpful === String(helpful)));
      one.setAttribute("aria-disabled", "true"); // not `disabled`: whoever pressed it keeps the focus
    }
  };

  const send = async (form, helpful) => {
    if (isDone(form) || form.dataset.sending) return;
    form.dataset.sending = "yes";
    tell(form, "", false);
    const reason = helpful ? "" : form.querySelector("textarea").value;
    try {
      const key = keyOf(form);
      const reply = await fetch(`${ROOT}/api/feedback`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ ...questionOf(form), helpful, reason }),
      });
      if (!reply.ok) {
        const problem = await reply.json().catch(() => null);
        throw new Error(problem && problem.error ? problem.error.message : "Your feedback was not saved. Please try again.");
      }
      sent.set(key, helpful);
      const inside = form.querySelector(".reason").contains(document.activeElement);
      finish(form, helpful);
      if (inside) button(form, helpful).focus();
      tell(form, "Saved. Thank you.", false);
    } catch (error) {
      tell(form, error instanceof TypeError ? "The server cannot be reached, so your feedback was not saved." : error.message, true);
    } finally {
      delete form.dataset.sending;
    }
  };

  document.addEventListener("click", (event) => {
    const pressed = event.target.closest("form.feedback button");
    if (!pressed) return;
    const form = pressed.closest(FORM);
    if (isDone(form)) return;
    if (pressed.dataset.helpful === "true") send(form, true);
    else if (pressed.dataset.helpful === "false") {
      const shown = form.querySelector(".reason").hidden;
      open(form, shown);
      if (shown) form.querySelector("textarea").focus();
    } else if ("cancel" in pressed.dataset) {
      open(form, false);
      button(form, false).focus();
    }
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches(FORM)) return;
    event.preventDefault();
    if (!event.target.querySelector(".reason").hidden) send(event.target, false);
  });

  const showSent = () => {
    const forms = document.querySelectorAll(FORM);
    if (!forms.length) sent.clear(); // the conversation was started again: the next person sees nothing of it
    for (const form of forms) if (!isDone(form) && sent.size && sent.has(keyOf(form))) finish(form, sent.get(keyOf(form)));
  };
  new MutationObserver(showSent).observe(document.documentElement, { childList: true, subtree: true });
})();
