"""Read the XML of Word by the names of its elements, whichever of its two name spaces a file uses."""

from collections.abc import Iterator

from lxml import etree

#: What Word calls false.
OFF = ("0", "false", "off", "none")


def local(element: etree._Element) -> str:
    """Give an element's name without its name space; nothing for what is no element."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """Give the elements of a name directly inside another."""
    return (one for one in element if local(one) == name)


def child(element: etree._Element | None, *path: str) -> etree._Element | None:
    """Give the first element down a path of names."""
    for name in path:
        if element is None:
            return None
        element = next(children(element, name), None)
    return element


def value_of(element: etree._Element | None, name: str = "val") -> str:
    """Give an attribute by its name without a name space; nothing where there is none."""
    if element is None:
        return ""
    for key, value in element.attrib.items():
        if str(key).rpartition("}")[2] == name:
            return str(value)
    return ""


def number_of(element: etree._Element | None, name: str = "val") -> int:
    """Give an attribute as a whole number; 0 where it is none."""
    try:
        return int(float(value_of(element, name)))
    except (ValueError, OverflowError):
        return 0


def is_on(element: etree._Element | None) -> bool:
    """Tell whether a switch is there and not switched off."""
    return element is not None and value_of(element) not in OFF
