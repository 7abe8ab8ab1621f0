from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.page.markdown import markdown
from bot.sandbox.page.mrkdwn import Names, mrkdwn, plain_text, text_object

NAMES = Names(users={"U1": "Ana Costa", "U2": "Ben <b>"}, channels={"C1": "captions-demo"}, viewer="U1")


def shown(text: str) -> str:
    html = mrkdwn(text, NAMES)
    return html.removeprefix('<div class="lines">').removesuffix("</div>")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*bold* and _italic_ and ~gone~", "<strong>bold</strong> and <em>italic</em> and <s>gone</s>"),
        ("_*both*_", "<em><strong>both</strong></em>"),
        ("(*bold*), *bold*: ok", "(<strong>bold</strong>), <strong>bold</strong>: ok"),
        ("`~3 min` stays", "<code>~3 min</code> stays"),
        ("*see `a*b` here*", "<strong>see <code>a*b</code> here</strong>"),
    ],
)
def test_markers_at_the_edges_of_words_format(text: str, html: str) -> None:
    assert shown(text) == html


@pytest.mark.parametrize(
    "text",
    ["a*b*c", "file_name_x", "2*3*4", "* not bold *", "~3 min", "10:30:45", "*two\nlines*", "a * b", "**"],
)
def test_markers_inside_words_stay_as_they_are(text: str) -> None:
    assert shown(text) == text.replace("\n", "<br>")


def test_entities_are_undone_once_and_escaped_once() -> None:
    assert shown("a &lt;i&gt; &amp;amp; &amp;lt;") == "a &lt;i&gt; &amp;amp; &amp;lt;"
    assert shown("<https://x.test/?a=1&amp;b=2|Tom &amp; Ben>") == (
        '<a href="https://x.test/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">Tom &amp; Ben</a>'
    )


@pytest.mark.parametrize(
    "text",
    [
        "```<script>alert(1)</script>```",
        "```1\n00:00 --&gt; 00:02\n&lt;i&gt;Hello&lt;/i&gt; <img src=x onerror=alert(1)>```",
        "`<b>`",
        '<https://x.test/"onmouseover=alert(1)|<script>>',
        "<@U2>",
        "*<u>*",
        "<!date^1^{date}|<img src=x>>",
        "<#C9|<b>>",
    ],
)
def test_nothing_written_becomes_markup(text: str) -> None:
    tags = set(re.findall(r"<([a-z0-9]+)", mrkdwn(text, NAMES)))
    assert tags <= {"pre", "code", "div", "a", "span", "strong", "br", "time"}
    assert '"onmouseover' not in mrkdwn(text, NAMES)


@pytest.mark.parametrize("text", ["<|label>", "<|>", "<@>", "<!|x>"])
def test_brackets_around_nothing_stay_text(text: str) -> None:
    assert shown(text) == text.replace("<", "&lt;").replace(">", "&gt;")


@given(st.text(alphabet="<>&;*_~`|@#!:/\n x\"'lt", max_size=60))
def test_no_text_whatever_makes_an_unknown_element(text: str) -> None:
    for html in (mrkdwn(text, NAMES), markdown(text), plain_text(text)):
        assert set(re.findall(r"<([^ >/]+)", html)) <= {
            *("pre", "code", "div", "a", "span", "strong", "em", "s", "br", "blockquote"),
            *("ul", "ol", "li", "p", "hr"),
        }


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//evil.test", "file:///etc", "http://["]
)
def test_only_web_and_mail_addresses_become_links(url: str) -> None:
    html = mrkdwn(f"<{url}|press>", NAMES)
    assert "href" not in html
    assert "press" in html
    assert 'href="mailto:a@b.test"' in mrkdwn("<mailto:a@b.test|mail>", NAMES)


def test_an_address_with_a_control_character_is_not_followed() -> None:
    assert "href" not in mrkdwn("<java\tscript:alert(1)|x>", NAMES)


def test_bare_addresses_are_linked_without_the_full_stop() -> None:
    assert shown("See https://x.test/a?b=1&amp;c=2.") == (
        'See <a href="https://x.test/a?b=1&amp;c=2" target="_blank" rel="noopener noreferrer">'
        "https://x.test/a?b=1&amp;c=2</a>."
    )
    assert "<strong><a" in shown("*https://x.test*")
    assert "<a" not in mrkdwn("https://x.test", NAMES, verbatim=True)


def test_mentions_are_names_and_the_reader_stands_out() -> None:
    assert shown("<@U1>") == '<span class="mention me">@Ana Costa</span>'
    assert shown("<@U2>") == '<span class="mention">@Ben &lt;b&gt;</span>'
    assert shown("<@U9|carl>") == '<span class="mention">@carl</span>'
    assert shown("<#C1>") == '<span class="mention">#captions-demo</span>'
    assert shown("<!here>") == '<span class="mention me">@here</span>'
    assert shown("<!subteam^S1|@video>") == '<span class="mention">@video</span>'


def test_a_date_carries_its_moment_for_the_browser() -> None:
    html = shown("<!date^1700000000^{date_short} {time}^https://x.test|14 Nov 2023>")
    assert 'data-unix="1700000000"' in html
    assert 'data-format="{date_short} {time}"' in html
    assert ">14 Nov 2023</time></a>" in html
    assert shown("<!date^99999999999999999^{date}|some day>") == "some day"
    assert shown("<!date^1700000000^{time}|>").endswith("2023-11-14T22:13:20+00:00</time>")


def test_quotes_and_code_blocks_are_blocks() -> None:
    assert mrkdwn("before\n&gt; one\n&gt; two\nafter", NAMES) == (
        '<div class="lines">before</div><blockquote>one<br>two</blockquote><div class="lines">after</div>'
    )
    assert mrkdwn("&gt;&gt;&gt; all\nthe rest", NAMES) == "<blockquote>all<br>the rest</blockquote>"
    assert mrkdwn("see\n```\ncode *here*\n```\nend", NAMES) == (
        '<div class="lines">see<br></div><pre><code>code *here*</code></pre><div class="lines">end</div>'
    )


def test_emoji_are_signs_with_names_and_unknown_ones_stay_text() -> None:
    assert 'aria-label="white check mark"' in shown(":white_check_mark: done")
    assert shown(":no_such_emoji:") == ":no_such_emoji:"
    assert "🎬" in plain_text("a :clapper:\nb")
    assert plain_text(":clapper:", with_emoji=False) == ":clapper:"


def test_plain_text_formats_nothing() -> None:
    assert (
        text_object({"type": "plain_text", "text": "*a* <@U1> &amp;"}, NAMES) == "*a* &lt;@U1&gt; &amp;amp;"
    )
    assert text_object(None, NAMES) == ""
    assert "<strong>" in text_object({"type": "mrkdwn", "text": "*a*"}, NAMES)


def test_a_long_line_of_markers_is_read_in_no_time() -> None:
    assert mrkdwn("*a " * 13_000, NAMES).count("*") == 13_000


def test_markdown_draws_the_common_part() -> None:
    html = markdown(
        "# Title\n**bold** *it* ~~no~~ `c` [x](https://x.test) [y](javascript:a)\n- one\n- two\n1. first\n"
        "> q\n---\n\nnext\nhttps://x.test/a.\n\n```py\n<i>\n```"
    )
    for part in (
        '<p class="heading-1"><strong>Title</strong></p>',
        "<strong>bold</strong> <em>it</em> <s>no</s> <code>c</code>",
        "<ul><li>one</li><li>two</li></ul><ol><li>first</li></ol><blockquote>q</blockquote><hr>",
        "<pre><code>&lt;i&gt;</code></pre>",
        '<p>next<br><a href="https://x.test/a"',
    ):
        assert part in html
    assert "javascript:" not in html
