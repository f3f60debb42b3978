// Asks without loading the page again, says once that the answer is there, and gives the question box back its focus.
// Without this file the same form works: the server writes the whole page.
(() => {
  "use strict";
  const form = document.getElementById("asking");
  const box = document.getElementById("question");
  const ask = document.getElementById("ask");
  const said = document.getElementById("said");
  const conversation = document.getElementById("conversation");
  let busy = false;
  let round = 0; // counts "Start again": an answer that comes after it belongs to nobody

  const turnFrom = (html) => {
    const holder = document.createElement("template");
    holder.innerHTML = html; // written and escaped by our own server
    return holder.content.querySelector("article.turn");
  };
  const note = (words, name) => {
    const line = document.createElement("p");
    line.className = name;
    line.textContent = words;
    return line;
  };
  const remember = (question) => {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = "earlier";
    field.value = question;
    form.insertBefore(field, form.querySelector("label"));
    const kept = form.querySelectorAll("input[name=earlier]");
    for (let place = 0; place < kept.length - Number(form.dataset.keep); place += 1) kept[place].remove();
  };
  const setBusy = (value) => {
    busy = value;
    if (value) ask.setAttribute("aria-disabled", "true"); else ask.removeAttribute("aria-disabled");
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    const mine = round;
    const fields = new URLSearchParams(new FormData(form, event.submitter));
    const typed = box.value;
    const waiting = note(form.dataset.waiting, "waiting");
    conversation.querySelectorAll(".unanswered").forEach((one) => one.remove());
    conversation.append(waiting);
    said.textContent = "";
    let turn = null;
    try {
      const response = await fetch(form.dataset.turn, { method: "POST", body: fields });
      turn = turnFrom(await response.text());
      if (turn && !response.ok) turn.classList.add("unanswered");
    } catch { /* told below */ }
    if (mine !== round) return;
    waiting.remove();
    const answered = turn && !turn.classList.contains("unanswered");
    const shown = turn || note(form.dataset.notReached, "error unanswered");
    conversation.append(shown);
    if (answered) {
      const examples = document.getElementById("examples");
      if (examples) examples.remove();
      remember(turn.dataset.question);
      if (box.value === typed) box.value = ""; // whoever types the next question meanwhile keeps it
    }
    said.textContent = turn ? turn.dataset.said : form.dataset.notReached;
    shown.scrollIntoView({ block: "start" });
    box.focus({ preventScroll: true });
    setBusy(false);
  });

  // Enter asks, as in other chats; Shift and Enter begin a new line. While letters are being composed it does neither.
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit(ask);
  });

  document.getElementById("start-again").addEventListener("click", (event) => {
    event.preventDefault();
    round += 1;
    setBusy(false);
    conversation.replaceChildren();
    form.querySelectorAll("input[name=earlier]").forEach((one) => one.remove());
    box.value = "";
    try {
      for (const name of Object.keys(sessionStorage)) if (name.startsWith("coproduce.")) sessionStorage.removeItem(name);
    } catch { /* a frame of another site's page has no storage */ }
    said.textContent = form.dataset.cleared;
    box.focus();
  });
})();
