// The conversation inside Gradio: what Python gives is handed to the page (chat.js), and what the page asks to Python.
const LOST_MS = 2000; // what Gradio has not taken up by then it never will: it has lost the server
const say = (name, detail) => document.dispatchEvent(new CustomEvent(`coproduce:${name}`, { detail }));

export default function conversation(target, { shared_props: gradio }) {
  const { id, dispatcher, register_component, unregister_component } = gradio;
  const places = ["earlier", "newest"].map((name) => Object.assign(document.createElement("div"), { id: name }));
  target.append(...places);
  // Gradio's own main part holds the conversation alone; that of the page holds its box too.
  target.closest("main.contain")?.setAttribute("role", "none");

  // Gradio answers one question at a time: the next waits here until it has closed the one before.
  let asked = null;
  let waiting = null;
  const ask = (question) => {
    if (asked) { waiting = question; return; }
    const mine = asked = { question, begun: false };
    dispatcher(id, "submit", question);
    setTimeout(() => { if (asked === mine && !mine.begun) ended(); }, LOST_MS);
  };
  const ended = () => {
    if (!asked) return;
    const { question } = asked;
    asked = null;
    say("ended", question);
    if (!waiting) return;
    const next = waiting;
    waiting = null;
    ask(next);
  };
  let over = false; // Gradio tells of the last value once more as it closes the question
  const told = ({ value, loading_status: { status } = {} }) => {
    if (value && !(over && value.answered)) say("drawn", value);
    if (value) over = Boolean(value.answered);
    if (!asked) return;
    if (status === "pending" || status === "generating") asked.begun = true;
    else if (asked.begun && (status === "complete" || status === "error")) {
      asked.begun = false;
      setTimeout(ended, 0); // Gradio closes it after telling of it
    }
  };
  const onAsk = ({ detail }) => ask(detail);
  const onClear = ({ detail }) => {
    waiting = null;
    dispatcher(id, "clear", detail);
    const mine = asked; // Gradio is told to stop it, and may yet wait for a server that is gone
    setTimeout(() => { if (mine && asked === mine) ended(); }, LOST_MS);
  };
  document.addEventListener("coproduce:ask", onAsk);
  document.addEventListener("coproduce:clear", onClear);
  register_component(id, told, async () => ({ value: null }));
  setTimeout(() => say("joined"), 0);

  return { leave() {
    document.removeEventListener("coproduce:ask", onAsk);
    document.removeEventListener("coproduce:clear", onClear);
    unregister_component(id, told);
    for (const place of places) place.remove();
  } };
}
