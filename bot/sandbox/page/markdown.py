"""The `markdown` block: the common part of Markdown, as HTML.

https://docs.slack.dev/reference/block-kit/blocks/markdown-block
"""

from __future__ import annotations

import re

from bot.sandbox.page.html import Html, escape, join, link, tag

_FENCE = re.compile(r"^```[^\n]*\n(.*?)(?:\n```[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"(#{1,6})\s+(.*)")
_BULLET = re.compile(r"\s*[-*+]\s+(.*)")
_NUMBER = re.compile(r"\s*\d+[.)]\s+(.*)")
_RULE = re.compile(r"\s*(?:-{3,}|\*{3,}|_{3,})\s*")
_SPAN = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|\[(?P<label>[^\]\n]*)\]\((?P<url>[^()\s]+)\)"
    r"|\*\*(?P<bold>(?=\S)[^\n]+?(?<=\S))\*\*"
    r"|~~(?P<strike>(?=\S)[^\n]+?(?<=\S))~~"
    r"|(?<![A-Za-z0-9_*])(?P<mark>[*_])(?P<italic>(?=\S)[^\n]+?(?<=\S))(?P=mark)(?![A-Za-z0-9_*])"
    r"|(?<![A-Za-z0-9])(?P<bare>https?://[^\s<>`]+[^\s<>`.,;:!?)'\"*_~])"
)


def markdown(text: str) -> Html:
    """Return Markdown as HTML; HTML written inside it is shown, never obeyed."""
    parts = []
    for index, part in enumerate(_FENCE.split(text)):
        if index % 2:
            parts.append(tag("pre", tag("code", part)))
        else:
            parts += [_paragraph(piece) for piece in re.split(r"\n\s*\n", part) if piece.strip()]
    return tag("div", *parts, class_="markdown")


def _paragraph(text: str) -> Html:
    out: list[Html] = []
    lines = text.strip("\n").split("\n")
    while lines:
        taken, html = _run(lines)
        out.append(html)
        lines = lines[taken:]
    return join(out)


def _run(lines: list[str]) -> tuple[int, Html]:
    """Return how many leading lines belong together, and what they are."""
    if _RULE.fullmatch(lines[0]):
        return 1, tag("hr")
    if heading := _HEADING.fullmatch(lines[0]):
        return 1, tag("p", tag("strong", _spans(heading[2])), class_=f"heading-{len(heading[1])}")
    for pattern, name in ((_BULLET, "ul"), (_NUMBER, "ol")):
        if items := _leading(lines, pattern):
            return len(items), tag(name, *(tag("li", _spans(item)) for item in items))
    if lines[0].startswith(">"):
        quoted = _leading(lines, re.compile(r">\s?(.*)"))
        return len(quoted), tag("blockquote", _broken(quoted))
    plain = [lines[0]]
    for line in lines[1:]:
        if any(pattern.match(line) for pattern in (_HEADING, _BULLET, _NUMBER, _RULE)) or line.startswith(
            ">"
        ):
            break
        plain.append(line)
    return len(plain), tag("p", _broken(plain))


def _leading(lines: list[str], pattern: re.Pattern[str]) -> list[str]:
    taken = []
    for line in lines:
        found = pattern.fullmatch(line)
        if found is None:
            break
        taken.append(found[1])
    return taken


def _broken(lines: list[str]) -> Html:
    return Html(tag("br").join(_spans(line) for line in lines))


def _spans(text: str) -> Html:
    parts: list[str | Html] = []
    position = 0
    for found in _SPAN.finditer(text):
        parts += [text[position : found.start()], _span(found)]
        position = found.end()
    parts.append(text[position:])
    return join(parts)


def _span(found: re.Match[str]) -> Html:
    if found["code"] is not None:
        return tag("code", found["code"])
    if found["url"] is not None:
        return link(found["url"], _spans(found["label"]) or escape(found["url"]))
    if found["bold"] is not None:
        return tag("strong", _spans(found["bold"]))
    if found["strike"] is not None:
        return tag("s", _spans(found["strike"]))
    if found["italic"] is not None:
        return tag("em", _spans(found["italic"]))
    return link(found["bare"], found["bare"])
