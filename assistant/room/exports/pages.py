"""Write an activity as one HTML file that works offline, and the same in a SCORM 1.2 package."""

import io
import zipfile
from typing import Any
from xml.etree import ElementTree as ET

from markupsafe import Markup

from assistant.quoting.visible import in_one_line
from assistant.room.activities import VIEWS, card_key, hides_sections, hides_speakers, options_of, prompts_of
from assistant.room.exports.paper import TEMPLATES, environment, hash_of, with_lines
from assistant.room.exports.sheets import whose
from assistant.room.plan import Step
from assistant.room.quotes import Quotes

PAGE = "index.html"
_IMSCP = "http://www.imsproject.org/xsd/imscp_rootv1p1p2"
_ADLCP = "http://www.adlnet.org/xsd/adlcp_rootv1p2"
#: A fixed time, so that the same activity is the same file.
_WHEN = (2000, 1, 1, 0, 0, 0)


def write_page(step: Step, quotes: Quotes) -> str:
    """Write a step as a page. It is played without points; where a card is from is folded away until it is opened."""
    style, script = ((TEMPLATES / name).read_text(encoding="utf-8") for name in ("activity.css", "activity.js"))
    prompts = {prompt.key: prompt for prompt in prompts_of(step)}
    cuts = {span: quotes.find(span) for span in step.spans}
    cards: list[dict[str, Any]] = []
    for number, card in enumerate(step.cards):
        cut, prompt = cuts[card.span], prompts.pop(card_key(number), None)
        hidden = hides_speakers(step) or hides_sections(step)
        cards.append(
            {
                "words": cut.words,
                "by": "" if hidden else cut.attribution,
                "options": list(options_of(prompt).items()) if prompt else [],
                "asked": prompt.label if prompt else "",
                "key": card_key(number),
                "told": cut.attribution if hidden else "",
                "number": number + 1,
            }
        )
    sides = [
        (name, [{"words": cuts[span].words, "by": cuts[span].attribution, "options": [], "told": ""} for span in side])
        for name, side in zip(VIEWS, step.sides, strict=False)
    ]
    return environment.get_template("activity.html").render(
        policy=(
            f"default-src 'none'; style-src '{hash_of(style)}'; script-src '{hash_of(script)}'; "
            "base-uri 'none'; form-action 'none'"
        ),
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        step=step,
        whose=whose(step),
        groups=[("", cards), *sides],
        prompts=list(prompts.values()),
        read=[cuts[span] for span in step.read],
        references=list(dict.fromkeys(cut.reference for cut in cuts.values())),
        line=in_one_line,
        lines=with_lines,
    )


def write_scorm(step: Step, quotes: Quotes) -> bytes:
    """Write a step as a SCORM 1.2 package: its manifest and the page."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, written in (("imsmanifest.xml", _manifest(step)), (PAGE, write_page(step, quotes).encode())):
            package.writestr(zipfile.ZipInfo(name, _WHEN), written, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _manifest(step: Step) -> bytes:
    ET.register_namespace("", _IMSCP)
    ET.register_namespace("adlcp", _ADLCP)
    root = ET.Element(f"{{{_IMSCP}}}manifest", {"identifier": f"coproduce-{step.id}", "version": "1.0"})
    about = ET.SubElement(root, f"{{{_IMSCP}}}metadata")
    ET.SubElement(about, f"{{{_IMSCP}}}schema").text = "ADL SCORM"
    ET.SubElement(about, f"{{{_IMSCP}}}schemaversion").text = "1.2"
    organizations = ET.SubElement(root, f"{{{_IMSCP}}}organizations", {"default": "all"})
    organization = ET.SubElement(organizations, f"{{{_IMSCP}}}organization", {"identifier": "all"})
    ET.SubElement(organization, f"{{{_IMSCP}}}title").text = in_one_line(step.title)
    item = ET.SubElement(organization, f"{{{_IMSCP}}}item", {"identifier": "item", "identifierref": "page"})
    ET.SubElement(item, f"{{{_IMSCP}}}title").text = in_one_line(step.title)
    resources = ET.SubElement(root, f"{{{_IMSCP}}}resources")
    resource = ET.SubElement(
        resources,
        f"{{{_IMSCP}}}resource",
        {"identifier": "page", "type": "webcontent", "href": PAGE, f"{{{_ADLCP}}}scormtype": "sco"},
    )
    ET.SubElement(resource, f"{{{_IMSCP}}}file", {"href": PAGE})
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))
