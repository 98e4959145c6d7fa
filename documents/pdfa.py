"""PDF/A-3a (ISO 19005-3) and PDF/UA-1 (ISO 14289-1) in one file.

WeasyPrint's `pdf_variant` takes one name, so a variant of our own writes both identifications, with the extension
schema that PDF/A asks for any property outside its predefined schemas (ISO 19005-3, 6.6.2.3.3), into the single
rdf:RDF. In a second rdf:RDF pyHanko would drop them when sealing.
"""

from __future__ import annotations

import io
from importlib.resources import files
from typing import Any
from xml.etree import ElementTree

import pydyf  # type: ignore[import-untyped]  # ships no types
from weasyprint.css import ColorProfile
from weasyprint.pdf import VARIANTS

VARIANT = "pdf/a-3a+ua-1"
OUTPUT_INTENT = "carimbo-srgb"
_RDF_END = b"</rdf:RDF>"
_UA = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<pdfuaid:part>1</pdfuaid:part></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 that the file follows</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"""
_HEADER = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'.encode()
_FOOTER = b'\n</x:xmpmeta>\n<?xpacket end="r"?>'


def color_profiles() -> dict[str, ColorProfile]:
    """The sRGB profile of WeasyPrint, read by us: by its own name WeasyPrint leaves the file open at each page."""
    icc = (files("weasyprint.pdf") / "sRGB2014.icc").read_bytes()
    profile = ColorProfile(io.BytesIO(icc), "sRGB2014.icc", "relative-colorimetric", (["r"], ["g"], ["b"]))
    return {OUTPUT_INTENT: profile}


def xmp_packet(metadata: Any) -> bytes:
    """The document's XMP with both marks; `metadata` is WeasyPrint's DocumentMetadata."""
    rdf: bytes = metadata.generate_rdf_metadata("a", 3, "A")
    if rdf.count(_RDF_END) != 1:
        raise ValueError("unexpected XMP from WeasyPrint")
    packet = _HEADER + rdf.replace(_RDF_END, _UA + _RDF_END) + _FOOTER
    ElementTree.fromstring(packet)  # noqa: S314 - our own bytes, parsed only to prove them well formed
    return packet


def _both(pdf: Any, document: Any, _page_streams: Any, attachments: Any, _compress: bool) -> None:
    """The variant function WeasyPrint calls last: marks the file. Attachments are none by construction."""
    if attachments:
        raise ValueError("official documents carry no attachment")
    for entry in pdf.objects:
        if isinstance(entry, dict) and entry.get("Type") == "/Annot":
            entry["F"] = 4  # Print, and neither Hidden nor Invisible (ISO 19005-3, 6.3.2)
    _boxes_in_points(pdf.objects, max(page.height for page in document.pages))
    metadata = pydyf.Stream([xmp_packet(document.metadata)], {"Type": "/Metadata", "Subtype": "/XML"}, compress=False)
    pdf.add_object(metadata)
    pdf.catalog["Metadata"] = metadata.reference


def _boxes_in_points(objects: Any, page_height: float) -> None:
    """WeasyPrint writes a Figure's BBox in CSS pixels from the top; ISO 32000-1 (14.8.5.4.3) wants user space."""
    for entry in objects:
        if isinstance(entry, dict) and entry.get("S") == "/Figure" and "A" in entry:
            left, top, right, bottom = entry["A"]["BBox"]
            corners = (left, page_height - bottom, right, page_height - top)
            entry["A"]["BBox"] = pydyf.Array([round(corner * 0.75, 3) for corner in corners])


VARIANTS[VARIANT] = (
    _both,
    {"pdf_version": "1.7", "pdf_identifier": True, "output_intent": OUTPUT_INTENT, "pdf_tags": True},
)
