"""Under which names the server answers: a page of another site can point its own name at this computer.

Such a page ("DNS rebinding") would count as ours in the browser. The browser still sends the name in `Host`.
"""

import ipaddress
from urllib.parse import urlsplit

from assistant.serving.web.rooms.network import is_own_name
from assistant.settings import Settings


def may_be_reached_as(settings: Settings, host: str) -> bool:
    """Tell whether a request with this `Host` header is answered.

    This computer's own names always are, and those of the setting `hosts`. Where that is empty, and the server
    listens for other computers too, any name is: whoever opened it may have given it any.
    """
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    if _is_of_this_computer(name) or name in settings.hosts:
        return True
    if settings.room:  # people are invited in, so nothing but what was printed for them is answered
        return not _is_of_this_computer(settings.host) and is_own_name(name)
    return not settings.hosts and not _is_of_this_computer(settings.host)


def _is_of_this_computer(name: str) -> bool:
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
