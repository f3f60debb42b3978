// Tries, on this device, what a session needs: a cookie that is kept, a question that is answered, and a stream.
(() => {
  "use strict";
  const ROOT = new URL(document.currentScript.src).pathname.replace(/\/files\/[^/]*$/, "");
  const tell = (what, words) => { document.querySelector(`[data-try="${what}"] strong`).textContent = words; };
  const live = document.querySelector("[data-live]");
  const post = async (what) => {
    const reply = await fetch(`${ROOT}/room/check/${what}`, { method: "POST", headers: { Accept: "application/json" }, body: new URLSearchParams({ try: "1" }) });
    const said = await reply.json();
    if (!reply.ok) throw new Error(said.error);
    return said;
  };
  const run = async (what, trial) => {
    try { tell(what, await trial()); } catch (error) { tell(what, `does not work. ${error.message || ""}`); }
  };
  const stream = () => new Promise((done, failed) => {
    const source = new EventSource(`${ROOT}/room/check/stream`);
    const late = setTimeout(() => { source.close(); failed(new Error("Nothing came within ten seconds. Pages then ask every few seconds instead.")); }, 10000);
    source.onmessage = (event) => { if (event.data === "3") { clearTimeout(late); source.close(); done("works"); } };
  });
  (async () => {
    await run("join", async () => { await post("join"); return "works"; });
    await run("ask", async () => { const said = await post("ask"); return `works: an answer with ${said.quotations} quotations`; });
    await run("live", stream);
    live.textContent = document.querySelector("[data-check]").textContent.replace(/\s+/g, " ");
  })();
})();
