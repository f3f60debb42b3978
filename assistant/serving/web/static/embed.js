// Asks without loading the page again, says once that the answer is there, and gives the question box back its focus.
// Without this file the same form works: the server writes the whole page.
(() => {
  "use strict";
  const form = document.getElementById("asking");
  const box = document.getElementById("question");
  const ask = document.getElementById("ask");
  const said = document.getElementById("said");
  const conversation = document.getElementById("conversation");
  // A frame that its host has sandboxed belongs to no site, and may not read what it fetches: there the form is sent as
  // any other, and the server writes the whole page.
  const alone = window.origin === "null";
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

  // Within the frame only: a browser would scroll the page around it too.
  const showFrom = (element) => {
    const top = element.getBoundingClientRect().top + window.scrollY;
    window.scrollTo({ top: Math.max(0, top - 8), behavior: "instant" });
  };

  form.addEventListener("submit", async (event) => {
    if (alone) return;
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
    document.body.classList.add("talking");
    showFrom(shown);
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
    if (alone) return;
    event.preventDefault();
    document.body.classList.remove("talking");
    round += 1;
    setBusy(false);
    conversation.replaceChildren();
    form.querySelectorAll("input[name=earlier]").forEach((one) => one.remove());
    box.value = "";
    try {
      for (const name of Object.keys(sessionStorage)) if (name.startsWith("coproduce.")) sessionStorage.removeItem(name);
    } catch { /* a frame of another site's page has no storage */ }
    said.textContent = form.dataset.cleared;
    box.focus({ preventScroll: true });
  });

  // Sites that may show this frame are told how high it would have to be for nothing in it to be scrolled. No others.
  if (window.parent === window) return;
  const parents = form.dataset.hosts.split(" ").filter(Boolean);
  const known = window.location.ancestorOrigins ? [...window.location.ancestorOrigins].slice(0, 1) : null;
  const told = known ? parents.filter((origin) => known.includes(origin)) : parents;
  let height = 0;
  const tell = () => {
    const now = Math.ceil(document.getElementById("whole").getBoundingClientRect().height + 2 * parseFloat(getComputedStyle(document.body).paddingTop));
    if (now === height) return;
    height = now;
    for (const origin of told) window.parent.postMessage({ type: "coproduce:height", height }, origin);
  };
  new ResizeObserver(tell).observe(document.getElementById("whole"));
})();
