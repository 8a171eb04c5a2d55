"""The gateway's formats: XML requests and answers, notification forms, signatures."""

import hashlib
from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

XML = "text/xml; charset=utf-8"


class MalformedError(Exception):
    """What was sent is not the XML that belongs here."""


def parse(body: bytes, root: str) -> Element:
    """The document, if it is one of that kind."""
    try:
        element: Element = fromstring(body)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise MalformedError("not readable as XML") from error
    if element.tag != root:
        raise MalformedError(f"not a {root}")
    return element


def text(element: Element, path: str) -> str:
    """The text at that place, empty if there is none."""
    return (element.findtext(path) or "").strip()


def payment_response(fields: Mapping[str, str]) -> bytes:
    """One transaction, or one error."""
    return _document(_element("payment_response", fields))


def error_response(code: int, message: str) -> bytes:
    """What the gateway says when there is no transaction."""
    fields = {"status": "error", "code": str(code), "technical_message": message}
    return payment_response({**fields, "message": message})


def chargeback_responses(
    items: Sequence[Mapping[str, str]], *, page: int, per_page: int, total: int
) -> bytes:
    """One page of chargebacks."""
    pages = -(-total // per_page)
    root = Element(
        "chargeback_responses",
        page=str(page),
        per_page=str(per_page),
        total_count=str(total),
        pages_count=str(pages),
    )
    for item in items:
        root.append(_element("chargeback_response", item))
    return _document(root)


def signature(signed_id: str, password: str, algorithm: str) -> str:
    """What a notification is signed with."""
    return hashlib.new(algorithm, f"{signed_id}{password}".encode()).hexdigest()


def echoes(answer: bytes, name: str, signed_id: str) -> bool:
    """Whether an answer is the echo of that notification."""
    try:
        return text(parse(answer, "notification_echo"), name) == signed_id
    except MalformedError:
        return False


def _element(tag: str, fields: Mapping[str, str]) -> Element:
    element = Element(tag)
    for name, value in fields.items():
        SubElement(element, name).text = value
    return element


def _document(root: Element) -> bytes:
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document
